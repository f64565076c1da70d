// SPDX-License-Identifier: MIT
#ifndef CCLAMAV_SHIM_H
#define CCLAMAV_SHIM_H
#include <clamav.h>
#endif
