// SPDX-License-Identifier: MIT

package import Mail

/// The client side of one SMTP session, as a value: bytes in, bytes and steps out; one message after another.
///
///     connected()                     -> needMore
///     receive(...)                    -> send EHLO ... -> ready
///     send(envelope, octets:)         -> send(MAIL, RCPT, DATA)
///     receive(...)                    -> sendContent
///     contentSent()                   -> needMore
///     receive(...)                    -> settled(results), and the next message, or quit()
///
/// With PIPELINING, MAIL, every RCPT and DATA go out together (RFC 2920); without, one at a time. A
/// transaction that failed is cleared with RSET before the next.
///
/// A message with 8-bit octets goes out as it is even where the server doesn't offer 8BITMIME, and then
/// without `BODY`: RFC 6152 §3 would have us convert or return it. Converting breaks signatures and the
/// promise that received bytes stay as they are; and servers that lack the extension and mind are gone.
package struct SendingMachine: Sendable {
    private enum State: Sendable {
        case unconnected
        case greeting
        case hello(isExtended: Bool)
        case idle
        case resetting(Delivery)
        case mail(Delivery)
        case recipients(Delivery)
        case data(Delivery)
        case content(Delivery)
        case finalReply(Delivery)
        /// 354 came although nobody was accepted: a lone dot was sent (RFC 2920 §3.1), and is being answered.
        case withdrawing(Delivery)
        case quitting
        case closed
    }

    /// One message under way.
    private struct Delivery: Sendable {
        let envelope: Envelope
        let octets: Int
        let wishes: SendingWishes
        /// Why a recipient of the envelope is not even named to the server, by its index.
        let unsendable: [Int: Reply]
        /// Indexes of those who are.
        let named: [Int]
        /// MAIL was refused: the answer for everyone.
        var senderRefusal: Reply?
        /// Replies to RCPT so far, in the order of `named`.
        var answers: [Reply] = []

        var hasAccepted: Bool { senderRefusal == nil && answers.contains(where: \.isPositive) }

        /// The results, where `outcome` is that of everyone the server has not refused.
        func results(_ outcome: RecipientResult.Outcome) -> [RecipientResult] {
            var outcomes = Array(
                repeating: senderRefusal.map(SendingMachine.failure) ?? outcome,
                count: envelope.recipients.count)
            for (index, reply) in unsendable { outcomes[index] = .rejected(reply) }
            if senderRefusal == nil {
                for (index, answer) in zip(named, answers) where !answer.isPositive {
                    outcomes[index] = SendingMachine.failure(answer)
                }
            }
            return zip(envelope.recipients, outcomes).map { RecipientResult($0, $1) }
        }
    }

    private let helloName: String
    private let limits: SendingLimits
    private var state = State.unconnected
    private var parser: ReplyParser
    /// The server may still hold the last transaction.
    private var needsReset = false

    package private(set) var capabilities = ServerCapabilities()
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

    /// No message is under way and the connection can be used: `send` or `quit` may be called.
    package var isIdle: Bool { if case .idle = state { true } else { false } }

    /// How long to wait for the server, in seconds, counted anew from every step but `.needMore`, and from
    /// `connected` and `contentSent`; nil while there is nothing to wait for. While content is being sent it
    /// bounds how long the server may leave a block unread.
    package var secondsMax: Int? {
        switch state {
        case .greeting: limits.greetingSecondsMax
        case .hello, .resetting, .mail, .recipients, .withdrawing: limits.commandSecondsMax
        case .data: limits.dataSecondsMax
        case .content: limits.contentPauseSecondsMax
        case .finalReply: limits.finalReplySecondsMax
        case .quitting: limits.quitSecondsMax
        case .unconnected, .idle, .closed: nil
        }
    }

    // MARK: What the caller tells

    /// The connection is there. First call.
    package mutating func connected() -> SendingStep {
        guard case .unconnected = state else { preconditionFailure("connected() comes once, and first") }
        state = .greeting
        return .needMore
    }

    /// Hands over the next message: `octets` is its size before dot-stuffing (RFC 1870 §3). A transaction
    /// takes as many recipients as the envelope has; every server takes 100 (RFC 5321 §4.5.3.1.8), and defers
    /// what is too much. Only while `isIdle`.
    /// `wishes` go out where the server offers the extension that they belong to.
    package mutating func send(
        _ envelope: Envelope, octets: Int, wishes: SendingWishes = .none
    ) -> SendingStep {
        guard case .idle = state else { preconditionFailure("a message was handed over before its turn") }
        precondition(!envelope.recipients.isEmpty, "a message without recipients is owed to nobody")
        var unsendable: [Int: Reply] = [:]
        for (index, recipient) in envelope.recipients.enumerated() where !Path.canCarry(recipient) {
            unsendable[index] = Reply(553, "5.1.3", "The address can't be written in SMTP")
        }
        let named = envelope.recipients.indices.filter { unsendable[$0] == nil }
        let delivery = Delivery(
            envelope: envelope, octets: octets, wishes: wishes, unsendable: unsendable, named: named)
        if let sender = envelope.sender, !Path.canCarry(sender) {
            return .settled(
                delivery.results(.rejected(Reply(553, "5.1.7", "The sender can't be written in SMTP"))))
        }
        if let most = capabilities.sizeOctetsMax, octets > most {
            let reply = Reply(
                552, "5.3.4", "The next hop takes at most \(most) octets, this message has \(octets)")
            return .settled(delivery.results(.rejected(reply)))
        }
        if wishes.isExpired {
            let reply = Reply(550, "5.4.7", "The time is over by which the sender wanted it delivered")
            return .settled(delivery.results(.rejected(reply)))
        }
        guard !named.isEmpty else { return .settled(delivery.results(.rejected(.localError))) }
        return start(delivery)
    }

    /// The content, its end included, is handed to the socket. To be called before anything more is read:
    /// from now on, a lost connection leaves the outcome unknown.
    package mutating func contentSent() -> SendingStep {
        guard case .content(let delivery) = state else {
            // The server gave up on the content, and the results are out.
            precondition(end != nil, "content was not asked for")
            return .needMore
        }
        state = .finalReply(delivery)
        return .needMore
    }

    /// Says goodbye. Only while `isIdle`.
    package mutating func quit() -> SendingStep {
        guard case .idle = state else { preconditionFailure("QUIT while a message is under way") }
        state = .quitting
        return .send(Self.line("QUIT"))
    }

    /// The server closed the connection, or it broke.
    package mutating func disconnected() -> SendingStep {
        finish(.lost("the next hop closed the connection"))
    }

    /// `secondsMax` is spent.
    package mutating func timedOut() -> SendingStep { finish(.lost("the next hop took too long")) }

    /// Hands in what the server sent: all that is buffered, from the first octet not yet consumed. One step
    /// per call; `consumed` is set to how many octets it took.
    package mutating func receive(_ input: UnsafeRawBufferPointer, consumed: inout Int) -> SendingStep {
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
    private mutating func take(_ lines: ReplyLines) -> SendingStep? {
        let reply = lines.reply
        switch state {
        case .unconnected: preconditionFailure("bytes were handed over before connected()")
        case .closed: return nil
        case .quitting: return finish(.quit)
        // 421 may come at any time (RFC 5321 §3.8), and leaves the message undelivered.
        case .greeting, .hello, .idle, .resetting, .mail, .recipients, .data, .content, .finalReply,
            .withdrawing:
            if reply.code == 421 { return finish(.refused(reply)) }
        }
        switch state {
        case .unconnected, .closed, .quitting: return nil
        case .greeting:
            guard reply.code / 100 == 2 else { return finish(.refused(reply)) }
            state = .hello(isExtended: true)
            return .send(Self.line("EHLO \(helloName)"))
        case .hello(let isExtended):
            return takeHello(lines, reply, isExtended: isExtended)
        case .idle:
            return finish(.faulty("a reply to nothing: \(reply.text)"))
        case .resetting(let delivery):
            guard reply.code / 100 == 2 else { return finish(.refused(reply)) }
            needsReset = false
            state = .mail(delivery)
            return capabilities.hasPipelining ? nil : .send(mailLine(delivery))
        case .mail(let delivery): return takeMail(reply, delivery)
        case .recipients(let delivery): return takeRecipient(reply, delivery)
        case .data(let delivery): return takeData(reply, delivery)
        case .content:
            // Before our dot there is no final reply. Ours would be taken for the dot of something else: so
            // no dot.
            return finish(
                reply.isPositive ? .faulty("a reply amid the content: \(reply.text)") : .refused(reply))
        case .finalReply(let delivery):
            guard reply.code / 100 != 3 else { return finish(.faulty("354 in place of a final reply")) }
            needsReset = !reply.isPositive
            state = .idle
            return .settled(delivery.results(reply.isPositive ? .delivered(reply) : Self.failure(reply)))
        case .withdrawing(let delivery): return settleRefused(delivery)
        }
    }

    private mutating func takeHello(_ lines: ReplyLines, _ reply: Reply, isExtended: Bool) -> SendingStep {
        if reply.code / 100 == 2 {
            capabilities = isExtended ? ServerCapabilities(lines) : ServerCapabilities()
            state = .idle
            return .ready
        }
        // RFC 5321 §3.2: whoever doesn't know EHLO is greeted with HELO.
        guard isExtended, reply.isPermanent else { return finish(.refused(reply)) }
        state = .hello(isExtended: false)
        return .send(Self.line("HELO \(helloName)"))
    }

    private mutating func takeMail(_ reply: Reply, _ delivery: Delivery) -> SendingStep? {
        var delivery = delivery
        guard reply.code / 100 != 3 else { return finish(.faulty("354 in reply to MAIL")) }
        if !reply.isPositive { delivery.senderRefusal = reply }
        if capabilities.hasPipelining {
            state = .recipients(delivery)
            return nil
        }
        guard reply.isPositive else { return settleRefused(delivery) }
        state = .recipients(delivery)
        return .send(recipientLine(delivery, 0))
    }

    private mutating func takeRecipient(_ reply: Reply, _ delivery: Delivery) -> SendingStep? {
        var delivery = delivery
        guard reply.code / 100 != 3 else { return finish(.faulty("354 in reply to RCPT")) }
        delivery.answers.append(reply)
        guard delivery.answers.count == delivery.named.count else {
            state = .recipients(delivery)
            return capabilities.hasPipelining ? nil : .send(recipientLine(delivery, delivery.answers.count))
        }
        if !capabilities.hasPipelining, !delivery.hasAccepted { return settleRefused(delivery) }
        state = .data(delivery)
        return capabilities.hasPipelining ? nil : .send(Self.line("DATA"))
    }

    private mutating func takeData(_ reply: Reply, _ delivery: Delivery) -> SendingStep {
        switch (reply.code / 100, delivery.hasAccepted) {
        case (3, true):
            state = .content(delivery)
            return .sendContent
        case (3, false):
            state = .withdrawing(delivery)
            return .send(ContentEncoder().finish())
        case (2, _):
            return finish(.faulty("\(reply.code) in reply to DATA"))
        case (_, true):
            needsReset = true
            state = .idle
            return .settled(delivery.results(Self.failure(reply)))
        case (_, false):
            return settleRefused(delivery)
        }
    }

    /// Nobody was accepted, and nothing was sent.
    private mutating func settleRefused(_ delivery: Delivery) -> SendingStep {
        needsReset = true
        state = .idle
        // Each has an answer of his own by now; the outcome given here is nobody's.
        return .settled(delivery.results(.deferred(.localError)))
    }

    /// The connection is over. Whoever was not refused before is to be tried again.
    private mutating func finish(_ reason: SendingEnd) -> SendingStep {
        let before = state
        if case .closed = before { return .needMore }
        state = .closed
        end = reason
        switch before {
        case .resetting(let delivery):
            // A refused RSET says nothing of this message.
            return .settled(delivery.results(.deferred(Self.reply(reason))))
        case .mail(let delivery), .recipients(let delivery), .data(let delivery), .content(let delivery):
            return .settled(delivery.results(Self.outcome(reason)))
        case .finalReply(let delivery):
            if case .refused(let reply) = reason { return .settled(delivery.results(Self.failure(reply))) }
            return .settled(delivery.results(.unknown(Self.reply(reason))))
        case .withdrawing(let delivery):
            return .settled(delivery.results(.deferred(.localError)))
        case .unconnected, .greeting, .hello, .idle, .quitting, .closed:
            return .closed(reason)
        }
    }

    /// A negative reply, for a recipient.
    private static func failure(_ reply: Reply) -> RecipientResult.Outcome {
        reply.isPermanent ? .rejected(reply) : .deferred(reply)
    }

    private static func outcome(_ reason: SendingEnd) -> RecipientResult.Outcome {
        if case .refused(let reply) = reason { return failure(reply) }
        return .deferred(Self.reply(reason))
    }

    private static func reply(_ reason: SendingEnd) -> Reply {
        switch reason {
        case .quit: Reply(451, "4.4.2", "the session was over")
        case .refused(let reply): reply
        case .lost(let text): Reply(451, "4.4.2", text)
        case .faulty(let text): Reply(451, "4.5.0", text)
        }
    }

    // MARK: Commands

    private mutating func start(_ delivery: Delivery) -> SendingStep {
        var bytes: [UInt8] = []
        if needsReset { bytes += Self.line("RSET") }
        state = needsReset ? .resetting(delivery) : .mail(delivery)
        if capabilities.hasPipelining {
            bytes += mailLine(delivery)
            for index in delivery.named.indices { bytes += recipientLine(delivery, index) }
            bytes += Self.line("DATA")
        } else if !needsReset {
            bytes += mailLine(delivery)
        }
        return .send(bytes)
    }

    private func mailLine(_ delivery: Delivery) -> [UInt8] {
        var text = "MAIL FROM:<\(delivery.envelope.sender?.description ?? "")>"
        if capabilities.hasSize { text += " SIZE=\(delivery.octets)" }
        if capabilities.hasEightBitMIME, delivery.envelope.isEightBit { text += " BODY=8BITMIME" }
        if capabilities.hasDSN { text += delivery.wishes.mailText }
        if capabilities.hasDeliverBy { text += delivery.wishes.deliverByText }
        return Self.line(text)
    }

    private func recipientLine(_ delivery: Delivery, _ index: Int) -> [UInt8] {
        let recipient = delivery.envelope.recipients[delivery.named[index]]
        let text = capabilities.hasDSN ? delivery.wishes.recipientText(recipient) : ""
        return Self.line("RCPT TO:<\(recipient)>\(text)")
    }

    private static func line(_ text: String) -> [UInt8] {
        Array(text.utf8) + [Octet.carriageReturn, Octet.lineFeed]
    }
}
