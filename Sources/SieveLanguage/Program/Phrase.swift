// SPDX-License-Identifier: MIT

/// A string of a script, compiled: text, and under the `variables` extension (RFC 5229 §3) what stands in its
/// place when the script runs.
enum Phrase: Sendable, Hashable {
    case constant([UInt8])
    case composed([Piece])

    enum Piece: Sendable, Hashable {
        case text([UInt8])
        /// The slot of a variable of the script's own.
        case variable(Int)
        /// A variable that `global` shares between scripts (RFC 6609 §3.4), in lower case.
        case global(String)
        /// `${0}` to `${31}`: what the last successful match captured.
        case match(Int)
        /// An item of another namespace, such as `env.name`, in lower case.
        case item(namespace: String, name: String)
    }

    /// The octets, where no run of the script changes them.
    var constant: [UInt8]? {
        if case .constant(let octets) = self { octets } else { nil }
    }
}

/// Reads the references in one string (RFC 5229 §3):
///
///     variable-ref = "${" *namespace variable-name "}"
///     namespace    = identifier "."
///
/// What doesn't follow the grammar stands for itself.
struct ReferenceScanner {
    enum Found: Equatable {
        /// The range behind the `$`, braces included, and the name between them in lower case.
        case name(namespace: String, name: String)
        case number(Int)
    }

    /// The reference that begins at the `$` at `start`, and where the text goes on; nil where none does.
    static func reference(in text: [UInt8], at start: Int) -> (found: Found, end: Int)? {
        guard start + 3 < text.count, text[start + 1] == UInt8(ascii: "{") else { return nil }
        // Most are one word in lower case, and need no list.
        var plain = start + 2
        while plain < text.count, isPlain(text[plain]) { plain += 1 }
        if plain < text.count, plain > start + 2, text[plain] == UInt8(ascii: "}"), text[start + 2] > 0x39 {
            let name = String(decoding: text[start + 2..<plain], as: UTF8.self)
            return (.name(namespace: "", name: name), plain + 1)
        }
        var words: [[UInt8]] = [[]]
        var offset = start + 2
        while offset < text.count {
            let octet = text[offset]
            offset += 1
            switch octet {
            case UInt8(ascii: "}"):
                return found(words).map { ($0, offset) }
            case UInt8(ascii: "."):
                words.append([])
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "a")...UInt8(ascii: "z"):
                words[words.count - 1].append(octet)
            case UInt8(ascii: "A")...UInt8(ascii: "Z"):
                words[words.count - 1].append(octet | 0x20)
            default:
                return nil
            }
        }
        return nil
    }

    private static func isPlain(_ octet: UInt8) -> Bool {
        octet &- UInt8(ascii: "a") < 26 || octet &- UInt8(ascii: "0") < 10 || octet == UInt8(ascii: "_")
    }

    private static func found(_ words: [[UInt8]]) -> Found? {
        if words.count == 1, !words[0].isEmpty, words[0].allSatisfy({ (0x30...0x39).contains($0) }) {
            // Beyond nine digits it is out of range whatever it is.
            return .number(words[0].prefix(9).reduce(0) { $0 * 10 + Int($1 - 0x30) })
        }
        guard words.allSatisfy({ $0.first.map { !(0x30...0x39).contains($0) } ?? false }) else { return nil }
        let texts = words.map { String(decoding: $0, as: UTF8.self) }
        return .name(namespace: texts.dropLast().joined(separator: "."), name: texts[texts.count - 1])
    }
}
