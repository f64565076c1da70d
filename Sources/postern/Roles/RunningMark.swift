// SPDX-License-Identifier: MIT

import Glibc

/// A file that is there, and synced, as long as the dispatcher runs: found at its start, the last one was
/// killed, crashed, or went down with the machine. It holds who that was: `pid 4711 since 1763000000`.
struct RunningMark: ~Copyable {
    private let path: String

    /// The mark of a predecessor that did not end in order, cut to what one line of ours has; nil where there
    /// is none.
    let predecessor: String?
    /// Why there is no mark: a crash will then go unnoticed.
    let trouble: String?

    /// Octets of a mark that are read, at most: its own line is far shorter.
    private static let octetsMax = 100

    /// Looks for a predecessor's mark and leaves one of our own. A disk that refuses is no reason not to
    /// start.
    init(path: String) {
        self.path = path
        predecessor = Self.read(path)
        trouble = Self.write(path)
    }

    /// An orderly end.
    consuming func remove() {
        unlink(path)
        // What a power cut brings back tells of a crash that wasn't; that is all.
        _ = Self.syncFolder(of: path)
    }

    private static func read(_ path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return errno == ENOENT ? nil : "unreadable" }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: octetsMax)
        let count = Glibc.read(file, &bytes, bytes.count)
        let line = bytes.prefix(max(count, 0)).prefix { $0 != 0x0A }
        return String(decoding: line, as: UTF8.self)
    }

    private static func write(_ path: String) -> String? {
        let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { return "\(path): \(String(cString: strerror(errno)))" }
        defer { close(file) }
        let line = Array("pid \(getpid()) since \(time(nil))\n".utf8)
        // An empty mark is one too.
        _ = line.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        guard fsync(file) == 0, syncFolder(of: path) else {
            return "\(path): \(String(cString: strerror(errno)))"
        }
        return nil
    }

    private static func syncFolder(of path: String) -> Bool {
        let folder = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }
}
