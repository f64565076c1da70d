// SPDX-License-Identifier: MIT

/// What a server's EHLO reply offers, of what we can use (RFC 5321 §4.1.1.1).
package struct ServerCapabilities: Hashable, Sendable {
    /// RFC 2920.
    package var hasPipelining = false
    /// RFC 6152.
    package var hasEightBitMIME = false
    /// RFC 1870.
    package var hasSize = false
    /// Largest message in octets that the server takes; nil where it named none, or 0.
    package var sizeOctetsMax: Int?
    /// RFC 3461.
    package var hasDSN = false
    /// RFC 2852.
    package var hasDeliverBy = false
    /// RFC 3207. Known, and not used yet.
    package var hasStartTLS = false

    /// A server without EHLO.
    package init() {}

    /// Keywords count in any case; the first line is the server's name; what we don't know is passed over.
    package init(_ reply: ReplyLines) {
        for line in reply.lines.dropFirst() {
            let words = line.split(separator: Octet.space)
            guard let first = words.first else { continue }
            switch String(decoding: first, as: UTF8.self).uppercased() {
            case "PIPELINING": hasPipelining = true
            case "8BITMIME": hasEightBitMIME = true
            case "STARTTLS": hasStartTLS = true
            case "DSN": hasDSN = true
            case "DELIVERBY": hasDeliverBy = true
            case "SIZE":
                hasSize = true
                guard words.count > 1, words[1].allSatisfy(\.isDigit) else { continue }
                let octets = Int(String(decoding: words[1], as: UTF8.self)) ?? .max
                sizeOctetsMax = octets == 0 ? nil : octets
            default: continue
            }
        }
    }
}
