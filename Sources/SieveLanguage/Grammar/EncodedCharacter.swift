// SPDX-License-Identifier: MIT

/// Strings under the `encoded-character` capability (RFC 5228 §2.4.2.4).
///
///     ${hex: 24 24}      octets, one or two digits each
///     ${unicode: 20AC}   characters, as UTF-8
///
/// What doesn't follow the grammar stays as it stands; a well-formed sequence that names no character is an
/// error.
enum EncodedCharacter {
    /// `text` decoded in one pass: what a decoded sequence yields is not read again. Nil if a sequence
    /// names a number that is no Unicode character; `invalid` says which.
    static func decode(_ text: [UInt8], invalid: inout String?) -> [UInt8]? {
        guard text.contains(UInt8(ascii: "$")) else { return text }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var offset = 0
        while offset < text.count {
            guard text[offset] == UInt8(ascii: "$"), let sequence = Sequence(text, at: offset) else {
                decoded.append(text[offset])
                offset += 1
                continue
            }
            guard sequence.append(to: &decoded) else {
                invalid = String(decoding: text[offset..<sequence.end], as: UTF8.self)
                return nil
            }
            offset = sequence.end
        }
        return decoded
    }

    private struct Sequence {
        private var isHex: Bool
        private var numbers: [UInt32?] = []
        /// Behind the closing brace.
        private(set) var end: Int

        /// Nil where no well-formed sequence begins at `start`. It reads no further than the next `$` or
        /// `}`, so that a long text is read twice at most.
        init?(_ text: [UInt8], at start: Int) {
            if Self.begins(text, start, "${hex:") {
                isHex = true
                end = start + 6
            } else if Self.begins(text, start, "${unicode:") {
                isHex = false
                end = start + 10
            } else {
                return nil
            }
            while end < text.count {
                if text[end] == UInt8(ascii: "}") {
                    end += 1
                    if numbers.isEmpty { return nil }
                    return
                }
                if Self.isBlank(text, end) {
                    end += 1
                    continue
                }
                let from = end
                var value: UInt32? = 0
                while end < text.count, let digit = Self.hexDigit(text[end]) {
                    // Beyond what any character has; leading zeros don't count.
                    value = value.flatMap { $0 > 0xFF_FFFF ? nil : $0 << 4 | digit }
                    end += 1
                }
                if end == from || (isHex && end - from > 2) { return nil }
                numbers.append(value)
            }
            return nil
        }

        /// False if a number is no Unicode scalar.
        func append(to octets: inout [UInt8]) -> Bool {
            for number in numbers {
                if isHex {
                    octets.append(UInt8(truncatingIfNeeded: number ?? 0))
                } else {
                    guard let number, let scalar = Unicode.Scalar(number) else { return false }
                    octets.append(contentsOf: UTF8.encode(scalar) ?? UTF8.EncodedScalar())
                }
            }
            return true
        }

        private static func begins(_ text: [UInt8], _ start: Int, _ word: StaticString) -> Bool {
            guard text.count - start >= word.utf8CodeUnitCount else { return false }
            return word.withUTF8Buffer { word in
                for (index, letter) in word.enumerated() {
                    let byte = text[start + index]
                    let folded = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
                    if folded != letter { return false }
                }
                return true
            }
        }

        private static func isBlank(_ text: [UInt8], _ offset: Int) -> Bool {
            switch text[offset] {
            case 0x20, 0x09, 0x0A: true
            case 0x0D: offset + 1 < text.count && text[offset + 1] == 0x0A
            default: false
            }
        }

        private static func hexDigit(_ byte: UInt8) -> UInt32? {
            switch byte {
            case 0x30...0x39: UInt32(byte - 0x30)
            case 0x41...0x46: UInt32(byte - 0x41 + 10)
            case 0x61...0x66: UInt32(byte - 0x61 + 10)
            default: nil
            }
        }
    }
}
