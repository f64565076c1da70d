// SPDX-License-Identifier: MIT
#ifndef CPOSTERN_H
#define CPOSTERN_H
// What Swift cannot import from the C library: GNU-only functions, variadic calls, control messages.
#include "postern_bytes.h"
#include "postern_counters.h"
#include "postern_confine.h"
#include "postern_process.h"
#include "postern_dispatch.h"
#include "postern_disk.h"
#endif
