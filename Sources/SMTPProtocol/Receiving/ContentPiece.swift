// SPDX-License-Identifier: MIT

/// A line end that RFC 5321 §2.3.8 forbids. Two servers that read it differently disagree where a message
/// ends.
package enum ContentFault: Hashable, Sendable {
    case bareCarriageReturn
    case bareLineFeed
}

/// What `ContentDecoder` makes of the next bytes.
package enum ContentPiece: Hashable, Sendable {
    /// Nothing can be said before more bytes come.
    case needMore
    /// Offsets in the input. Never empty.
    case bytes(Range<Int>)
    /// CRLF.CRLF was reached; its first CRLF belongs to the content.
    case end
}
