// SPDX-License-Identifier: MIT

/// What a part holds (RFC 2045 §5).
package struct ContentType: Sendable, Hashable {
    /// Lower case: `text`.
    package let type: String
    /// Lower case: `plain`.
    package let subtype: String
    package let parameters: ParameterList

    package init(type: String, subtype: String, parameters: ParameterList) {
        self.type = type
        self.subtype = subtype
        self.parameters = parameters
    }

    /// `text/plain`.
    package var name: String { "\(type)/\(subtype)" }

    package var isMultipart: Bool { type == "multipart" }
    /// A whole message: message/rfc822 (RFC 2046 §5.2.1) or message/global (RFC 6532 §3.7).
    package var isMessage: Bool { type == "message" && (subtype == "rfc822" || subtype == "global") }

    /// A piece of a message (RFC 2046 §5.2.2).
    package var isFragment: Bool { type == "message" && subtype == "partial" }
    /// What Outlook and Exchange put whole messages in (`winmail.dat`). It is left whole, as a leaf.
    package var isTNEF: Bool {
        type == "application" && (subtype == "ms-tnef" || subtype == "vnd.ms-tnef")
    }

    /// The `charset` parameter, lower case.
    package var charset: String? { parameters["charset"].map { ASCII.lowered($0.utf8) } }

    /// What a part without the field holds (RFC 2045 §5.2).
    static let plainText = ContentType(type: "text", subtype: "plain", parameters: .empty)
    /// What a part of a digest without the field holds (RFC 2046 §5.1.5).
    static let message = ContentType(type: "message", subtype: "rfc822", parameters: .empty)
    /// What nobody looked into.
    static let octetStream = ContentType(type: "application", subtype: "octet-stream", parameters: .empty)

    /// Reads an unfolded field body. Without a `type/subtype` it is text/plain (RFC 2045 §5.2), with the
    /// parameters that follow.
    package static func parse(
        _ body: [UInt8], limits: MessageLimits = .init()
    ) -> (type: ContentType, defects: [MessageDefect]) {
        var cursor = HeaderCursor(body)
        var defects: [MessageDefect] = []
        cursor.skipSpace()
        let type = ASCII.lowered(cursor.take(while: ASCII.isToken))
        let typeEnd = cursor.index
        cursor.skipSpace()
        let hasSlash = cursor.take(ASCII.slash)
        cursor.skipSpace()
        // Some readers take the blank for a part of the name.
        if hasSlash, cursor.index != typeEnd + 1 { defects.note(.commentInContentField) }
        let subtype = ASCII.lowered(cursor.take(while: ASCII.isToken))
        cursor.skipSpace()
        let isWhole =
            hasSlash && !type.isEmpty && !subtype.isEmpty
            && (cursor.isAtEnd || cursor.next == ASCII.semicolon)
        if !isWhole {
            defects.note(.brokenContentType)
            _ = cursor.take { $0 != ASCII.semicolon }
        }
        let parameters = ParameterList.parse(&cursor, limits: limits)
        defects.note(contentsOf: parameters.defects)
        if cursor.sawComment { defects.note(.commentInContentField) }
        guard isWhole else {
            return (ContentType(type: "text", subtype: "plain", parameters: parameters), defects)
        }
        return (ContentType(type: type, subtype: subtype, parameters: parameters), defects)
    }
}
