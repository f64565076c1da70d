// SPDX-License-Identifier: MIT

/// Base64 of RFC 4648 §4, for our own records. The lenient form that mail uses is `TransferDecoding`'s.
package enum Base64: Sendable {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    /// Appends `octets` as text, padded.
    package static func append(_ octets: [UInt8], to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (octets.count + 2) / 3 * 4)
        var index = 0
        while index < octets.count {
            let rest = octets.count - index
            let group =
                UInt32(octets[index]) << 16 | (rest > 1 ? UInt32(octets[index + 1]) << 8 : 0)
                | (rest > 2 ? UInt32(octets[index + 2]) : 0)
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            text.append(rest > 1 ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "="))
            text.append(rest > 2 ? alphabet[Int(group & 63)] : UInt8(ascii: "="))
            index += 3
        }
    }

    /// Nil unless `text` is padded Base64 and nothing else.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var octets: [UInt8] = []
        octets.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var digits = 0
        var padding = 0
        for byte in text {
            let value: UInt32
            switch byte {
            case 0x41...0x5A: value = UInt32(byte - 0x41)
            case 0x61...0x7A: value = UInt32(byte - 0x61) + 26
            case 0x30...0x39: value = UInt32(byte - 0x30) + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            case UInt8(ascii: "="):
                value = 0
                padding += 1
            default: return nil
            }
            guard padding == 0 || byte == UInt8(ascii: "="), padding <= 2 else { return nil }
            group = group << 6 | value
            digits += 1
            if digits % 4 == 0 {
                octets += [UInt8(group >> 16 & 0xFF), UInt8(group >> 8 & 0xFF), UInt8(group & 0xFF)]
                group = 0
            }
        }
        octets.removeLast(padding)
        return octets
    }
}

/// Octets that a record keeps as Base64 text: a quarter of what an array of numbers takes.
package struct Base64Text: Codable, Hashable, Sendable {
    package var octets: [UInt8]

    package init(_ octets: [UInt8]) { self.octets = octets }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let octets = Base64.decode(Array(try container.decode(String.self).utf8)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "this is no Base64 text")
        }
        self.octets = octets
    }

    package func encode(to encoder: any Encoder) throws {
        var text: [UInt8] = []
        Base64.append(octets, to: &text)
        var container = encoder.singleValueContainer()
        try container.encode(String(decoding: text, as: UTF8.self))
    }
}
