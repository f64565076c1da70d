// SPDX-License-Identifier: MIT
#ifndef CUNISTRING_SHIM_H
#define CUNISTRING_SHIM_H
#include <stdlib.h>
#include <uninorm.h>

/* The library has this form as a variable, which Swift takes for shared mutable state. */
static inline uninorm_t postern_nfkd(void) { return UNINORM_NFKD; }
#endif
