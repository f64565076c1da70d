// SPDX-License-Identifier: MIT
#include "CPostern.h"
