// SPDX-License-Identifier: MIT

/// What goes onto the wire next.
package enum EncodedPiece: Hashable, Sendable {
    /// All input is encoded: hand in more, or `finish`.
    case needMore
    /// Offsets in the input, to be sent as they are. Never empty.
    case bytes(Range<Int>)
    /// Octets of our own.
    case inserted(Insertion)

    package enum Insertion: Hashable, Sendable {
        /// Before a line that begins with a dot (RFC 5321 §4.5.2).
        case dot
        /// Behind a CR that had none.
        case lineFeed
        /// In place of a bare LF.
        case lineEnd

        package var octets: [UInt8] {
            switch self {
            case .dot: [Octet.dot]
            case .lineFeed: [Octet.lineFeed]
            case .lineEnd: [Octet.carriageReturn, Octet.lineFeed]
            }
        }
    }
}
