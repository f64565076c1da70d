// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

/// The Unix socket that workers accept jobs on.
///
/// It listens under a name of its own first; `publish` renames it over the one that clients know. So a client
/// meets the old scanner or the new one, ready, and never nobody.
struct ListeningSocket {
    let descriptor: Int32
    private let path: String
    private let unpublished: String
    private let file: [UInt64]?

    /// Connections that wait for a worker, at most; a client beyond that waits in connect().
    private static let backlogMax: Int32 = 128

    init(path: String) throws(ScannerExit) {
        let unpublished = "\(path).\(getpid())"
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        let octets = Array(unpublished.utf8)
        guard octets.count <= room else {
            throw ScannerExit(
                .cannotCreate, "the socket's path \(path) is too long: name one with a shorter path")
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        let socket = Glibc.socket(AF_UNIX, kind, 0)
        guard socket >= 0 else {
            throw ScannerExit(.system, "cannot open a socket: \(describe(errno))")
        }
        unlink(unpublished)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard status == 0, listen(socket, Self.backlogMax) == 0 else {
            throw ScannerExit(
                .cannotCreate,
                "cannot listen at \(path): \(describe(errno)); check its folder's owner and mode")
        }
        descriptor = socket
        self.path = path
        self.unpublished = unpublished
        file = Self.file(at: unpublished)
    }

    /// From now on clients reach this scanner.
    func publish() throws(ScannerExit) {
        guard rename(unpublished, path) == 0 else {
            throw ScannerExit(.cannotCreate, "cannot put the socket at \(path): \(describe(errno))")
        }
    }

    /// Takes the name away, unless it is a successor's by now.
    func withdraw() {
        unlink(unpublished)
        if let now = Self.file(at: path), let file, now == file { unlink(path) }
    }

    /// Which file a name means: device and inode.
    private static func file(at path: String) -> [UInt64]? {
        var about = stat()
        guard stat(path, &about) == 0 else { return nil }
        return [UInt64(about.st_dev), UInt64(about.st_ino)]
    }
}
