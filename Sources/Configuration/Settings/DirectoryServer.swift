// SPDX-License-Identifier: MIT

internal import Mail

/// A server of a directory, from the URL that names it: `ldap://host`, `ldaps://host:port`,
/// `ldapi:///run/slapd/ldapi`.
package enum DirectoryServer: Codable, Hashable, Sendable, CustomStringConvertible {
    case plain(NextHop)
    case tls(NextHop)
    /// Absolute path of its Unix socket.
    case unix(String)

    /// Nil for anything but a scheme and a server: a base, attributes and filters belong to the questions.
    package init?(_ text: String) {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return nil }
        let scheme = text[..<colon].lowercased()
        let rest = String(text[colon...].dropFirst())
        guard rest.hasPrefix("//") else { return nil }
        var place = String(rest.dropFirst(2))
        if scheme == "ldapi" {
            guard let path = Self.path(place) else { return nil }
            self = .unix(path)
            return
        }
        if place.hasSuffix("/") { place.removeLast() }
        switch scheme {
        case "ldap":
            guard let hop = Self.hop(place, port: 389) else { return nil }
            self = .plain(hop)
        case "ldaps":
            guard let hop = Self.hop(place, port: 636) else { return nil }
            self = .tls(hop)
        default: return nil
        }
    }

    /// As libldap takes it.
    package var description: String {
        switch self {
        case .plain(let hop): "ldap://\(hop)"
        case .tls(let hop): "ldaps://\(hop)"
        case .unix(let path): "ldapi://" + path.utf8.map(Self.encoded).joined()
        }
    }

    /// Host and port; nil for a Unix socket.
    package var hop: NextHop? {
        switch self {
        case .plain(let hop), .tls(let hop): hop
        case .unix: nil
        }
    }

    /// What is said to it could be read on its way. Loopback has no way.
    package var isReadable: Bool {
        guard case .plain(let hop) = self else { return false }
        return hop.host != "localhost" && IPAddress(hop.host)?.isLoopback != true
    }

    private static func hop(_ place: String, port: Int) -> NextHop? {
        NextHop(place) ?? NextHop("\(place):\(port)")
    }

    /// Written plainly, or with `%2F` as RFC-minded clients have it.
    private static func path(_ place: String) -> String? {
        var octets: [UInt8] = []
        var rest = Array(place.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                octets.append(byte)
                continue
            }
            guard rest.count >= 2,
                let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            else { return nil }
            octets.append(value)
            rest = rest.dropFirst(2)
        }
        // sun_path holds 107 octets and a NUL.
        guard octets.first == UInt8(ascii: "/"), (2...107).contains(octets.count), !octets.contains(0) else {
            return nil
        }
        return String(decoding: octets, as: UTF8.self)
    }

    private static func encoded(_ byte: UInt8) -> String {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            String(Unicode.Scalar(byte))
        default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}
