// SPDX-License-Identifier: MIT

/// Both forms of strings (RFC 5228 §2.4.2).
extension Lexer {
    /// The quote is at `position`.
    mutating func quotedString() -> Token {
        let start = position
        position += 1
        if let token = plainString(from: start) { return token }
        var text = StringReading(octetsMax: limits.stringOctetsMax)
        while let byte = byte(at: position) {
            switch byte {
            case UInt8(ascii: "\""):
                position += 1
                return finish(text, from: start)
            case UInt8(ascii: "\\"):
                position += 1
                // A backslash before anything else stands for nothing (§2.4.2).
                if let escaped = self.byte(at: position), escaped != 0x0A, escaped != 0x0D {
                    text.append(escaped)
                    position += 1
                }
            default:
                take(byte, into: &text)
            }
        }
        mistakes.add(
            start..<(start + 1), "this string is never closed",
            help: "end it with a double quote; inside a string a double quote is written \\\"")
        // What follows the string's first line is more likely script than string: its mistakes are worth
        // knowing.
        position = source[start...].firstIndex(of: 0x0A) ?? source.count
        return Token(kind: .string([]), range: start..<position)
    }

    /// A string that means what it says: most do, and are taken as a whole. Nil, and nothing is read, where
    /// one has an escape, a line end, a control character, or too many octets. Its first octet is at
    /// `position`.
    private mutating func plainString(from start: Int) -> Token? {
        var end = position
        while end < source.count {
            let octet = source[end]
            if octet == UInt8(ascii: "\"") {
                guard end - position <= limits.stringOctetsMax else { return nil }
                let octets = source[position..<end]
                position = end + 1
                return Token(kind: .string(octets), range: start..<position)
            }
            if octet < 0x20 || octet == UInt8(ascii: "\\") { return nil }
            end += 1
        }
        return nil
    }

    /// `text` has been read; the colon is at `position`.
    mutating func multiLine(from start: Int) -> Token {
        position += 1
        while let byte = byte(at: position), byte == 0x20 || byte == 0x09 { position += 1 }
        if byte(at: position) == UInt8(ascii: "#") { skipHashComment() }
        guard skipLineEnd() else {
            let stray = position..<min(position + 1, source.count)
            mistakes.add(
                stray.isEmpty ? start..<position : stray,
                "the text of a multi-line string begins on the next line",
                help: "after \"text:\" only a # comment may stand in the same line")
            return Token(kind: .string([]), range: start..<position)
        }
        var text = StringReading(octetsMax: limits.stringOctetsMax)
        while position < source.count {
            if byte(at: position) == UInt8(ascii: ".") {
                position += 1
                if isAtLineEnd {
                    let end = position
                    _ = skipLineEnd()
                    return finish(text, from: start, end: end)
                }
                // A dot that stuffs another is dropped; any other stays (§2.4.2).
                if byte(at: position) != UInt8(ascii: ".") { text.append(UInt8(ascii: ".")) }
            }
            while let byte = byte(at: position) {
                let isLineEnd = isAtLineEnd
                take(byte, into: &text)
                if isLineEnd { break }
            }
        }
        mistakes.add(
            start..<(start + 5), "this multi-line string is never closed",
            help: "end it with a line that holds a single dot")
        return Token(kind: .string([]), range: start..<position)
    }

    private var isAtLineEnd: Bool {
        guard let byte = byte(at: position) else { return true }
        return byte == 0x0A || (byte == 0x0D && self.byte(at: position + 1) == 0x0A)
    }

    /// False where no line ends at `position`.
    private mutating func skipLineEnd() -> Bool {
        guard isAtLineEnd, let byte = byte(at: position) else { return false }
        position += byte == 0x0D ? 2 : 1
        return true
    }

    /// Takes one octet of a string, or a line end as CRLF.
    private mutating func take(_ byte: UInt8, into text: inout StringReading) {
        if isAtLineEnd {
            text.append(0x0D)
            text.append(0x0A)
            _ = skipLineEnd()
            return
        }
        if byte == 0 {
            reportNUL(at: position)
        } else if byte == 0x0D {
            mistakes.add(
                position..<(position + 1), "a carriage return stands alone",
                help: "end lines with CRLF or with LF, not with CR alone")
        } else {
            text.append(byte)
        }
        position += 1
    }

    private mutating func finish(_ text: StringReading, from start: Int, end: Int? = nil) -> Token {
        let range = start..<(end ?? position)
        if text.isTooLong {
            mistakes.add(
                start..<(start + 1), "this string has more than \(limits.stringOctetsMax) octets",
                help: "shorten it; a closing quote may be missing")
        }
        return Token(kind: .string(text.octets[...]), range: range)
    }
}

/// A string being read: what goes beyond the limit is counted, not kept.
private struct StringReading {
    private(set) var octets: [UInt8] = []
    private(set) var isTooLong = false
    private let octetsMax: Int

    init(octetsMax: Int) {
        self.octetsMax = octetsMax
    }

    mutating func append(_ octet: UInt8) {
        if octets.count < octetsMax { octets.append(octet) } else { isTooLong = true }
    }
}
