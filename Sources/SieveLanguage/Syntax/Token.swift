// SPDX-License-Identifier: MIT

/// One lexical token of a script (RFC 5228 §8.1).
struct Token: Sendable {
    enum Kind: Hashable, Sendable {
        /// In lower case: identifiers compare without case.
        case identifier(String)
        /// Without its colon, in lower case.
        case tag(String)
        case number(Int)
        /// Escapes undone, dots unstuffed, line ends CRLF. A piece of the script itself where that changes
        /// nothing.
        case string(ArraySlice<UInt8>)
        case leftBracket, rightBracket
        case leftParenthesis, rightParenthesis
        case leftBrace, rightBrace
        case comma, semicolon
        case end
    }

    let kind: Kind
    /// Offsets in the script.
    let range: Range<Int>
}

extension Token.Kind {
    /// As an error message names it.
    var words: String {
        switch self {
        case .identifier(let name): MistakeList.quoted(name)
        case .tag(let name): MistakeList.quoted(":" + name)
        case .number: "a number"
        case .string: "a string"
        case .leftBracket: "\"[\""
        case .rightBracket: "\"]\""
        case .leftParenthesis: "\"(\""
        case .rightParenthesis: "\")\""
        case .leftBrace: "\"{\""
        case .rightBrace: "\"}\""
        case .comma: "\",\""
        case .semicolon: "\";\""
        case .end: "the end of the script"
        }
    }
}
