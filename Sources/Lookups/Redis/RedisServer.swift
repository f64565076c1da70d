// SPDX-License-Identifier: MIT

/// A Redis server, and how it is spoken to.
package struct RedisServer: Sendable {
    package enum Address: Hashable, Sendable, CustomStringConvertible {
        /// A name or an address; 1...65535.
        case tcp(host: String, port: Int)
        /// Path of a Unix socket.
        case unix(String)

        package var description: String {
            switch self {
            case .tcp(let host, let port):
                host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
            case .unix(let path): path
            }
        }
    }

    package var address: Address
    package var password: [UInt8]?
    /// Milliseconds for one operation, connecting included.
    package var timeoutMs: Int
    /// Stands before every key.
    package var prefix: String

    package init(address: Address, password: [UInt8]? = nil, timeoutMs: Int, prefix: String) {
        self.address = address
        self.password = password
        self.timeoutMs = timeoutMs
        self.prefix = prefix
    }
}
