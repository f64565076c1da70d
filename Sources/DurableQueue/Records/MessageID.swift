// SPDX-License-Identifier: MIT

/// A queued message: the generation of the segment its record stands in, and where. Never given twice.
///
/// As text both numbers are hexadecimal: `65f0c1a300001-1000`.
package struct MessageID: Hashable, Sendable {
    package let generation: UInt64
    /// Octets from the segment's start to the record's.
    package let offset: UInt64

    package init(generation: UInt64, offset: UInt64) {
        self.generation = generation
        self.offset = offset
    }

    /// Nil unless `text` is what `description` gives.
    package init?(_ text: some StringProtocol) {
        let halves = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard halves.count == 2, let generation = Self.hexadecimal(halves[0]),
            let offset = Self.hexadecimal(halves[1])
        else { return nil }
        self.init(generation: generation, offset: offset)
    }

    static func hexadecimal(_ digits: some Collection<UInt8>) -> UInt64? {
        guard (1...16).contains(digits.count) else { return nil }
        var value: UInt64 = 0
        for digit in digits {
            switch digit {
            case 0x30...0x39: value = value << 4 | UInt64(digit - 0x30)
            case 0x61...0x66: value = value << 4 | UInt64(digit - 0x61 + 10)
            default: return nil
            }
        }
        // "007" and "7" would be two names of one thing.
        return digits.count == 1 || digits.first != 0x30 ? value : nil
    }
}

extension MessageID: CustomStringConvertible {
    package var description: String {
        "\(String(generation, radix: 16))-\(String(offset, radix: 16))"
    }
}

extension MessageID: Comparable {
    package static func < (one: MessageID, other: MessageID) -> Bool {
        (one.generation, one.offset) < (other.generation, other.offset)
    }
}

extension MessageID: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = MessageID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no message id")
        }
        self = id
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
