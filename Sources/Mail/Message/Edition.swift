// SPDX-License-Identifier: MIT

/// A message as some of its recipients get it: pieces of the received bytes, and bytes of our own between
/// them.
///
/// The received bytes stay as they are (promise P3); what differs is said as ranges, so that a copy of a
/// message costs what was changed, not what was sent.
package struct Edition: Codable, Hashable, Sendable {
    package enum Piece: Hashable, Sendable {
        /// A range of the received bytes.
        case original(Range<Int>)
        /// Bytes of our own. CRLF line ends.
        case inserted([UInt8])
    }

    package var pieces: [Piece]

    package init(pieces: [Piece]) { self.pieces = pieces }

    /// The message as it came.
    package static func unchanged(octets: Int) -> Edition { Edition(pieces: [.original(0..<octets)]) }

    /// Octets that this edition has on the wire, before dot-stuffing.
    package var octets: Int {
        pieces.reduce(0) {
            switch $1 {
            case .original(let range): $0 + range.count
            case .inserted(let bytes): $0 + bytes.count
            }
        }
    }
}

extension Edition.Piece: Codable {
    private enum Key: String, CodingKey { case original, inserted }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        if let text = try container.decodeIfPresent(Base64Text.self, forKey: .inserted) {
            self = .inserted(text.octets)
        } else {
            self = .original(try container.decode(Range<Int>.self, forKey: .original))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        switch self {
        case .original(let range): try container.encode(range, forKey: .original)
        case .inserted(let octets): try container.encode(Base64Text(octets), forKey: .inserted)
        }
    }
}

extension Edition {
    /// The message as its recipients get it. A range beyond the received bytes is cut to them.
    package func bytes(of message: MessageBytes) -> [UInt8] {
        message.withBytes { received in
            var bytes: [UInt8] = []
            // Ranges are cut to the message, so they may claim anything.
            let insertedOctets = pieces.reduce(0) {
                if case .inserted(let inserted) = $1 { $0 + inserted.count } else { $0 }
            }
            bytes.reserveCapacity(received.count + insertedOctets)
            for piece in pieces {
                switch piece {
                case .original(let range):
                    bytes.append(contentsOf: received[range.clamped(to: 0..<received.count)])
                case .inserted(let inserted): bytes.append(contentsOf: inserted)
                }
            }
            return bytes
        }
    }
}
