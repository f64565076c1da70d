// SPDX-License-Identifier: MIT

/// Takes message content off the wire: removes the dots that the client put at the head of lines (RFC 5321
/// §4.5.2), and finds the end.
///
/// Only CRLF.CRLF ends content, or `.CRLF` at its very start (promise P10). A bare CR or LF is remembered in
/// `fault` and never ends a line; what comes is then read to the true end all the same, so that nothing of it
/// is taken for commands. NUL and 8-bit octets pass. It copies nothing and keeps nothing: octets that it
/// can't judge yet, at most two, are left unconsumed and must be handed in again with what follows.
package struct ContentDecoder: Sendable {
    /// The first wrong line end, if there was one.
    package private(set) var fault: ContentFault?
    /// Content octets found so far, dots removed (as RFC 1870 §3 counts).
    package private(set) var octets = 0
    /// The last octets were CRLF, or there were none yet.
    private var isAtLineStart = true

    package init() {}

    /// One piece per call; `consumed` is set to how many octets of `input` it took. Without a line that
    /// begins with a dot, a message that is in `input` as a whole is one piece and the end.
    package mutating func decode(_ input: UnsafeRawBufferPointer, consumed: inout Int) -> ContentPiece {
        consumed = 0
        var start = 0
        if isAtLineStart, input.byte(at: 0) == Octet.dot {
            guard let second = input.byte(at: 1) else { return .needMore }
            if second == Octet.carriageReturn {
                guard let third = input.byte(at: 2) else { return .needMore }
                if third == Octet.lineFeed {
                    consumed = 3
                    return .end
                }
            }
            start = 1
            isAtLineStart = false
        }
        let end = scan(input, from: start)
        guard end > start else { return .needMore }
        consumed = end
        octets += end - start
        return .bytes(start..<end)
    }

    /// Goes over lines until one begins with a dot, the input ends, or its last octet is a CR that may be
    /// half of a CRLF. Answers where it stopped.
    private mutating func scan(_ input: UnsafeRawBufferPointer, from start: Int) -> Int {
        let count = input.count
        var cursor = start
        // Kept while it lies ahead: looking for it anew after each CR would cost the square of the input.
        var lineFeed = -1
        while cursor < count {
            if lineFeed < cursor {
                lineFeed = input.offset(of: Octet.lineFeed, from: cursor, to: count) ?? count
            }
            guard let carriageReturn = input.offset(of: Octet.carriageReturn, from: cursor, to: lineFeed)
            else {
                isAtLineStart = false
                guard lineFeed < count else { return count }
                fault = fault ?? .bareLineFeed
                cursor = lineFeed + 1
                continue
            }
            if carriageReturn + 1 == count {
                if carriageReturn > cursor { isAtLineStart = false }
                return carriageReturn
            }
            if carriageReturn + 1 == lineFeed {
                cursor = lineFeed + 1
                isAtLineStart = true
                if input.byte(at: cursor) == Octet.dot { return cursor }
            } else {
                fault = fault ?? .bareCarriageReturn
                cursor = carriageReturn + 1
                isAtLineStart = false
            }
        }
        return count
    }
}
