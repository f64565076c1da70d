// SPDX-License-Identifier: MIT
#ifndef POSTERN_PROCESS_H
#define POSTERN_PROCESS_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

// Every function returns 0 (or what its comment says) on success and a negative errno on failure.

/// Starts `path` with `argv` and `envp` (each ends with NULL) in a new process; `descriptors[i]` becomes the
/// child's `3 + i`, standard input, output and error stay, every other descriptor is closed. Signals get
/// their default action and none is blocked. At most POSTERN_SPAWN_DESCRIPTORS_MAX descriptors. Returns the
/// process id.
pid_t postern_spawn(
    const char *path, char *const argv[], char *const envp[], const int descriptors[], size_t count);
enum { POSTERN_SPAWN_DESCRIPTORS_MAX = 64 };

/// fork(2), which the Swift overlay withholds: only for a process with one thread. Returns 0 in the child.
pid_t postern_fork(void);
/// The kernel kills this process when its parent ends. -ESRCH if `parent` is no longer the parent already.
int postern_die_with(pid_t parent);
/// CPU time of a process in nanoseconds, so that a watchdog can read it, or a negative errno.
int64_t postern_cpu_time(pid_t process);

/// A descriptor from which the given signals can be read, once each is blocked for the calling thread.
int postern_signal_descriptor(const int signals[], size_t count);
/// Reads one signal; 0 if none is pending.
int postern_next_signal(int descriptor);
/// Unblocks every signal and gives those in `signals` their default action: for a child after a fork.
int postern_reset_signals(const int signals[], size_t count);

/// A file in memory that has no name in any folder. Returns its descriptor.
int postern_memory_file(const char *name);
/// Nobody, its maker included, changes content or size of a memory file from now on.
int postern_seal(int descriptor);
/// 1 if content and size of the file can't change any more, else 0.
int postern_is_sealed(int descriptor);

/// Sends `count` bytes and, with the first of them, a descriptor; -1 for none. Never raises SIGPIPE. Returns
/// bytes.
ssize_t postern_send(int socket, const void *bytes, size_t count, int descriptor);
/// Receives at most `count` bytes; `*descriptor` gets the first descriptor that came with them (close on
/// exec), or -1; further ones are closed. Returns bytes, 0 at the end of the stream.
ssize_t postern_receive(int socket, void *bytes, size_t count, int *descriptor);
/// A pipe: `ends[0]` is read, `ends[1]` written; both close on exec.
int postern_pipe(int ends[2]);
/// Accepts a connection, close on exec. -EAGAIN where another worker was faster.
int postern_accept(int listener);
/// The user id at the other end of a Unix socket: the kernel's word.
int64_t postern_peer_user(int socket);

/// Memory shared with later children, all zero; NULL where the kernel refuses.
uint64_t *postern_shared_words(size_t count);
uint64_t postern_load(const uint64_t *word);
void postern_store(uint64_t *word, uint64_t value);
/// Returns the value after the addition.
uint64_t postern_add(uint64_t *word, uint64_t value);
#endif
