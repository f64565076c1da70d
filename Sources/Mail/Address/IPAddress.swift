// SPDX-License-Identifier: MIT

/// An IPv4 or IPv6 address as a value. IPv4-mapped IPv6 (`::ffff:a.b.c.d`) is read as the IPv4 address it
/// means, so
/// that a rule about an IPv4 network can't be passed by on a dual-stack socket.
package struct IPAddress: Hashable, Sendable {
    /// 4 or 16 octets, network order.
    package let octets: [UInt8]

    package var isIPv4: Bool { octets.count == 4 }

    /// Nil unless there are 4 or 16 octets.
    package init?(octets: [UInt8]) {
        guard octets.count == 4 || octets.count == 16 else { return nil }
        let mapped: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF]
        self.octets = octets.count == 16 && Array(octets[..<12]) == mapped ? Array(octets[12...]) : octets
    }

    /// Dotted quad, or RFC 4291 §2.2 text (with `::` and a trailing dotted quad); nothing else, no zone.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard
            let octets = bytes.contains(UInt8(ascii: ":"))
                ? Self.parseIPv6(bytes) : Self.parseIPv4(bytes[...])
        else { return nil }
        self.init(octets: octets)
    }

    /// The 127/8 network or `::1`.
    package var isLoopback: Bool {
        isIPv4 ? octets[0] == 127 : octets == Array(repeating: 0, count: 15) + [1]
    }

    /// Whether the first `prefixLength` bits are those of `network`; never across families.
    package func isWithin(_ network: IPAddress, prefixLength: Int) -> Bool {
        guard octets.count == network.octets.count, prefixLength >= 0, prefixLength <= octets.count * 8 else {
            return false
        }
        var bits = prefixLength
        for (mine, theirs) in zip(octets, network.octets) where bits > 0 {
            let mask: UInt8 = bits >= 8 ? 0xFF : ~(0xFF >> UInt8(bits))
            guard mine & mask == theirs & mask else { return false }
            bits -= 8
        }
        return true
    }

    /// The name under which a DNS list is asked: octets or nibbles reversed, no trailing dot (RFC 5782 §2.1,
    /// §2.4).
    package var reversedForDNSList: String {
        if isIPv4 { return octets.reversed().map(String.init).joined(separator: ".") }
        return octets.reversed().map { "\(String($0 & 0xF, radix: 16)).\(String($0 >> 4, radix: 16))" }
            .joined(separator: ".")
    }

    /// The address literal of RFC 5321 §4.1.3.
    package var literal: String { isIPv4 ? "[\(self)]" : "[IPv6:\(self)]" }

    private static func parseIPv4(_ text: ArraySlice<UInt8>) -> [UInt8]? {
        let fields = text.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard fields.count == 4 else { return nil }
        var octets: [UInt8] = []
        for field in fields {
            guard (1...3).contains(field.count), field.allSatisfy({ $0 >= 0x30 && $0 <= 0x39 }) else {
                return nil
            }
            // A leading zero means octal to some readers (RFC 6943 §3.1.1).
            guard field.count == 1 || field.first != 0x30 else { return nil }
            let value = field.reduce(0) { $0 * 10 + Int($1 - 0x30) }
            guard value <= 255 else { return nil }
            octets.append(UInt8(value))
        }
        return octets
    }

    private static func parseIPv6(_ text: [UInt8]) -> [UInt8]? {
        guard text.count <= 45 else { return nil }
        var halves: [[UInt8]] = [[]]
        var fields = text.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
        // A leading or trailing "::" leaves two empty fields; a lone ":" at either end is an error.
        if fields.count >= 2, fields[0].isEmpty {
            guard fields.count >= 3, fields[1].isEmpty else { return nil }
            fields.removeFirst()
        }
        if fields.count >= 2, fields[fields.count - 1].isEmpty {
            guard fields[fields.count - 2].isEmpty else { return nil }
            fields.removeLast()
        }
        for (index, field) in fields.enumerated() {
            if field.isEmpty {
                guard halves.count == 1 else { return nil }
                halves.append([])
            } else if index == fields.count - 1, field.contains(UInt8(ascii: ".")) {
                guard let tail = parseIPv4(field) else { return nil }
                halves[halves.count - 1] += tail
            } else {
                // `UInt16` would take a sign too.
                guard field.count <= 4, field.allSatisfy({ ASCII.hexValue($0) != nil }),
                    let value = UInt16(String(decoding: field, as: UTF8.self), radix: 16)
                else { return nil }
                halves[halves.count - 1] += [UInt8(value >> 8), UInt8(value & 0xFF)]
            }
        }
        let given = halves.reduce(0) { $0 + $1.count }
        if halves.count == 1 { return given == 16 ? halves[0] : nil }
        guard given <= 14 else { return nil }
        return halves[0] + Array(repeating: 0, count: 16 - given) + halves[1]
    }
}

extension IPAddress: CustomStringConvertible {
    /// Dotted quad, or RFC 5952 text: lower case, the longest run of two or more zero groups as `::`.
    package var description: String {
        if isIPv4 { return dottedQuad }
        let groups = stride(from: 0, to: 16, by: 2).map { Int(octets[$0]) << 8 | Int(octets[$0 + 1]) }
        var best = 0..<0
        var start = 0
        while start < 8 {
            var end = start
            while end < 8, groups[end] == 0 { end += 1 }
            if end - start > best.count, end - start >= 2 { best = start..<end }
            start = max(end, start + 1)
        }
        let text = { (part: ArraySlice<Int>) in part.map { String($0, radix: 16) }.joined(separator: ":") }
        if best.isEmpty { return text(groups[...]) }
        return text(groups[..<best.lowerBound]) + "::" + text(groups[best.upperBound...])
    }

    /// Written for every probe of every message, so without an array on the way.
    private var dottedQuad: String {
        String(unsafeUninitializedCapacity: 15) { buffer in
            var count = 0
            for (index, octet) in octets.enumerated() {
                if index > 0 {
                    buffer[count] = UInt8(ascii: ".")
                    count += 1
                }
                for divisor: UInt8 in [100, 10, 1] where octet >= divisor || divisor == 1 {
                    buffer[count] = 0x30 + octet / divisor % 10
                    count += 1
                }
            }
            return count
        }
    }
}

extension IPAddress: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let address = IPAddress(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no IP address")
        }
        self = address
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
