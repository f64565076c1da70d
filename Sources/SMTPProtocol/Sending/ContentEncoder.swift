// SPDX-License-Identifier: MIT

/// Puts message content onto the wire: dots are added at the head of lines that begin with one (RFC 5321
/// §4.5.2), a bare CR or LF becomes CRLF (promise P10: only CRLF ever goes out), and the end is CRLF.CRLF.
///
/// Content that needs no change is handed on as ranges of the input, up to `windowOctetsMax` each; nothing is
/// copied.
package struct ContentEncoder: Sendable {
    /// Octets looked at in one call: an insertion ends a call, and each call looks ahead for the next LF, so
    /// that without a window content full of bare CRs would cost the square of its size.
    package static let windowOctetsMax = 16_384

    private enum Place: Sendable {
        case lineStart
        /// The dot of this line was doubled, and is next in the input.
        case dotInserted
        case inside
        /// A CR was the last octet sent, and its LF is to be inserted.
        case carriageReturnSent
        /// The LF behind a CR was inserted; one that follows in the input is the same line end.
        case lineFeedInserted
    }

    private var place = Place.lineStart

    package init() {}

    /// One piece per call, until `.needMore`; `consumed` is set to how many octets of `input` it took. The
    /// pieces of a message are the same octets for any cut of it.
    package mutating func encode(_ input: UnsafeRawBufferPointer, consumed: inout Int) -> EncodedPiece {
        consumed = 0
        if place == .carriageReturnSent {
            place = .lineFeedInserted
            return .inserted(.lineFeed)
        }
        guard !input.isEmpty else { return .needMore }
        var start = 0
        if place == .lineFeedInserted {
            place = .lineStart
            if input.byte(at: 0) == Octet.lineFeed { start = 1 }
            consumed = start
            guard start < input.count else { return .needMore }
        }
        if place == .lineStart, input.byte(at: start) == Octet.dot {
            place = .dotInserted
            return .inserted(.dot)
        }
        return line(
            input.part(0..<min(input.count, start + Self.windowOctetsMax)), from: start, consumed: &consumed)
    }

    /// From `start`, where no dot needs doubling, as far as the octets can go as they are.
    private mutating func line(
        _ input: UnsafeRawBufferPointer, from start: Int, consumed: inout Int
    ) -> EncodedPiece {
        var cursor = start
        while true {
            let lineFeed = input.offset(of: Octet.lineFeed, from: cursor, to: input.count) ?? input.count
            if let carriageReturn = input.offset(of: Octet.carriageReturn, from: cursor, to: lineFeed) {
                guard carriageReturn + 1 == lineFeed, lineFeed < input.count else {
                    consumed = carriageReturn + 1
                    place = .carriageReturnSent
                    return .bytes(start..<consumed)
                }
                cursor = lineFeed + 1
                place = .lineStart
                guard cursor < input.count, input.byte(at: cursor) != Octet.dot else {
                    consumed = cursor
                    return .bytes(start..<cursor)
                }
            } else if lineFeed < input.count {
                guard lineFeed == start else {
                    consumed = lineFeed
                    place = .inside
                    return .bytes(start..<lineFeed)
                }
                consumed = lineFeed + 1
                place = .lineStart
                return .inserted(.lineEnd)
            } else {
                consumed = input.count
                place = .inside
                return .bytes(start..<input.count)
            }
        }
    }

    /// What ends the message. Call it once, after `.needMore`.
    package func finish() -> [UInt8] {
        let end: [UInt8] = [Octet.dot, Octet.carriageReturn, Octet.lineFeed]
        return switch place {
        case .lineStart, .lineFeedInserted: end
        case .inside, .dotInserted: [Octet.carriageReturn, Octet.lineFeed] + end
        case .carriageReturnSent: [Octet.lineFeed] + end
        }
    }

    /// All of `input`, appended to `output`: for callers that gather bytes anyway.
    package mutating func encode(_ input: UnsafeRawBufferPointer, into output: inout [UInt8]) {
        var offset = 0
        while true {
            var consumed = 0
            let rest = input.part(offset..<input.count)
            switch encode(rest, consumed: &consumed) {
            case .needMore: return
            case .bytes(let range): output.append(contentsOf: rest.part(range))
            case .inserted(let insertion): output.append(contentsOf: insertion.octets)
            }
            offset += consumed
        }
    }
}
