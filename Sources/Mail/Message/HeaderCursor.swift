// SPDX-License-Identifier: MIT

/// Walks over an unfolded structured field body and takes what RFC 5322 §3.2 and RFC 2045 §5.1 name:
/// comments, quoted strings, tokens. It only moves forward, so reading a field takes linear time.
struct HeaderCursor {
    let bytes: [UInt8]
    private(set) var index = 0
    /// What the last comment held, parentheses not included.
    private(set) var lastComment: Range<Int>?
    /// There was a comment.
    private(set) var sawComment = false
    /// A comment or quoted string ran to the end of the field.
    private(set) var isUnterminated = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    var isAtEnd: Bool { index >= bytes.count }
    /// The octet that comes next; nil at the end.
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    /// Steps over `byte` if it comes next.
    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        index += 1
        return true
    }

    mutating func skipOne() { index = min(index + 1, bytes.count) }

    /// Steps over blanks and comments (CFWS).
    mutating func skipSpace() {
        while let byte = next {
            if ASCII.isSpace(byte) {
                index += 1
            } else if byte == ASCII.openParenthesis {
                skipComment()
            } else {
                return
            }
        }
    }

    /// Steps over a comment. Comments nest; the depth is only counted, so that nesting costs no stack.
    private mutating func skipComment() {
        sawComment = true
        let start = index + 1
        var depth = 0
        while let byte = next {
            index += 1
            switch byte {
            case ASCII.backslash: skipOne()
            case ASCII.openParenthesis: depth += 1
            case ASCII.closeParenthesis:
                depth -= 1
                if depth == 0 {
                    lastComment = start..<(index - 1)
                    return
                }
            default: continue
            }
        }
        lastComment = min(start, index)..<index
        isUnterminated = true
    }

    mutating func forgetComment() { lastComment = nil }

    /// The octets up to the first that isn't `isWanted`; may be empty.
    mutating func take(while isWanted: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = index
        while index < bytes.count, isWanted(bytes[index]) { index += 1 }
        return bytes[start..<index]
    }

    /// What a quoted string says, if one comes next: without its quotes and backslashes.
    mutating func takeQuotedString() -> [UInt8]? {
        guard take(ASCII.quote) else { return nil }
        var content: [UInt8] = []
        while let byte = next {
            index += 1
            switch byte {
            case ASCII.quote: return content
            case ASCII.backslash:
                if let escaped = next { content.append(escaped) }
                skipOne()
            default: content.append(byte)
            }
        }
        isUnterminated = true
        return content
    }
}
