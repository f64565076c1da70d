// SPDX-License-Identifier: MIT
#ifndef POSTERN_BYTES_H
#define POSTERN_BYTES_H
#include <stddef.h>

// Whether `needle` occurs in `bytes`: memmem(3), which is GNU's. 1 or 0; an empty needle occurs everywhere.
int postern_find(const void *bytes, size_t count, const void *needle, size_t needle_count);
#endif
