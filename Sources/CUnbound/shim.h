// SPDX-License-Identifier: MIT
#ifndef CUNBOUND_SHIM_H
#define CUNBOUND_SHIM_H
#include <unbound.h>
#endif
