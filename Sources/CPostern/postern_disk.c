// SPDX-License-Identifier: MIT
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "postern_disk.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

int postern_open_unnamed(const char *folder, unsigned mode, int *descriptor) {
    int opened;
    do {
        opened = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, (mode_t)mode);
    } while (opened < 0 && errno == EINTR);
    if (opened < 0) return errno;
    *descriptor = opened;
    return 0;
}

int postern_link_unnamed(int descriptor, const char *path) {
    // Newer kernels allow this to the process that opened the file; older ones want the way through /proc.
    if (linkat(descriptor, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0) return 0;
    if (errno != ENOENT && errno != EPERM && errno != EINVAL) return errno;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, link, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

int postern_preallocate(int descriptor, uint64_t octets) {
    int failure;
    do {
        failure = posix_fallocate(descriptor, 0, (off_t)octets);
    } while (failure == EINTR);
    return failure;
}

int postern_lock(int descriptor, int waiting) {
    int result;
    do {
        result = flock(descriptor, LOCK_EX | (waiting ? 0 : LOCK_NB));
    } while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno;
}

void postern_unlock(int descriptor) { flock(descriptor, LOCK_UN); }

const char *postern_entry_name(const struct dirent *entry) { return entry ? entry->d_name : NULL; }

static uint32_t table[8][256];
static pthread_once_t table_once = PTHREAD_ONCE_INIT;

static void fill_table(void) {
    for (uint32_t value = 0; value < 256; value++) {
        uint32_t crc = value;
        for (int bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
        table[0][value] = crc;
    }
    for (uint32_t value = 0; value < 256; value++)
        for (int slice = 1; slice < 8; slice++)
            table[slice][value] = (table[slice - 1][value] >> 8) ^ table[0][table[slice - 1][value] & 0xFF];
}

uint32_t postern_crc32c_by_table(uint32_t crc, const void *bytes, size_t octets) {
    pthread_once(&table_once, fill_table);
    const unsigned char *at = bytes;
    crc = ~crc;
    for (; octets >= 8; octets -= 8, at += 8) {
        crc ^= (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
        crc = table[7][crc & 0xFF] ^ table[6][crc >> 8 & 0xFF] ^ table[5][crc >> 16 & 0xFF]
            ^ table[4][crc >> 24] ^ table[3][at[4]] ^ table[2][at[5]] ^ table[1][at[6]] ^ table[0][at[7]];
    }
    for (; octets > 0; octets--, at++) crc = (crc >> 8) ^ table[0][(crc ^ *at) & 0xFF];
    return ~crc;
}

#if defined(__x86_64__)
#include <nmmintrin.h>

__attribute__((target("sse4.2"))) static uint32_t crc32c_by_instruction(uint32_t crc, const void *bytes,
                                                                          size_t octets) {
    const unsigned char *at = bytes;
    uint64_t sum = (uint32_t)~crc;
    for (; octets >= 8; octets -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, sizeof word);
        sum = _mm_crc32_u64(sum, word);
    }
    uint32_t rest = (uint32_t)sum;
    for (; octets > 0; octets--, at++) rest = _mm_crc32_u8(rest, *at);
    return ~rest;
}

uint32_t postern_crc32c(uint32_t crc, const void *bytes, size_t octets) {
    return __builtin_cpu_supports("sse4.2") ? crc32c_by_instruction(crc, bytes, octets)
                                            : postern_crc32c_by_table(crc, bytes, octets);
}
#else
uint32_t postern_crc32c(uint32_t crc, const void *bytes, size_t octets) {
    return postern_crc32c_by_table(crc, bytes, octets);
}
#endif
