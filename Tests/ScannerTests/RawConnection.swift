// SPDX-License-Identifier: MIT
import CPostern
import Foundation

/// A Unix socket connection that says whatever a test wants.
struct RawConnection: ~Copyable {
    private let socket: Int32

    init(to path: String) throws {
        socket = Foundation.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0, withAddress(path, { connect(socket, $0, $1) }) == 0 else {
            throw TestFailure("cannot connect to \(path): \(errno)")
        }
    }

    deinit { close(socket) }

    func send(_ bytes: [UInt8], memoryFile content: [UInt8]? = nil, sealed: Bool = true) {
        var file: Int32 = -1
        if let content {
            file = postern_memory_file("test")
            _ = content.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if sealed { postern_seal(file) }
        }
        _ = bytes.withUnsafeBytes { postern_send(socket, $0.baseAddress, $0.count, file) }
        if file >= 0 { close(file) }
    }

    /// Until the other side closes, or a deadline that only a scanner in trouble meets.
    func receiveAll() -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            var one = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
            guard poll(&one, 1, Int32(ScannerProcess.wait)) > 0 else { return bytes + Array("no end".utf8) }
            var buffer = [UInt8](repeating: 0, count: 8_192)
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return bytes }
            bytes += buffer.prefix(count)
        }
    }
}

/// Calls `body` with the socket address of `path`.
func withAddress(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8)) }
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}
