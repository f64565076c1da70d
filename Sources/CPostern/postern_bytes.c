// SPDX-License-Identifier: MIT
#include "postern_bytes.h"

#include <string.h>

int postern_find(const void *bytes, size_t count, const void *needle, size_t needle_count) {
    if (needle_count == 0) return 1;
    if (bytes == NULL || needle == NULL) return 0;
    return memmem(bytes, count, needle, needle_count) != NULL;
}
