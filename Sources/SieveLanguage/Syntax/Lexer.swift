// SPDX-License-Identifier: MIT

/// Cuts a script into tokens (RFC 5228 §8.1), on bytes.
///
/// What it can't read it reports and skips, so that the parser sees tokens only. LF is read as CRLF:
/// scripts are files, and most editors here write LF. Strings and comments may hold any octets but NUL and
/// a lone CR.
struct Lexer: Sendable {
    let source: [UInt8]
    let limits: SieveLimits
    var mistakes: MistakeList
    /// The offset of the next byte to read.
    var position: Int

    init(_ source: [UInt8], limits: SieveLimits) {
        self.source = source
        self.limits = limits
        mistakes = MistakeList(limits: limits)
        position = source.starts(with: SourceMap.byteOrderMark) ? SourceMap.byteOrderMark.count : 0
    }

    /// The byte at `offset`; nil beyond the end.
    func byte(at offset: Int) -> UInt8? {
        offset < source.count ? source[offset] : nil
    }

    /// The next token; `.end` at the end, again and again.
    mutating func next() -> Token {
        while true {
            skipWhiteSpace()
            let start = position
            guard let byte = byte(at: start) else { return Token(kind: .end, range: start..<start) }
            if let kind = Self.separator(byte) {
                position += 1
                return Token(kind: kind, range: start..<position)
            }
            switch byte {
            case UInt8(ascii: "\""):
                return quotedString()
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                return number()
            case UInt8(ascii: ":") where self.byte(at: start + 1).map(Self.beginsIdentifier) ?? false:
                position += 1
                return Token(kind: .tag(word()), range: start..<position)
            case _ where Self.beginsIdentifier(byte):
                let name = word()
                if self.byte(at: position) == UInt8(ascii: ":"), name == "text" {
                    return multiLine(from: start)
                }
                return Token(kind: .identifier(name), range: start..<position)
            default:
                skipStray()
            }
        }
    }

    private static func separator(_ byte: UInt8) -> Token.Kind? {
        switch byte {
        case UInt8(ascii: "["): .leftBracket
        case UInt8(ascii: "]"): .rightBracket
        case UInt8(ascii: "("): .leftParenthesis
        case UInt8(ascii: ")"): .rightParenthesis
        case UInt8(ascii: "{"): .leftBrace
        case UInt8(ascii: "}"): .rightBrace
        case UInt8(ascii: ","): .comma
        case UInt8(ascii: ";"): .semicolon
        default: nil
        }
    }

    static func beginsIdentifier(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    static func continuesIdentifier(_ byte: UInt8) -> Bool {
        beginsIdentifier(byte) || isDigit(byte)
    }

    static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// An identifier in lower case. The first byte is known to begin one.
    private mutating func word() -> String {
        let start = position
        while let byte = byte(at: position), Self.continuesIdentifier(byte) { position += 1 }
        let range = start..<position
        if range.count > limits.identifierOctetsMax {
            mistakes.add(
                range, "the word \(MistakeList.quoted(source[range])) is too long",
                help:
                    "no command, test or tag has more than \(limits.identifierOctetsMax) characters; a "
                    + "space or a quote may be missing")
        }
        return source.withUnsafeBufferPointer { source in
            String(unsafeUninitializedCapacity: range.count) { room in
                for (place, offset) in range.enumerated() {
                    room[place] =
                        source[offset] &- UInt8(ascii: "A") < 26 ? source[offset] | 0x20 : source[offset]
                }
                return range.count
            }
        }
    }

    // MARK: White space (RFC 5228 §2.2, §2.3)

    private mutating func skipWhiteSpace() {
        while let byte = byte(at: position) {
            switch byte {
            case 0x20, 0x09, 0x0A:
                position += 1
            case 0x0D where self.byte(at: position + 1) == 0x0A:
                position += 2
            case UInt8(ascii: "#"):
                skipHashComment()
            case UInt8(ascii: "/") where self.byte(at: position + 1) == UInt8(ascii: "*"):
                skipBracketComment()
            default:
                return
            }
        }
    }

    /// Stops before the line end.
    mutating func skipHashComment() {
        let start = position
        while let byte = byte(at: position), byte != 0x0A {
            if byte == 0 { reportNUL(at: position) }
            position += 1
        }
        // The CR of the line end belongs to the line end.
        if position > start, byte(at: position) == 0x0A, source[position - 1] == 0x0D { position -= 1 }
    }

    private mutating func skipBracketComment() {
        let start = position
        position += 2
        while let byte = byte(at: position) {
            if byte == UInt8(ascii: "*"), self.byte(at: position + 1) == UInt8(ascii: "/") {
                position += 2
                return
            }
            if byte == 0 { reportNUL(at: position) }
            position += 1
        }
        mistakes.add(
            start..<(start + 2), "this comment is never closed",
            help: "end it with \"*/\"; such comments don't nest")
    }

    // MARK: Numbers (RFC 5228 §2.4.1)

    private mutating func number() -> Token {
        let start = position
        var value: UInt64 = 0
        var isTooLarge = false
        while let byte = byte(at: position), Self.isDigit(byte) {
            let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = tens.addingReportingOverflow(UInt64(byte - UInt8(ascii: "0")))
            if overflow || carry { isTooLarge = true } else { value = sum }
            position += 1
        }
        var shift = 0
        switch byte(at: position).map({ $0 | 0x20 }) {
        case UInt8(ascii: "k"): shift = 10
        case UInt8(ascii: "m"): shift = 20
        case UInt8(ascii: "g"): shift = 30
        default: break
        }
        if shift > 0 { position += 1 }
        let (scaled, overflow) = value.multipliedReportingOverflow(by: 1 << shift)
        let afterQuantifier = position
        while let byte = byte(at: position), Self.continuesIdentifier(byte) { position += 1 }
        let range = start..<position
        if position > afterQuantifier {
            mistakes.add(
                range, "\(MistakeList.quoted(source[range])) is not a number",
                help: "write digits and then at most one of K, M and G, as in 100K")
        } else if overflow || isTooLarge {
            mistakes.add(
                range, "the number \(MistakeList.quoted(source[range])) is too large",
                help: "numbers go up to \(UInt64.max)")
        }
        // What is beyond half of that counts as half: no message has as many octets, no list as many entries.
        return Token(kind: .number(overflow || isTooLarge ? 0 : Int(clamping: scaled)), range: range)
    }

    // MARK: What belongs to no token

    private mutating func skipStray() {
        let start = position
        while let byte = byte(at: position), isStray(byte) { position += 1 }
        if position == start { position += 1 }
        let range = start..<position
        let text = source[range]
        let help: String
        switch text.first {
        case 0x00:
            return reportNUL(at: start)
        case 0x0D:
            mistakes.add(
                range, "a carriage return stands alone",
                help: "end lines with CRLF or with LF, not with CR alone")
            return
        case UInt8(ascii: "'"):
            help = "strings stand in double quotes"
        case UInt8(ascii: "-"), UInt8(ascii: "+"):
            help = "numbers have no sign"
        case UInt8(ascii: ":"):
            help = "a tag is a colon with a word right after it, as in :contains"
        case 0xE2 where text.starts(with: [0xE2, 0x80]):
            help = "an editor may have changed the quotes: strings stand in plain double quotes"
        default:
            help =
                "outside strings and comments there are only words, numbers and [ ] ( ) { } , ; in a script"
        }
        mistakes.add(range, "\(MistakeList.quoted(text)) has no meaning here", help: help, kind: .stray)
    }

    private func isStray(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x09, 0x0A, 0x0D, 0x20, UInt8(ascii: "\""), UInt8(ascii: "#"), UInt8(ascii: "/"),
            UInt8(ascii: ":"), 0:
            false
        default:
            Self.separator(byte) == nil && !Self.continuesIdentifier(byte)
        }
    }

    mutating func reportNUL(at offset: Int) {
        mistakes.add(
            offset..<(offset + 1), "a NUL octet stands here",
            help: "remove it; in a string write \"${hex:00}\" and require \"encoded-character\"")
    }
}
