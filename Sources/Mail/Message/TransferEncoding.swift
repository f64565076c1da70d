// SPDX-License-Identifier: MIT

/// How a body is written for transport (RFC 2045 §6.1).
package enum TransferEncoding: String, Sendable, Hashable, CaseIterable {
    case sevenBit = "7bit"
    case eightBit = "8bit"
    case binary
    case quotedPrintable = "quoted-printable"
    case base64

    /// The body's octets stand for themselves.
    package var isIdentity: Bool { self == .sevenBit || self == .eightBit || self == .binary }

    /// Reads an unfolded field body; nil for what RFC 2045 doesn't name.
    static func parse(_ body: [UInt8]) -> TransferEncoding? { parseNoting(body).encoding }

    /// The same, with what was wrong.
    static func parseNoting(_ body: [UInt8]) -> (encoding: TransferEncoding?, defects: [MessageDefect]) {
        var cursor = HeaderCursor(body)
        var defects: [MessageDefect] = []
        cursor.skipSpace()
        // Some senders quote it.
        let quoted = cursor.takeQuotedString()
        let word = quoted ?? Array(cursor.take(while: ASCII.isToken))
        cursor.skipSpace()
        if cursor.sawComment { defects.note(.commentInContentField) }
        if quoted != nil || !cursor.isAtEnd { defects.note(.oddTransferEncoding) }
        return (TransferEncoding(rawValue: ASCII.lowered(word)), defects)
    }
}
