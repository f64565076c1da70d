// SPDX-License-Identifier: MIT

/// Text beyond ASCII in header fields, `=?charset?encoding?text?=` (RFC 2047).
///
/// Read as mail programs read it rather than as the RFC restricts it, since rules must see what people see:
/// words are found anywhere, may be long, may hold blanks, and one character may be split over two adjacent
/// words.
package enum EncodedWord {
    /// `text` with its encoded words decoded; the rest is taken as UTF-8. The result may hold any character.
    package static func decode(_ text: [UInt8], limits: MessageLimits = .init()) -> String {
        decodeNoting(text, limits: limits).text
    }

    /// The same, with what was wrong.
    package static func decodeNoting(
        _ text: [UInt8], limits: MessageLimits = .init()
    ) -> (text: String, defects: [MessageDefect]) {
        var reader = WordReader(text)
        var joiner = WordJoiner()
        var defects: [MessageDefect] = []
        var words = 0
        var literalStart = 0
        while let start = reader.nextOpening() {
            guard words < limits.encodedWordsMax else {
                defects.note(.tooManyEncodedWords)
                break
            }
            guard let word = reader.takeWord(at: start) else {
                defects.note(.brokenEncodedWord)
                continue
            }
            if isOdd(text, start..<reader.index) { defects.note(.oddEncodedWord) }
            if word.octets.contains(where: { ASCII.isControl($0) && $0 != ASCII.tab }) {
                defects.note(.controlInEncodedWord)
            }
            if !CharsetDecoding.knows(word.charset) { defects.note(.unknownCharset) }
            joiner.append(literal: text[literalStart..<start])
            joiner.append(word: word)
            literalStart = reader.index
            words += 1
        }
        if words == 0 { return (String(decoding: text, as: UTF8.self), defects) }
        return (joiner.finish(literal: text[literalStart...]), defects)
    }

    /// Whether something in `text` begins as encoded words do.
    static func isIn(_ text: [UInt8]) -> Bool {
        zip(text, text.dropFirst()).contains { $0 == ASCII.equals && $1 == ASCII.question }
    }

    /// Octets that RFC 2047 §2 allows a word.
    static let wordOctetsMax = 75

    /// Whether the word at `place` isn't written as RFC 2047 §2 and §5 say. In a comment a parenthesis may
    /// stand beside it.
    private static func isOdd(_ text: [UInt8], _ place: Range<Int>) -> Bool {
        if place.count > wordOctetsMax || text[place].contains(where: ASCII.isBlank) { return true }
        if place.lowerBound > 0 {
            let before = text[place.lowerBound - 1]
            if !ASCII.isSpace(before), before != ASCII.openParenthesis { return true }
        }
        guard place.upperBound < text.count else { return false }
        let after = text[place.upperBound]
        return !ASCII.isSpace(after) && after != ASCII.closeParenthesis
    }

    struct Word {
        /// Lower case, without RFC 2231's language.
        let charset: String
        let octets: [UInt8]
    }
}

/// Finds words. Each octet is looked at a fixed number of times: the last terminator found is kept, so that a
/// hundred thousand openings without an end don't each search to the end.
private struct WordReader {
    private let text: [UInt8]
    /// Where to look for the next opening.
    private(set) var index = 0
    /// The first `?=` at or after the place where it was last looked for; `Int.max` if there is none.
    private var terminator = -1

    /// Octets of a charset's name with its language; the longest registered name has 45.
    private static let charsetOctetsMax = 80

    init(_ text: [UInt8]) { self.text = text }

    /// The offset of the next `=?`; the search goes on after it unless a word is taken.
    mutating func nextOpening() -> Int? {
        guard let found = offset(of: ASCII.equals, ASCII.question, from: index) else {
            index = text.count
            return nil
        }
        index = found + 2
        return found
    }

    mutating func takeWord(at start: Int) -> EncodedWord.Word? {
        var end = start + 2
        let charsetEnd = min(text.count, end + Self.charsetOctetsMax)
        while end < charsetEnd, ASCII.isToken(text[end]) { end += 1 }
        let charset = text[(start + 2)..<end].prefix { $0 != ASCII.asterisk }
        guard !charset.isEmpty, end + 3 < text.count, text[end] == ASCII.question,
            text[end + 2] == ASCII.question
        else { return nil }
        let textStart = end + 3
        if terminator < textStart {
            terminator = offset(of: ASCII.question, ASCII.equals, from: textStart) ?? Int.max
        }
        guard terminator < text.count else { return nil }
        let encoded = text[textStart..<terminator]
        let octets: [UInt8]?
        switch ASCII.lower(text[end + 1]) {
        case UInt8(ascii: "b"): octets = Self.base64(encoded)
        case UInt8(ascii: "q"): octets = Self.quoted(encoded)
        default: octets = nil
        }
        guard let octets else { return nil }
        index = terminator + 2
        return .init(charset: ASCII.lowered(charset), octets: octets)
    }

    private func offset(of first: UInt8, _ second: UInt8, from start: Int) -> Int? {
        var index = start
        while index + 1 < text.count {
            if text[index] == first, text[index + 1] == second { return index }
            index += 1
        }
        return nil
    }

    private static func base64(_ encoded: ArraySlice<UInt8>) -> [UInt8]? {
        let decoded = encoded.withUnsafeBytes {
            TransferDecoding.decode($0, .base64, octetsMax: encoded.count)
        }
        return decoded.defects.contains(.junkInBase64) ? nil : decoded.octets
    }

    /// RFC 2047 §4.2: `_` is a space, `=XX` an octet.
    private static func quoted(_ encoded: ArraySlice<UInt8>) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity(encoded.count)
        var index = encoded.startIndex
        while index < encoded.endIndex {
            let byte = encoded[index]
            if byte == ASCII.equals, index + 2 < encoded.endIndex,
                let high = ASCII.hexValue(encoded[index + 1]),
                let low = ASCII.hexValue(encoded[index + 2])
            {
                octets.append(high << 4 | low)
                index += 3
                continue
            }
            octets.append(byte == ASCII.underscore ? ASCII.space : byte)
            index += 1
        }
        return octets
    }
}

/// Puts text together: blanks between adjacent words vanish (RFC 2047 §6.2), adjacent words of one charset
/// are converted as one.
private struct WordJoiner {
    private var text = ""
    private var charset: String?
    private var octets: [UInt8] = []

    mutating func append(literal: ArraySlice<UInt8>) {
        if charset != nil, literal.allSatisfy(ASCII.isSpace) { return }
        flush()
        text += String(decoding: literal, as: UTF8.self)
    }

    mutating func append(word: EncodedWord.Word) {
        if charset != word.charset {
            flush()
            charset = word.charset
        }
        octets += word.octets
    }

    mutating func finish(literal: ArraySlice<UInt8>) -> String {
        flush()
        return text + String(decoding: literal, as: UTF8.self)
    }

    private mutating func flush() {
        guard let charset else { return }
        text += CharsetDecoding.text(octets, charset: charset)
        self.charset = nil
        octets = []
    }
}
