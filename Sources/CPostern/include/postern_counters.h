// SPDX-License-Identifier: MIT
#ifndef POSTERN_COUNTERS_H
#define POSTERN_COUNTERS_H
#include <stdint.h>
// Counters live in memory that several processes map; Swift's own atomics can't be placed there.
static inline void postern_counter_add(uint64_t *counter, uint64_t amount) {
    __atomic_fetch_add(counter, amount, __ATOMIC_RELAXED);
}
static inline void postern_counter_set(uint64_t *counter, uint64_t value) {
    __atomic_store_n(counter, value, __ATOMIC_RELAXED);
}
static inline uint64_t postern_counter_read(const uint64_t *counter) {
    return __atomic_load_n(counter, __ATOMIC_RELAXED);
}
#endif
