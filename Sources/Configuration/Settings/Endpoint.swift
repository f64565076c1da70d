// SPDX-License-Identifier: MIT

package import Mail

/// An address and port to listen on: `127.0.0.1:2525`, `[::1]:2525`. No names: what we bind must not depend
/// on DNS.
package struct Endpoint: Codable, Hashable, Sendable, CustomStringConvertible {
    package var address: IPAddress
    /// 0...65535; 0 lets the kernel pick one, and the ready line says which.
    package var port: Int

    package init(address: IPAddress, port: Int) {
        self.address = address
        self.port = port
    }

    package init?(_ text: String) {
        guard let (host, port) = HostPort.split(text), let address = IPAddress(host) else { return nil }
        self.init(address: address, port: port)
    }

    package var description: String { address.isIPv4 ? "\(address):\(port)" : "[\(address)]:\(port)" }
}

/// A host and port to connect to: an address, or a name that is looked up when it is used.
package struct NextHop: Codable, Hashable, Sendable, CustomStringConvertible {
    /// An IP address without brackets, or a host name.
    package var host: String
    /// 1...65535.
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    package init?(_ text: String) {
        guard let (host, port) = HostPort.split(text), port > 0 else { return nil }
        // DNSQuestion refuses whatever is no name; an address is none, but is fine here.
        guard IPAddress(host) != nil || DNSQuestion(name: host, type: .a) != nil else { return nil }
        self.init(host: host, port: port)
    }

    package var description: String {
        host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)"
    }
}

private enum HostPort {
    /// `host:port` or `[host]:port`, the port in 0...65535. The brackets are for IPv6 addresses, and only
    /// they may hold a colon.
    static func split(_ text: String) -> (host: String, port: Int)? {
        let bytes = Array(text.utf8)
        guard let colon = bytes.lastIndex(of: UInt8(ascii: ":")) else { return nil }
        let digits = bytes[(colon + 1)...]
        guard (1...5).contains(digits.count), digits.allSatisfy({ (0x30...0x39).contains($0) }),
            let port = Int(String(decoding: digits, as: UTF8.self)), port <= 65_535
        else { return nil }
        var host = bytes[..<colon]
        if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]") {
            host = host.dropFirst().dropLast()
            guard host.contains(UInt8(ascii: ":")) else { return nil }
        } else if host.contains(UInt8(ascii: ":")) {
            return nil
        }
        guard !host.isEmpty else { return nil }
        return (String(decoding: host, as: UTF8.self), port)
    }
}
