// SPDX-License-Identifier: MIT

import Foundation

/// A TCP port of 127.0.0.1.
enum LocalPort {
    /// One that nobody uses, for a server that can't be told "any".
    static func free() throws -> Int {
        let listener = try Listener()
        return listener.port
    }

    /// Takes connections, by way of the kernel, and never says a word.
    final class Listener {
        let port: Int
        private var descriptor: Int32

        init() throws {
            descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            inet_pton(AF_INET, "127.0.0.1", &address.sin_addr)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let descriptor = descriptor
            let code = withUnsafeMutablePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                    bind(descriptor, pointer, length) == 0 && listen(descriptor, 64) == 0
                        ? getsockname(descriptor, pointer, &length) : -1
                }
            }
            port = Int(UInt16(bigEndian: address.sin_port))
            guard code == 0 else { throw HarnessError("no port: \(String(cString: strerror(errno)))") }
        }

        deinit { close() }

        private func close() {
            guard descriptor >= 0 else { return }
            _ = Foundation.close(descriptor)
            descriptor = -1
        }

        /// Ends the connections that came, once one has, and takes no more.
        func hangUp() throws {
            try Waiting.until("a connection to port \(port)") { () -> Void? in
                var waited = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
                return poll(&waited, 1, 100) > 0 ? () : nil
            }
            close()
        }
    }
}
