// SPDX-License-Identifier: MIT

/// How a part is to be shown (RFC 2183).
package struct ContentDisposition: Sendable, Hashable {
    /// Lower case: `attachment`, `inline`. Empty where the field doesn't begin with a token.
    package let kind: String
    package let parameters: ParameterList

    /// Reads an unfolded field body.
    package static func parse(
        _ body: [UInt8], limits: MessageLimits = .init()
    ) -> (disposition: ContentDisposition, defects: [MessageDefect]) {
        var cursor = HeaderCursor(body)
        cursor.skipSpace()
        let kind = ASCII.lowered(cursor.take(while: ASCII.isToken))
        cursor.skipSpace()
        let parameters = ParameterList.parse(&cursor, limits: limits)
        var defects = parameters.defects
        if kind.isEmpty { defects.note(.brokenParameter) }
        if cursor.sawComment { defects.note(.commentInContentField) }
        return (ContentDisposition(kind: kind, parameters: parameters), defects)
    }
}
