// SPDX-License-Identifier: MIT

/// A JSON object whose values are strings, numbers and words, as our roles send each other. What
/// holds anything else, or is cut off, is none.
struct FlatObject {
    private enum Value: Equatable {
        case string(String)
        /// A number, `true`, `false` or `null`, as written.
        case word(String)
    }

    private var values: [String: Value] = [:]

    /// Nil unless `line` is such an object and nothing else.
    init?(_ line: [UInt8]) {
        var reader = Reader(line)
        guard reader.take(UInt8(ascii: "{")) else { return nil }
        if !reader.take(UInt8(ascii: "}")) {
            repeat {
                guard let key = reader.string(), reader.take(UInt8(ascii: ":")) else { return nil }
                if let text = reader.string() {
                    values[key] = .string(text)
                } else if let word = reader.word() {
                    values[key] = .word(word)
                } else {
                    return nil
                }
            } while reader.take(UInt8(ascii: ","))
            guard reader.take(UInt8(ascii: "}")) else { return nil }
        }
        guard reader.isAtEnd else { return nil }
    }

    func string(_ key: String) -> String? {
        if case .string(let text) = values[key] { text } else { nil }
    }

    func has(_ key: String) -> Bool { values[key] != nil }

    private struct Reader {
        private let octets: [UInt8]
        private var at = 0

        init(_ octets: [UInt8]) { self.octets = octets }

        private var next: UInt8? { at < octets.count ? octets[at] : nil }

        private mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0A { at += 1 }
        }

        var isAtEnd: Bool {
            mutating get {
                skipSpace()
                return at == octets.count
            }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            skipSpace()
            guard next == byte else { return false }
            at += 1
            return true
        }

        mutating func word() -> String? {
            skipSpace()
            let start = at
            while let byte = next, Self.isOfWord(byte) { at += 1 }
            return at > start ? String(decoding: octets[start..<at], as: UTF8.self) : nil
        }

        private static func isOfWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "+"), UInt8(ascii: "-"),
                UInt8(ascii: "."):
                true
            default: false
            }
        }

        /// Nil, and nothing taken, where no string stands here.
        mutating func string() -> String? {
            skipSpace()
            guard next == UInt8(ascii: "\"") else { return nil }
            let start = at
            at += 1
            var text: [UInt8] = []
            while let byte = next {
                at += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: text, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard let escaped = escaped() else {
                        at = start
                        return nil
                    }
                    text += escaped
                default: text.append(byte)
                }
            }
            at = start
            return nil
        }

        private mutating func escaped() -> [UInt8]? {
            guard let byte = next else { return nil }
            at += 1
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
            case UInt8(ascii: "n"): return [0x0A]
            case UInt8(ascii: "r"): return [0x0D]
            case UInt8(ascii: "t"): return [0x09]
            case UInt8(ascii: "b"): return [0x08]
            case UInt8(ascii: "f"): return [0x0C]
            case UInt8(ascii: "u"):
                let digits = octets[at..<min(at + 4, octets.count)]
                guard digits.count == 4,
                    let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
                else { return nil }
                at += 4
                // Halves of a pair come out as what stands for the unreadable.
                return Array(String(Unicode.Scalar(value) ?? "\u{FFFD}").utf8)
            default: return nil
            }
        }
    }
}
