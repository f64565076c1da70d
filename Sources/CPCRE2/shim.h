// SPDX-License-Identifier: MIT
#ifndef CPCRE2_SHIM_H
#define CPCRE2_SHIM_H
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/* One slot for code that several threads may make at once, and only one of them keeps. */
static inline pcre2_code_8 *postern_code_load(pcre2_code_8 **slot) {
    return __atomic_load_n(slot, __ATOMIC_ACQUIRE);
}

/* Returns what is in the slot afterwards: what was made, or what was there before. */
static inline pcre2_code_8 *postern_code_publish(pcre2_code_8 **slot, pcre2_code_8 *made) {
    pcre2_code_8 *before = 0;
    if (__atomic_compare_exchange_n(slot, &before, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return made;
    return before;
}
#endif
