// SPDX-License-Identifier: MIT

package import Mail

/// Asks a server whether it would take mail for a recipient, without sending any (call-ahead): MAIL with the
/// null sender, RCPT, RSET; one recipient after another over one connection. As a value: bytes in, bytes and
/// steps out.
///
///     connected()          -> needMore
///     receive(...)         -> send EHLO ... -> ready
///     probe(recipient)     -> send(MAIL, RCPT, RSET)
///     receive(...)         -> answered ... -> ready, and the next recipient, or quit()
///
/// With PIPELINING the three commands go out together (RFC 2920); without, one at a time.
package struct ProbeMachine: Sendable {
    private enum State: Sendable {
        case unconnected
        case greeting
        case hello(isExtended: Bool)
        case idle
        case mail(Address)
        /// `refusal` is the answer to MAIL, where that was none.
        case recipient(refusal: Reply?)
        case resetting
        case quitting
        case closed
    }

    private let helloName: String
    private let limits: SendingLimits
    private var state = State.unconnected
    private var parser: ReplyParser
    private var hasPipelining = false

    /// Nil as long as the connection can be used.
    package private(set) var end: SendingEnd?

    /// `helloName` is what we call ourselves in EHLO; what doesn't belong in such a name becomes `-`.
    package init(helloName: String, limits: SendingLimits = SendingLimits()) {
        let octets = helloName.utf8.prefix(SMTPLimits.helloNameOctetsMax)
        self.helloName = String(
            decoding: octets.map { $0.isHelloNameOctet ? $0 : UInt8(ascii: "-") }, as: UTF8.self)
        self.limits = limits
        parser = ReplyParser(limits: limits)
    }

    /// Nothing is being asked and the connection can be used: `probe` or `quit` may be called.
    package var isIdle: Bool { if case .idle = state { true } else { false } }

    /// How long to wait for the server, in seconds, counted anew from every step but `.needMore`, and from
    /// `connected`; nil while there is nothing to wait for.
    package var secondsMax: Int? {
        switch state {
        case .greeting: limits.greetingSecondsMax
        case .hello, .mail, .recipient, .resetting: limits.commandSecondsMax
        case .quitting: limits.quitSecondsMax
        case .unconnected, .idle, .closed: nil
        }
    }

    // MARK: What the caller tells

    /// The connection is there. First call.
    package mutating func connected() -> ProbeStep {
        guard case .unconnected = state else { preconditionFailure("connected() comes once, and first") }
        state = .greeting
        return .needMore
    }

    /// Asks about `recipient`. Only while `isIdle`. An address that can't be written in SMTP is `unknown` to
    /// every server, and none is asked.
    package mutating func probe(_ recipient: Address) -> ProbeStep {
        guard case .idle = state else { preconditionFailure("a recipient was asked about out of turn") }
        guard Path.canCarry(recipient) else {
            return .answered(
                .unknown(reply: Reply(553, "5.1.3", "The address can't be written in SMTP").text), send: [])
        }
        state = .mail(recipient)
        var bytes = Self.line("MAIL FROM:<>")
        if hasPipelining { bytes += Self.line("RCPT TO:<\(recipient)>") + Self.line("RSET") }
        return .send(bytes)
    }

    /// Says goodbye. Only while `isIdle`.
    package mutating func quit() -> ProbeStep {
        guard case .idle = state else { preconditionFailure("QUIT while a recipient is asked about") }
        state = .quitting
        return .send(Self.line("QUIT"))
    }

    /// The server closed the connection, or it broke.
    package mutating func disconnected() -> ProbeStep {
        finish(.lost("the next hop closed the connection"))
    }

    /// `secondsMax` is spent, or the caller's own time.
    package mutating func timedOut() -> ProbeStep { finish(.lost("the next hop took too long")) }

    /// Hands in what the server sent: all that is buffered, from the first octet not yet consumed. One step
    /// per call; `consumed` is set to how many octets it took.
    package mutating func receive(_ input: UnsafeRawBufferPointer, consumed: inout Int) -> ProbeStep {
        consumed = 0
        while true {
            if case .closed = state {
                consumed = input.count
                return .needMore
            }
            var taken = 0
            let event = parser.next(input.part(consumed..<input.count), consumed: &taken)
            consumed += taken
            switch event {
            case .needMore: return .needMore
            case .malformed(let reason): return finish(.faulty(reason))
            case .reply(let lines): if let step = take(lines) { return step }
            }
        }
    }

    // MARK: Replies

    /// Nil where the next reply is to be read before anything is done.
    private mutating func take(_ lines: ReplyLines) -> ProbeStep? {
        let reply = lines.reply
        if case .quitting = state { return finish(.quit) }
        // 421 may come at any time (RFC 5321 §3.8). No command of ours has 3yz for an answer.
        if reply.code == 421 { return finish(.refused(reply)) }
        guard reply.code / 100 != 3 else { return finish(.faulty("\(reply.code) in reply to no DATA")) }
        switch state {
        case .unconnected: preconditionFailure("bytes were handed over before connected()")
        case .closed, .quitting: return nil
        case .greeting:
            guard reply.isPositive else { return finish(.refused(reply)) }
            state = .hello(isExtended: true)
            return .send(Self.line("EHLO \(helloName)"))
        case .hello(let isExtended): return takeHello(lines, reply, isExtended: isExtended)
        case .idle: return finish(.faulty("a reply to nothing: \(reply.text)"))
        case .mail(let recipient):
            if hasPipelining {
                state = .recipient(refusal: reply.isPositive ? nil : reply)
                return nil
            }
            guard reply.isPositive else { return answered(Self.refused(sender: reply)) }
            state = .recipient(refusal: nil)
            return .send(Self.line("RCPT TO:<\(recipient)>"))
        case .recipient(let refusal):
            return answered(refusal.map(Self.refused(sender:)) ?? Self.answer(reply))
        case .resetting:
            guard reply.isPositive else { return finish(.refused(reply)) }
            state = .idle
            return .ready
        }
    }

    private mutating func takeHello(_ lines: ReplyLines, _ reply: Reply, isExtended: Bool) -> ProbeStep {
        if reply.isPositive {
            hasPipelining = isExtended && ServerCapabilities(lines).hasPipelining
            state = .idle
            return .ready
        }
        // RFC 5321 §3.2: whoever doesn't know EHLO is greeted with HELO.
        guard isExtended, reply.isPermanent else { return finish(.refused(reply)) }
        state = .hello(isExtended: false)
        return .send(Self.line("HELO \(helloName)"))
    }

    /// The transaction is given up before anything else is asked.
    private mutating func answered(_ answer: RecipientAnswer) -> ProbeStep {
        state = .resetting
        return .answered(answer, send: hasPipelining ? [] : Self.line("RSET"))
    }

    private mutating func finish(_ reason: SendingEnd) -> ProbeStep {
        if case .closed = state { return .needMore }
        state = .closed
        end = reason
        return .closed(reason)
    }

    private static func line(_ text: String) -> [UInt8] {
        Array(text.utf8) + [Octet.carriageReturn, Octet.lineFeed]
    }

    // MARK: What a reply says of a recipient

    private static func refused(sender reply: Reply) -> RecipientAnswer {
        .unsure("the next hop refuses the null sender: \(reply.text)")
    }

    /// The reply to RCPT. Only a refusal that speaks of the address makes it unknown: relaying refused, a
    /// block list, a full mailbox, a missing login are 5yz too, and say nothing of whether it exists.
    static func answer(_ reply: Reply) -> RecipientAnswer {
        if reply.isPositive { return .accepted }
        guard reply.isPermanent, isAboutRecipient(reply) else { return .unsure(reply.text) }
        return .unknown(reply: reply.text)
    }

    /// By the enhanced status where there is one (RFC 3463 §3.2 and §3.3), else by the code (RFC 5321
    /// §4.2.3).
    private static func isAboutRecipient(_ reply: Reply) -> Bool {
        guard let status = reply.status, status != "5.0.0" else {
            return reply.code == 550 || reply.code == 551 || reply.code == 553
        }
        switch status {
        // Those two are about the sender's address.
        case "5.1.7", "5.1.8": return false
        // A mailbox that is switched off; and what hosted Exchange says where its directory has no such name.
        case "5.2.1", "5.4.1": return true
        default: return status.hasPrefix("5.1.")
        }
    }
}
