// SPDX-License-Identifier: MIT
internal import CPostern
internal import Confinement
internal import Glibc
internal import Mail

/// What a process that strangers have taken over would try first.
struct ConfinementProbe {
    let profile: ConfinementProfile
    /// A folder that the profile lets it read.
    let readable: String?
    /// A folder that the profile lets it write.
    let writable: String
    /// A file of another job.
    let other: String

    /// An attempt returns 0 or more where it was let through, else a negative error number.
    typealias Attempt = () -> Int

    func run(_ say: (String) -> Void) {
        for (name, attempt) in attempts {
            let result = attempt()
            say(
                result >= 0
                    ? "\(name) allowed" : "\(name) refused: \(String(cString: strerror(Int32(-result))))")
        }
    }

    private var attempts: [(String, Attempt)] {
        [
            ("open_system_file", { opened("/etc/passwd", O_RDONLY) }),
            ("list_system_folder", { opened("/", O_RDONLY | O_DIRECTORY) }),
            ("open_other_jobs_file", { opened(other, O_RDONLY) }),
            ("write_other_jobs_file", { opened(other, O_WRONLY) }),
            ("truncate_other_jobs_file", { outcome(truncate(other, 0)) }),
            ("read_parents_memory", { opened("/proc/\(getppid())/mem", O_RDONLY) }),
            ("write_own_file", { opened(writable + "/made", O_RDWR | O_CREAT) }),
            ("read_readable_folder", { opened(readable ?? writable, O_RDONLY | O_DIRECTORY) }),
            ("make_in_readable_folder", { opened((readable ?? "/usr") + "/made", O_RDWR | O_CREAT) }),
            ("socket_inet", { outcome(socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)) }),
            ("socket_inet6", { outcome(socket(AF_INET6, Int32(SOCK_DGRAM.rawValue), 0)) }),
            ("socket_netlink", { outcome(socket(AF_NETLINK, Int32(SOCK_RAW.rawValue), 0)) }),
            ("socket_unix", { outcome(socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)) }),
            ("memory_file", { Int(postern_memory_file("probe")) }),
            ("execve", { executed("/bin/true") }),
            ("fork_bomb", forkBomb),
            ("thread", threadStarted),
            ("ptrace", { called("ptrace", traceAttach, Int(getppid())) }),
            ("trace_me", { called("ptrace", traceMe, 0) }),
            ("kill_parent", { outcome(kill(getppid(), 0)) }),
            ("kill_everyone", { outcome(kill(-1, 0)) }),
            ("unshare", { called("unshare", newUserNamespace, 0) }),
            ("charsets", charsets),
            ("memory_2_gb", twoGigabytes),
        ]
    }

    // PTRACE_TRACEME, PTRACE_ATTACH and CLONE_NEWUSER: macros and enumerators of headers that Swift doesn't
    // see.
    private let traceMe = 0
    private let traceAttach = 16
    private let newUserNamespace = 0x1000_0000

    private func outcome(_ status: some BinaryInteger) -> Int {
        status >= 0 ? Int(status) : -Int(errno)
    }

    private func opened(_ path: String, _ flags: Int32) -> Int {
        let file = open(path, flags | O_CLOEXEC, 0o600)
        guard file >= 0 else { return -Int(errno) }
        close(file)
        return 0
    }

    private func executed(_ path: String) -> Int {
        var arguments: [UnsafeMutablePointer<CChar>?] = [strdup(path), nil]
        defer { free(arguments[0]) }
        return outcome(execv(path, &arguments))
    }

    /// Each new process tries the same; with one refused at the root, there is no bomb.
    private func forkBomb() -> Int {
        var made = 0
        for _ in 0..<1_000 {
            let child = postern_fork()
            if child == 0 { _exit(0) }
            if child < 0 { return made == 0 ? Int(child) : made }
            made += 1
        }
        return made
    }

    private func threadStarted() -> Int {
        var thread = pthread_t()
        let status = pthread_create(&thread, nil, { _ in nil }, nil)
        guard status == 0 else { return -Int(status) }
        pthread_join(thread, nil)
        return 0
    }

    /// Calls that Swift doesn't import, because they take a varying number of arguments or are GNU's own.
    private func called(_ name: String, _ first: Int, _ second: Int) -> Int {
        typealias Call = @convention(c) (Int, Int, Int, Int) -> Int
        guard let symbol = dlsym(nil, name) else { return 0 }
        let status = unsafeBitCast(symbol, to: Call.self)(first, second, 0, 0)
        return Int32(truncatingIfNeeded: status) >= 0 ? 0 : -Int(errno)
    }

    /// Whether text of every charset can still be read: their modules are opened when they are first needed.
    private func charsets() -> Int {
        let missing = CharsetDecoding.unavailable()
        let korean: [UInt8] = [0x1B, 0x24, 0x29, 0x43, 0x0E, 0x3E, 0x48]
        let isRead = CharsetDecoding.text(korean, charset: "iso-2022-kr") == "안"
        return missing.isEmpty && isRead ? 0 : -Int(ENOENT)
    }

    /// Asked for in pieces, and written to, so that nothing is only promised.
    private func twoGigabytes() -> Int {
        let piece = 64 << 20
        for _ in 0..<32 {
            guard let memory = malloc(piece) else { return -Int(ENOMEM) }
            memset(memory, 1, piece)
        }
        return 0
    }
}
