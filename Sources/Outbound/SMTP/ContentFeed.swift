// SPDX-License-Identifier: MIT

internal import Mail
internal import NIOCore
internal import SMTPProtocol

/// An edition on its way onto the wire: encoded piece by piece straight from the received bytes into a
/// socket's buffer, which is the only copy made of them.
struct ContentFeed {
    private let pieces: [Edition.Piece]
    private let body: MessageBytes
    private var encoder = ContentEncoder()
    private var piece = 0
    /// Octets of the piece that are encoded.
    private var offset = 0
    /// Everything is encoded, the final dot included.
    private(set) var isDone = false
    /// The edition names octets that the message doesn't have: the queue is damaged, and nothing may be
    /// ended.
    private(set) var isDamaged = false

    init(_ delivery: Delivery) {
        pieces = delivery.pieces
        body = delivery.body
    }

    /// Encodes until `octetsMax` more octets are in `buffer`, or somewhat more, or all is done.
    mutating func fill(_ buffer: inout ByteBuffer, octetsMax: Int) {
        let enough = buffer.writerIndex + octetsMax
        while buffer.writerIndex < enough, piece < pieces.count, !isDamaged {
            switch pieces[piece] {
            case .inserted(let bytes):
                bytes.withUnsafeBytes { encode($0, into: &buffer, until: enough) }
            case .original(let range):
                body.withBytes { all in
                    guard range.lowerBound >= 0, range.upperBound <= all.count else {
                        isDamaged = true
                        return
                    }
                    encode(UnsafeRawBufferPointer(rebasing: all[range]), into: &buffer, until: enough)
                }
            }
        }
        guard piece == pieces.count, !isDone else { return }
        buffer.writeBytes(encoder.finish())
        isDone = true
    }

    /// Goes on in the current piece, and to the next one at its end.
    private mutating func encode(
        _ bytes: UnsafeRawBufferPointer, into buffer: inout ByteBuffer, until enough: Int
    ) {
        while buffer.writerIndex < enough {
            let rest = UnsafeRawBufferPointer(
                rebasing: bytes[offset...].prefix(ContentEncoder.windowOctetsMax))
            var consumed = 0
            let encoded = encoder.encode(rest, consumed: &consumed)
            offset += consumed
            switch encoded {
            case .needMore:
                guard offset == bytes.count else { continue }
                piece += 1
                offset = 0
                return
            case .bytes(let range): buffer.writeBytes(UnsafeRawBufferPointer(rebasing: rest[range]))
            case .inserted(let insertion): buffer.writeBytes(insertion.octets)
            }
        }
    }
}
