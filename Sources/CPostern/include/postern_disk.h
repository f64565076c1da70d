// SPDX-License-Identifier: MIT
#ifndef POSTERN_DISK_H
#define POSTERN_DISK_H
// Disk calls that Swift cannot import, and the checksum of everything the queue writes.
// Calls answer 0, or an errno value; descriptors are close-on-exec.
#include <dirent.h>
#include <stddef.h>
#include <stdint.h>

/// A file without a name in `folder` (O_TMPFILE), readable and writable; gone with its last descriptor.
int postern_open_unnamed(const char *folder, unsigned mode, int *descriptor);

/// Gives an unnamed file its name. EEXIST when the name is taken.
int postern_link_unnamed(int descriptor, const char *path);

/// Makes the file `octets` long, every block allocated, so that writing inside it never lacks space.
int postern_preallocate(int descriptor, uint64_t octets);

/// An exclusive lock that belongs to the open file (flock): the last close releases it, and a process's death.
/// EWOULDBLOCK when another holds it and `waiting` is 0.
int postern_lock(int descriptor, int waiting);

/// Gives that lock up before the file is closed.
void postern_unlock(int descriptor);

/// The name in a folder's entry; NULL for NULL.
const char *postern_entry_name(const struct dirent *entry);

/// CRC32C (Castagnoli), going on from `crc` (0 at first); by the instruction where the processor has SSE4.2.
uint32_t postern_crc32c(uint32_t crc, const void *bytes, size_t octets);

/// The same by table, for processors without the instruction and for the test that compares both.
uint32_t postern_crc32c_by_table(uint32_t crc, const void *bytes, size_t octets);
#endif
