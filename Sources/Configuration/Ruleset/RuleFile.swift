// SPDX-License-Identifier: MIT

internal import Glibc

/// One file of the rules: its bytes, and the name by which the ruleset knows it.
package struct RuleFile: Hashable, Sendable {
    /// From the folder above: `rules/postern.toml`, `rules/mappings`, `sieve/channels/tcp_local.sieve`.
    /// Independent of where on the disk the folders are.
    package let name: String
    package let bytes: [UInt8]

    package init(name: String, bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }

    /// Octets of a path (Linux, PATH_MAX).
    package static let pathOctetsMax = 4_095
}

/// Why a rules file or folder could not be read or written. For the operator.
package struct RuleFileError: Error, Hashable, Sendable, CustomStringConvertible {
    package var path: String
    package var message: String
    /// There is no such file: for some files that is no mistake.
    package var isMissing: Bool

    package init(path: String, message: String, isMissing: Bool = false) {
        self.path = path
        self.message = message
        self.isMissing = isMissing
    }

    package var description: String { "\(path): \(message)" }
}

/// What tells that a file or folder is still the one that was read.
struct FileStamp: Hashable, Sendable {
    let device: UInt
    let inode: UInt
    let octets: Int
    let modifiedNs: Int
    let changedNs: Int

    init(_ status: stat) {
        device = UInt(status.st_dev)
        inode = UInt(status.st_ino)
        octets = Int(status.st_size)
        modifiedNs = Self.nanoseconds(status.st_mtim)
        changedNs = Self.nanoseconds(status.st_ctim)
    }

    /// Nil where there is nothing by that name.
    init?(path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The clock that files are stamped by.
    static func nowNs() -> Int {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return nanoseconds(now)
    }

    static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }
}

extension RuleFile {
    /// The words for an `errno`.
    static func systemError(_ code: Int32) -> String { String(cString: strerror(code)) }

    /// The whole of a regular file. The stamp is of what was opened, taken before the first byte was read.
    static func read(
        path: String, octetsMax: Int
    ) -> Result<(bytes: [UInt8], stamp: FileStamp), RuleFileError> {
        // O_NONBLOCK: a pipe by that name must not keep us waiting; for a regular file it changes nothing.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { return .failure(.system(path)) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return .failure(.system(path)) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            return .failure(RuleFileError(path: path, message: "it is no regular file"))
        }
        guard status.st_size <= octetsMax else {
            return .failure(
                RuleFileError(
                    path: path, message: "it has \(status.st_size) octets; at most \(octetsMax) are read"))
        }
        var bytes: [UInt8] = []
        // One octet more than it should have, so that growth shows.
        var buffer = [UInt8](repeating: 0, count: Int(status.st_size) + 1)
        while bytes.count <= octetsMax {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { return .failure(.system(path)) }
            guard count > 0 else { return .success((bytes, FileStamp(status))) }
            bytes += buffer[..<count]
        }
        return .failure(RuleFileError(path: path, message: "it grows while it is read"))
    }
}

extension RuleFile {
    /// Puts a file with `bytes` in the place of the one at `path`, whole or not at all: whoever reads it
    /// meanwhile has the one or the other. One that was there keeps its mode and its owner. A new one can be
    /// read by whoever may read its folder, and is the folder's owner's where root writes it: the gateway,
    /// which is to read it, runs as another user.
    package static func replace(path: String, by bytes: [UInt8]) -> Result<Void, RuleFileError> {
        var status = stat()
        if stat(path, &status) != 0 {
            let folder = RuleFolder.parent(of: path)
            guard stat(folder, &status) == 0 else { return .failure(.system(folder)) }
            status.st_mode = status.st_mode & 0o444 | 0o600
        }
        let new = path + ".new"
        let descriptor = open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return .failure(.system(new)) }
        defer { close(descriptor) }
        // The owner first: a change of it may take bits of the mode away.
        guard geteuid() != 0 || fchown(descriptor, status.st_uid, status.st_gid) == 0,
            fchmod(descriptor, status.st_mode & 0o777) == 0
        else { return .failure(.system(new)) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes {
                Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return .failure(.system(new)) }
            written += count
        }
        guard fsync(descriptor) == 0, rename(new, path) == 0 else { return .failure(.system(new)) }
        return .success(())
    }
}

extension RuleFileError {
    /// The error that the last system call on `path` left in `errno`.
    static func system(_ path: String) -> RuleFileError {
        let code = errno
        return RuleFileError(path: path, message: RuleFile.systemError(code), isMissing: code == ENOENT)
    }
}
