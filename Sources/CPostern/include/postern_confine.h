// SPDX-License-Identifier: MIT
#ifndef POSTERN_CONFINE_H
#define POSTERN_CONFINE_H
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

// Every function returns 0 (or what its comment says) on success and a negative errno on failure.

/// From here on no exec gains rights, and an unprivileged process may install filters.
int postern_no_new_privileges(void);
/// No core file, and no other process of the same user may trace this one or read its memory.
int postern_forbid_dumps(void);
/// Sets real, effective and saved ids; supplementary groups become just `gid`.
int postern_set_ids(uid_t uid, gid_t gid);
/// Sets soft and hard limit, or leaves a lower one. `resource` is one of the POSTERN_LIMIT_ values.
int postern_set_limit(int resource, uint64_t value);

enum {
    POSTERN_LIMIT_CORE_OCTETS,
    POSTERN_LIMIT_ADDRESS_SPACE_OCTETS,
    POSTERN_LIMIT_PROCESSES,
    POSTERN_LIMIT_FILE_OCTETS,
    POSTERN_LIMIT_OPEN_FILES,
};

/// Landlock's version in this kernel, 1 or more.
int postern_landlock_version(void);
/// A ruleset that governs every file access the kernel's version knows, and, where asked and known (version 4
/// and 6), TCP and abstract sockets and signals to processes outside. Returns its descriptor.
int postern_landlock_create(bool denies_tcp, bool isolates);
/// Allows reading below `path`, and, with `writes`, everything but executing and making devices.
int postern_landlock_allow(int ruleset, const char *path, bool writes);
/// Binds the calling thread and its later children. Closes nothing.
int postern_landlock_enforce(int ruleset);

/// What a system call filter refuses. Refused calls fail with EPERM; clone3 always fails with ENOSYS where
/// new processes are refused, because its flags lie in memory that a filter can't read: the C library then
/// uses clone.
enum {
    /// What no process of a mail gateway needs: tracing, mounting, modules, BPF, namespaces, keys, io_uring
    /// ...
    POSTERN_REFUSE_SYSTEM = 1,
    /// execve, execveat.
    POSTERN_REFUSE_EXEC = 2,
    /// fork, vfork, and clone without CLONE_THREAD.
    POSTERN_REFUSE_PROCESSES = 4,
    /// Sockets of every family but AF_UNIX.
    POSTERN_REFUSE_NETWORK = 8,
    /// Signals to any process but this one.
    POSTERN_REFUSE_SIGNALS = 16,
    /// Everything that isn't on a short list for computing on open descriptors and files: no socket at all,
    /// no connect, no bind, no thread, no memfd. A call that is on neither list fails with ENOSYS.
    POSTERN_REFUSE_UNLISTED = 32,
};
/// Applies to every thread of the process (TSYNC). `self` is the process's own id, for
/// POSTERN_REFUSE_SIGNALS.
int postern_filter_calls(uint32_t refusals, pid_t self);
#endif
