// SPDX-License-Identifier: MIT
#include "postern_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/landlock.h>
#include <sched.h>
#include <seccomp.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

int postern_no_new_privileges(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? 0 : -errno;
}

int postern_forbid_dumps(void) {
    return prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : -errno;
}

int postern_set_ids(uid_t uid, gid_t gid) {
    if (setgroups(1, &gid) != 0) return -errno;
    if (setresgid(gid, gid, gid) != 0) return -errno;
    if (setresuid(uid, uid, uid) != 0) return -errno;
    return 0;
}

/// Never above what is set already: only root could raise it, and lower is what was wanted.
static int postern_lower(__rlimit_resource_t resource, rlim_t value) {
    struct rlimit limit;
    if (getrlimit(resource, &limit) != 0) return -errno;
    if (value < limit.rlim_max) limit.rlim_max = value;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(resource, &limit) == 0 ? 0 : -errno;
}

int postern_set_limit(int resource, uint64_t value) {
    switch (resource) {
    case POSTERN_LIMIT_CORE_OCTETS: return postern_lower(RLIMIT_CORE, value);
    case POSTERN_LIMIT_ADDRESS_SPACE_OCTETS: return postern_lower(RLIMIT_AS, value);
    case POSTERN_LIMIT_PROCESSES: return postern_lower(RLIMIT_NPROC, value);
    case POSTERN_LIMIT_FILE_OCTETS: return postern_lower(RLIMIT_FSIZE, value);
    case POSTERN_LIMIT_OPEN_FILES: return postern_lower(RLIMIT_NOFILE, value);
    default: return -EINVAL;
    }
}

// Landlock. The C library has no wrappers, and Debian 12's header knows version 2 only, so the later parts
// are spelled out here; an older kernel never sees them.

struct postern_landlock_attr {
    uint64_t handled_access_fs;
    uint64_t handled_access_net;  // Version 4.
    uint64_t scoped;              // Version 6.
};

enum {
    POSTERN_FS_EXECUTE = 1 << 0,
    POSTERN_FS_WRITE_FILE = 1 << 1,
    POSTERN_FS_READ_FILE = 1 << 2,
    POSTERN_FS_READ_DIR = 1 << 3,
    POSTERN_FS_MAKE_CHAR = 1 << 6,
    POSTERN_FS_MAKE_BLOCK = 1 << 11,
    POSTERN_FS_TRUNCATE = 1 << 14,
    POSTERN_FS_IOCTL_DEV = 1 << 15,
    POSTERN_NET_BIND_AND_CONNECT_TCP = 3,
    POSTERN_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS = 3,
};

int postern_landlock_version(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    return version < 0 ? -errno : (int)version;
}

/// Every file access that this version governs.
static uint64_t postern_governed(int version) {
    if (version >= 5) return (1ULL << 16) - 1;
    if (version >= 3) return (1ULL << 15) - 1;
    if (version == 2) return (1ULL << 14) - 1;
    return (1ULL << 13) - 1;
}

int postern_landlock_create(bool denies_tcp, bool isolates) {
    int version = postern_landlock_version();
    if (version < 0) return version;
    struct postern_landlock_attr attr = {.handled_access_fs = postern_governed(version)};
    size_t size = sizeof(uint64_t);
    if (version >= 4) {
        size = 2 * sizeof(uint64_t);
        if (denies_tcp) attr.handled_access_net = POSTERN_NET_BIND_AND_CONNECT_TCP;
    }
    if (version >= 6) {
        size = 3 * sizeof(uint64_t);
        if (isolates) attr.scoped = POSTERN_SCOPE_ABSTRACT_SOCKETS_AND_SIGNALS;
    }
    long ruleset = syscall(SYS_landlock_create_ruleset, &attr, size, 0);
    return ruleset < 0 ? -errno : (int)ruleset;
}

int postern_landlock_allow(int ruleset, const char *path, bool writes) {
    int version = postern_landlock_version();
    if (version < 0) return version;
    int target = open(path, O_PATH | O_CLOEXEC);
    if (target < 0) return -errno;
    struct stat about;
    if (fstat(target, &about) != 0) {
        int error = -errno;
        close(target);
        return error;
    }
    uint64_t access = POSTERN_FS_READ_FILE | POSTERN_FS_READ_DIR;
    if (writes) {
        access = postern_governed(version)
            & ~(uint64_t)(POSTERN_FS_EXECUTE | POSTERN_FS_MAKE_CHAR | POSTERN_FS_MAKE_BLOCK)
            & ~(uint64_t)POSTERN_FS_IOCTL_DEV;
    }
    // What concerns folders can't be allowed on a file.
    if (!S_ISDIR(about.st_mode)) {
        access &= POSTERN_FS_WRITE_FILE | POSTERN_FS_READ_FILE | POSTERN_FS_TRUNCATE;
    }
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = target};
    int error = 0;
    if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0) error = -errno;
    close(target);
    return error;
}

int postern_landlock_enforce(int ruleset) {
    return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ? 0 : -errno;
}

// The system call filter.

static const int postern_system_calls[] = {
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
    SCMP_SYS(kcmp), SCMP_SYS(pidfd_getfd), SCMP_SYS(perf_event_open), SCMP_SYS(bpf), SCMP_SYS(userfaultfd),
    SCMP_SYS(mount), SCMP_SYS(umount), SCMP_SYS(umount2), SCMP_SYS(pivot_root), SCMP_SYS(chroot),
    SCMP_SYS(move_mount), SCMP_SYS(open_tree), SCMP_SYS(fsopen), SCMP_SYS(fsconfig), SCMP_SYS(fsmount),
    SCMP_SYS(fspick), SCMP_SYS(mount_setattr), SCMP_SYS(unshare), SCMP_SYS(setns),
    SCMP_SYS(open_by_handle_at), SCMP_SYS(name_to_handle_at), SCMP_SYS(init_module), SCMP_SYS(finit_module),
    SCMP_SYS(delete_module), SCMP_SYS(kexec_load), SCMP_SYS(kexec_file_load), SCMP_SYS(reboot),
    SCMP_SYS(swapon), SCMP_SYS(swapoff), SCMP_SYS(keyctl), SCMP_SYS(add_key), SCMP_SYS(request_key),
    SCMP_SYS(io_uring_setup), SCMP_SYS(io_uring_enter), SCMP_SYS(io_uring_register), SCMP_SYS(iopl),
    SCMP_SYS(ioperm), SCMP_SYS(acct), SCMP_SYS(quotactl), SCMP_SYS(syslog), SCMP_SYS(settimeofday),
    SCMP_SYS(clock_settime), SCMP_SYS(clock_adjtime), SCMP_SYS(adjtimex), SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname), SCMP_SYS(personality), SCMP_SYS(vhangup), SCMP_SYS(nfsservctl),
    SCMP_SYS(lookup_dcookie), SCMP_SYS(mknod), SCMP_SYS(mknodat), SCMP_SYS(fanotify_init),
    SCMP_SYS(modify_ldt), SCMP_SYS(move_pages), SCMP_SYS(migrate_pages),
};

static const int postern_exec_calls[] = {SCMP_SYS(execve), SCMP_SYS(execveat)};

static const int postern_process_calls[] = {SCMP_SYS(fork), SCMP_SYS(vfork)};

// Signals that can't name this very process and nothing else; kill and tgkill are allowed for it below.
static const int postern_signal_calls[] = {
    SCMP_SYS(tkill), SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(pidfd_open),
};

// Only for the strictest filter: named, so that these fail with EPERM as everywhere, and not with ENOSYS.
static const int postern_socket_calls[] = {
    SCMP_SYS(socket), SCMP_SYS(socketpair), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen),
    SCMP_SYS(clone), SCMP_SYS(truncate), SCMP_SYS(memfd_create),
};

// What scanning takes: reading and writing open descriptors, files below the job's folder, memory, time.
// Paths are Landlock's to refuse. No threads: libclamav scans on the calling one.
static const int postern_listed_calls[] = {
    SCMP_SYS(read), SCMP_SYS(write), SCMP_SYS(readv), SCMP_SYS(writev), SCMP_SYS(pread64), SCMP_SYS(pwrite64),
    SCMP_SYS(preadv), SCMP_SYS(pwritev), SCMP_SYS(preadv2), SCMP_SYS(pwritev2), SCMP_SYS(lseek),
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(creat), SCMP_SYS(close), SCMP_SYS(close_range),
    SCMP_SYS(fstat), SCMP_SYS(stat), SCMP_SYS(lstat), SCMP_SYS(newfstatat), SCMP_SYS(statx), SCMP_SYS(statfs),
    SCMP_SYS(fstatfs), SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(faccessat2), SCMP_SYS(readlink),
    SCMP_SYS(readlinkat), SCMP_SYS(getcwd), SCMP_SYS(getdents), SCMP_SYS(getdents64), SCMP_SYS(mkdir),
    SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(unlink), SCMP_SYS(unlinkat), SCMP_SYS(rename),
    SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(ftruncate), SCMP_SYS(fallocate), SCMP_SYS(fsync),
    SCMP_SYS(fdatasync), SCMP_SYS(fcntl), SCMP_SYS(flock), SCMP_SYS(dup), SCMP_SYS(dup2), SCMP_SYS(dup3),
    SCMP_SYS(umask), SCMP_SYS(fadvise64), SCMP_SYS(readahead), SCMP_SYS(sendfile), SCMP_SYS(copy_file_range),
    SCMP_SYS(chmod), SCMP_SYS(fchmod), SCMP_SYS(fchmodat), SCMP_SYS(utimensat), SCMP_SYS(accept),
    SCMP_SYS(accept4), SCMP_SYS(recvmsg), SCMP_SYS(recvfrom), SCMP_SYS(sendmsg), SCMP_SYS(sendto),
    SCMP_SYS(shutdown), SCMP_SYS(getsockopt), SCMP_SYS(poll), SCMP_SYS(ppoll), SCMP_SYS(select),
    SCMP_SYS(pselect6), SCMP_SYS(mmap), SCMP_SYS(munmap), SCMP_SYS(mremap), SCMP_SYS(mprotect),
    SCMP_SYS(madvise), SCMP_SYS(msync), SCMP_SYS(mincore), SCMP_SYS(brk), SCMP_SYS(membarrier),
    SCMP_SYS(futex), SCMP_SYS(set_robust_list), SCMP_SYS(get_robust_list), SCMP_SYS(rseq),
    SCMP_SYS(rt_sigaction), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn), SCMP_SYS(rt_sigpending),
    SCMP_SYS(sigaltstack), SCMP_SYS(restart_syscall), SCMP_SYS(exit), SCMP_SYS(exit_group), SCMP_SYS(getpid),
    SCMP_SYS(getppid), SCMP_SYS(gettid), SCMP_SYS(getuid), SCMP_SYS(geteuid), SCMP_SYS(getgid),
    SCMP_SYS(getegid), SCMP_SYS(getpgrp), SCMP_SYS(uname), SCMP_SYS(sysinfo), SCMP_SYS(times),
    SCMP_SYS(getrusage), SCMP_SYS(getrlimit), SCMP_SYS(time), SCMP_SYS(gettimeofday), SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_getres), SCMP_SYS(clock_nanosleep), SCMP_SYS(nanosleep), SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity), SCMP_SYS(getrandom), SCMP_SYS(arch_prctl),
};

#define POSTERN_COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int postern_add_all(scmp_filter_ctx filter, uint32_t action, const int *calls, size_t count) {
    for (size_t index = 0; index < count; index++) {
        int status = seccomp_rule_add(filter, action, calls[index], 0);
        // A call that this architecture doesn't have can't be made either.
        if (status != 0 && status != -EDOM) return status;
    }
    return 0;
}

static int postern_refuse_network(scmp_filter_ctx filter, uint32_t refused) {
    // All 64 bits of the argument are compared: one with anything in its upper half is refused as well.
    struct scmp_arg_cmp other = {.arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX, .datum_b = 0};
    int status = seccomp_rule_add_array(filter, refused, SCMP_SYS(socket), 1, &other);
    if (status == 0) status = seccomp_rule_add_array(filter, refused, SCMP_SYS(socketpair), 1, &other);
    return status;
}

static int postern_refuse_processes(scmp_filter_ctx filter, uint32_t refused, bool threads_too) {
    int status = postern_add_all(
        filter, refused, postern_process_calls, POSTERN_COUNT(postern_process_calls));
    // Where threads are refused too, clone is on the other list, and clone3 gets the ENOSYS of all unlisted calls.
    if (status == 0 && !threads_too) {
        status = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    }
    if (status == 0 && !threads_too) {
        struct scmp_arg_cmp process = {
            .arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = CLONE_THREAD, .datum_b = 0};
        status = seccomp_rule_add_array(filter, refused, SCMP_SYS(clone), 1, &process);
    }
    return status;
}

static int postern_refuse_signals(scmp_filter_ctx filter, uint32_t refused, pid_t self, bool listed_only) {
    int status = postern_add_all(filter, refused, postern_signal_calls, POSTERN_COUNT(postern_signal_calls));
    struct scmp_arg_cmp other = {.arg = 0, .op = SCMP_CMP_NE, .datum_a = (uint32_t)self, .datum_b = 0};
    struct scmp_arg_cmp own = {.arg = 0, .op = SCMP_CMP_EQ, .datum_a = (uint32_t)self, .datum_b = 0};
    const int calls[] = {SCMP_SYS(kill), SCMP_SYS(tgkill)};
    for (size_t index = 0; index < POSTERN_COUNT(calls) && status == 0; index++) {
        status = seccomp_rule_add_array(filter, refused, calls[index], 1, &other);
        // abort() sends its signal this way.
        if (status == 0 && listed_only) {
            status = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, calls[index], 1, &own);
        }
    }
    return status;
}

static int postern_fill(scmp_filter_ctx filter, uint32_t refusals, pid_t self) {
    const uint32_t refused = SCMP_ACT_ERRNO(EPERM);
    const bool listed_only = (refusals & POSTERN_REFUSE_UNLISTED) != 0;
    int status = seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
    if (status == 0 && (refusals & POSTERN_REFUSE_SYSTEM)) {
        status = postern_add_all(filter, refused, postern_system_calls, POSTERN_COUNT(postern_system_calls));
    }
    if (status == 0 && (refusals & POSTERN_REFUSE_EXEC)) {
        status = postern_add_all(filter, refused, postern_exec_calls, POSTERN_COUNT(postern_exec_calls));
    }
    if (status == 0 && (refusals & POSTERN_REFUSE_PROCESSES)) {
        status = postern_refuse_processes(filter, refused, listed_only);
    }
    if (status == 0 && (refusals & POSTERN_REFUSE_NETWORK) && !listed_only) {
        status = postern_refuse_network(filter, refused);
    }
    if (status == 0 && (refusals & POSTERN_REFUSE_SIGNALS)) {
        status = postern_refuse_signals(filter, refused, self, listed_only);
    }
    if (status == 0 && listed_only) {
        status = postern_add_all(filter, refused, postern_socket_calls, POSTERN_COUNT(postern_socket_calls));
    }
    if (status == 0 && listed_only) {
        status = postern_add_all(
            filter, SCMP_ACT_ALLOW, postern_listed_calls, POSTERN_COUNT(postern_listed_calls));
    }
    return status;
}

int postern_filter_calls(uint32_t refusals, pid_t self) {
    bool listed_only = (refusals & POSTERN_REFUSE_UNLISTED) != 0;
    scmp_filter_ctx filter = seccomp_init(listed_only ? SCMP_ACT_ERRNO(ENOSYS) : SCMP_ACT_ALLOW);
    if (filter == NULL) return -ENOMEM;
    int status = postern_fill(filter, refusals, self);
    if (status == 0) status = seccomp_load(filter);
    seccomp_release(filter);
    return status;
}
