// SPDX-License-Identifier: MIT

/// Reads a server's replies (RFC 5321 §4.2, §4.2.1), one line or many.
///
/// Lines end with LF, with or without a CR before it: replies carry nobody's mail, and some servers know no
/// better. Everything else must be as the grammar says: whoever sends another thing is not speaking SMTP.
package struct ReplyParser: Sendable {
    package enum Event: Hashable, Sendable {
        case needMore
        case reply(ReplyLines)
        /// What is wrong. Nothing more can be read from this connection.
        case malformed(String)
    }

    private let limits: SendingLimits
    private var code = 0
    private var lines: [[UInt8]] = []

    package init(limits: SendingLimits = SendingLimits()) { self.limits = limits }

    /// One event per call; `consumed` is set to how many octets of `input` it took. An unfinished line is
    /// left, and handed in again with what follows; finished lines of an unfinished reply are kept here.
    package mutating func next(_ input: UnsafeRawBufferPointer, consumed: inout Int) -> Event {
        consumed = 0
        while let lineFeed = input.offset(of: Octet.lineFeed, from: consumed, to: input.count) {
            let start = consumed
            consumed = lineFeed + 1
            guard lineFeed + 1 - start <= limits.replyLineOctetsMax else {
                return .malformed("reply line too long")
            }
            let hasCarriageReturn = lineFeed > start && input.byte(at: lineFeed - 1) == Octet.carriageReturn
            let line = input.part(start..<(hasCarriageReturn ? lineFeed - 1 : lineFeed))
            guard let isLast = take(line) else { return .malformed("not an SMTP reply") }
            if isLast {
                defer { lines = [] }
                return .reply(ReplyLines(code: code, lines: lines))
            }
            guard lines.count < limits.replyLinesMax else { return .malformed("reply with too many lines") }
        }
        guard input.count - consumed < limits.replyLineOctetsMax else {
            return .malformed("reply line too long")
        }
        return .needMore
    }

    /// Whether it is the reply's last line; nil where it is no line of this reply.
    private mutating func take(_ line: UnsafeRawBufferPointer) -> Bool? {
        guard let first = line.byte(at: 0), let second = line.byte(at: 1), let third = line.byte(at: 2),
            (0x32...0x35).contains(first), second.isDigit, third.isDigit
        else { return nil }
        let code = Int(first - 0x30) * 100 + Int(second - 0x30) * 10 + Int(third - 0x30)
        guard lines.isEmpty || code == self.code else { return nil }
        self.code = code
        let separator = line.byte(at: 3)
        guard separator == nil || separator == Octet.space || separator == UInt8(ascii: "-") else {
            return nil
        }
        lines.append([UInt8](line.part(min(4, line.count)..<line.count)))
        return separator != UInt8(ascii: "-")
    }
}
