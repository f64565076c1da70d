// SPDX-License-Identifier: MIT

internal import Mail

/// Cuts bytes into command lines. Only CRLF ends a line: one with a bare CR or LF in it is refused as a
/// whole, since somebody on the way may have read it as one line, or as two.
struct CommandLineReader: Sendable {
    enum Event: Hashable, Sendable {
        case needMore
        /// Offsets in the input, without the CRLF; no CR or LF in it.
        case line(Range<Int>)
        case refused(Reply)
        /// The rest of a refused line goes on beyond `SMTPLimits.swallowedLineOctetsMax`.
        case endless
    }

    /// Octets thrown away of a refused line whose CRLF has not come yet; nil outside of one.
    private var swallowed: Int?

    init() {}

    /// One event per call; `consumed` is set to how many octets of `input` it took.
    mutating func next(_ input: UnsafeRawBufferPointer, limits: SMTPLimits, consumed: inout Int) -> Event {
        consumed = 0
        if let before = swallowed {
            let end = Self.endOfLine(input)
            // A CR at the very end may be half of a CRLF: it stays for the next call.
            let taken = end ?? (input.last == Octet.carriageReturn ? input.count - 1 : input.count)
            consumed = taken
            guard before + taken <= limits.swallowedLineOctetsMax else { return .endless }
            swallowed = end == nil ? before + taken : nil
            if end == nil { return .needMore }
        }

        let start = consumed
        let lineFeed = input.offset(of: Octet.lineFeed, from: start, to: input.count)
        let octets = lineFeed.map { $0 + 1 - start } ?? (input.count - start + 1)
        guard octets <= limits.commandLineOctetsMax else {
            // No LF among the octets consumed here, so no CRLF is cut in two.
            consumed = start + limits.commandLineOctetsMax - 1
            swallowed = 0
            return .refused(.lineTooLong)
        }
        guard let lineFeed else { return .needMore }
        consumed = lineFeed + 1
        guard lineFeed > start, input.byte(at: lineFeed - 1) == Octet.carriageReturn else {
            // Answered at once, for a client that knows no CRLF would wait; the rest of the line is still its
            // rest.
            swallowed = 0
            return .refused(.bareLineFeed)
        }
        let line = start..<(lineFeed - 1)
        guard input.offset(of: Octet.carriageReturn, from: line.lowerBound, to: line.upperBound) == nil else {
            return .refused(.bareCarriageReturn)
        }
        return .line(line)
    }

    /// Offset behind the first CRLF.
    private static func endOfLine(_ input: UnsafeRawBufferPointer) -> Int? {
        var from = 0
        while let lineFeed = input.offset(of: Octet.lineFeed, from: from, to: input.count) {
            if input.byte(at: lineFeed - 1) == Octet.carriageReturn { return lineFeed + 1 }
            from = lineFeed + 1
        }
        return nil
    }
}
