// SPDX-License-Identifier: MIT

internal import Mail

/// Writes a header field (RFC 5322 §2.2.3, RFC 2047).
enum FieldText {
    /// Octets of a line that mail programs show whole (RFC 5322 §2.1.1).
    private static let lineOctetsMax = 76

    /// `Name: body` with its line end, folded at blanks, words beyond ASCII encoded. Control characters
    /// become blanks: nothing in `body` begins a field of its own. With `keepsFolds` each line end in `body`
    /// is a fold, as `folded` leaves them.
    static func field(name: String, body: [UInt8], keepsFolds: Bool = false) -> [UInt8] {
        var line = Array(name.utf8) + [UInt8(ascii: ":")]
        var written: [UInt8] = []
        let parts = keepsFolds ? lines(body) : [body[...]]
        for (number, part) in parts.enumerated() {
            let clean = part.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
            for (index, word) in words(clean).enumerated() {
                let isFold = index == 0 ? number > 0 : line.count + 1 + word.count > lineOctetsMax
                if isFold {
                    written += line + [0x0D, 0x0A]
                    line = []
                }
                line.append(0x20)
                line += word
            }
        }
        return written + line + [0x0D, 0x0A]
    }

    /// A value that a script gives a field (RFC 5293 §4): each line end is a fold, and lines without anything
    /// in them, which nobody could tell from the header's end, are left out.
    static func folded(_ value: [UInt8]) -> [UInt8] {
        var folded: [UInt8] = []
        for line in lines(value) {
            let text = Execution.trimmed(Array(line))
            if text.isEmpty { continue }
            if !folded.isEmpty { folded += [0x0D, 0x0A, 0x20] }
            folded += text
        }
        return folded
    }

    /// RFC 5322 §2.2.3: the line ends go, the blanks behind them stay.
    static func unfolded(_ body: [UInt8]) -> [UInt8] {
        Execution.trimmed(body.filter { $0 != 0x0D && $0 != 0x0A })
    }

    /// Whether a field may hold it: UTF-8, and of control characters only tabs and whole line ends.
    static func isValue(_ value: [UInt8]) -> Bool {
        var isAfterCR = false
        for octet in value {
            if isAfterCR != (octet == 0x0A) { return false }
            isAfterCR = octet == 0x0D
            if octet < 0x20 && octet != 0x09 && octet != 0x0A && octet != 0x0D || octet == 0x7F {
                return false
            }
        }
        return !isAfterCR && String(validating: value, as: UTF8.self) != nil
    }

    /// A name for people before an address (RFC 5322 §3.2.5): quoted, or beyond ASCII encoded as one.
    static func phrase(_ name: String) -> [UInt8] {
        let octets = name.utf8.map { $0 < 0x20 || $0 == 0x7F ? 0x20 : $0 }
        if octets.contains(where: { $0 >= 0x80 }) { return Array(encoded(octets).joined(separator: [0x20])) }
        var quoted = [UInt8(ascii: "\"")]
        for octet in octets {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") {
                quoted.append(UInt8(ascii: "\\"))
            }
            quoted.append(octet)
        }
        return quoted + [UInt8(ascii: "\"")]
    }

    private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
        text.split(separator: 0x0A).map { $0.last == 0x0D ? $0.dropLast() : $0 }
    }

    /// The words between blanks; neighbours beyond ASCII as one, encoded.
    private static func words(_ body: [UInt8]) -> [[UInt8]] {
        var words: [[UInt8]] = []
        var foreign: [UInt8] = []
        func flush() {
            if !foreign.isEmpty { words += encoded(foreign) }
            foreign = []
        }
        for word in body.split(separator: 0x20) {
            // A word that looks encoded and isn't ours would be decoded by whoever reads it.
            if word.contains(where: { $0 >= 0x80 }) {
                if !foreign.isEmpty { foreign.append(0x20) }
                foreign += word
            } else {
                flush()
                words.append(Array(word))
            }
        }
        flush()
        return words
    }

    /// RFC 2047 §4.1 in `B`; each at most 75 octets, cut between characters.
    private static func encoded(_ text: [UInt8]) -> [[UInt8]] {
        // 45 octets are 60 of base64; with the frame 72.
        let chunkOctetsMax = 45
        var words: [[UInt8]] = []
        var chunk: [UInt8] = []
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            let octets = Array(UTF8.encode(scalar) ?? UTF8.EncodedScalar())
            if chunk.count + octets.count > chunkOctetsMax {
                words.append(word(chunk))
                chunk = []
            }
            chunk += octets
        }
        if !chunk.isEmpty { words.append(word(chunk)) }
        return words
    }

    private static func word(_ chunk: [UInt8]) -> [UInt8] {
        var word = Array("=?utf-8?B?".utf8)
        Base64.append(chunk, to: &word)
        return word + Array("?=".utf8)
    }
}
