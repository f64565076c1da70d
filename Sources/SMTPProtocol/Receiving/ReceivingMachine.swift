// SPDX-License-Identifier: MIT

package import Mail

/// The server side of one SMTP session, as a value: bytes and answers in, steps out.
///
/// It holds no socket, no clock and no rules. Whoever holds the connection carries out each step and hands
/// the answer back; a test does the same with an array. The order of commands is that of RFC 5321 §4.1.4; no
/// order of them reaches content without an admitted recipient (promise P4), because the only state that
/// leads there carries an envelope, and `startContent` looks into it.
///
///     connected()                         -> askConnection, answer -> reply 220
///     receive(all that is buffered, &n)   -> one step; drop n octets from the buffer; again until needMore
///     ask...                              -> stop reading the buffer; answer(...) -> one step; go on
///
/// Pipelined commands wait in the caller's buffer while a question is open, so that replies keep their order
/// (RFC 2920 §3.2). After `.close` nothing more is read. Replies may be gathered and written together.
package struct ReceivingMachine: Sendable {
    private enum State: Sendable {
        case unconnected
        case askingConnection
        /// The greeting was a refusal; RFC 5321 §3.1 has us wait for QUIT.
        case turnedAway
        /// Greeted, or TLS has just begun: no EHLO or HELO yet.
        case strange
        case known
        case askingSender(MailCommand)
        case open(Envelope)
        case askingRecipient(Address, Envelope)
        case askingContent(Envelope)
        case receiving(Envelope)
        case settling(Envelope)
        case startingTLS
        case closed
    }

    private let hostname: String
    private let limits: SMTPLimits
    private let sizeOctetsMax: Int
    private let offersTLS: Bool

    private var state = State.unconnected
    private var lines = CommandLineReader()
    private var content = ContentDecoder()
    /// Why the content will not be taken, once that is known.
    private var contentRefusal: Reply?

    private var commands = 0
    private var badCommands = 0
    private var idleCommands = 0
    private var rejectedRecipients = 0

    /// What the client called itself in EHLO or HELO; nil before, and after STARTTLS until it says so again.
    package private(set) var helloName: String?
    /// It was EHLO.
    package private(set) var isExtended = false
    /// What the caller told of TLS when it began, or nil in plaintext.
    package private(set) var tls: String?
    /// How many senders were admitted.
    package private(set) var transactions = 0

    /// `hostname` is ours, for the greeting. `sizeOctetsMax` is announced by SIZE (RFC 1870) and enforced.
    package init(hostname: String, limits: SMTPLimits = SMTPLimits(), offersTLS: Bool, sizeOctetsMax: Int) {
        self.hostname = hostname
        self.limits = limits
        self.offersTLS = offersTLS
        // Twice of it is computed later.
        self.sizeOctetsMax = min(max(sizeOctetsMax, 1), Int.max / 4)
    }

    package var isClosed: Bool { if case .closed = state { true } else { false } }

    /// A question is open: only `answer`, `timedOut` and `shuttingDown` may be called.
    package var isAsking: Bool {
        switch state {
        case .askingConnection, .askingSender, .askingRecipient, .askingContent, .settling: true
        case .unconnected, .turnedAway, .strange, .known, .open, .receiving, .startingTLS, .closed: false
        }
    }

    /// Content is on its way: what `receive` is handed is message, not commands.
    package var isReceivingContent: Bool { if case .receiving = state { true } else { false } }

    /// The open transaction, with the recipients admitted so far; nil where there is none.
    package var envelope: Envelope? {
        switch state {
        case .open(let envelope), .askingRecipient(_, let envelope), .askingContent(let envelope),
            .receiving(let envelope), .settling(let envelope):
            envelope
        case .unconnected, .askingConnection, .turnedAway, .strange, .known, .askingSender, .startingTLS,
            .closed:
            nil
        }
    }

    /// For the `with` clause of Received (RFC 3848).
    package var protocolName: String { isExtended ? (tls == nil ? "ESMTP" : "ESMTPS") : "SMTP" }

    /// How long to wait for the client, in seconds, counted anew from every step but `.needMore`; nil while
    /// the wait is not for the client. Content has `contentSecondsMax` in all besides.
    package var secondsMax: Int? {
        switch state {
        case .turnedAway: limits.turnedAwaySecondsMax
        case .strange, .known, .open: limits.commandSecondsMax
        case .receiving: limits.contentPauseSecondsMax
        case .startingTLS: limits.tlsHandshakeSecondsMax
        case .unconnected, .askingConnection, .askingSender, .askingRecipient, .askingContent, .settling,
            .closed:
            nil
        }
    }

    // MARK: What the caller tells

    /// The connection is there. First call.
    package mutating func connected() -> ReceivingStep {
        guard case .unconnected = state else { preconditionFailure("connected() comes once, and first") }
        state = .askingConnection
        return .askConnection
    }

    /// Hands in what the client sent: all that is buffered, from the first octet not yet consumed. One step
    /// per call; `consumed` is set to how many octets it took. Not while `isAsking`, and not between
    /// `startTLS` and `tlsEstablished`.
    package mutating func receive(_ input: UnsafeRawBufferPointer, consumed: inout Int) -> ReceivingStep {
        switch state {
        case .turnedAway, .strange, .known, .open:
            return receiveLine(input, consumed: &consumed)
        case .receiving:
            return receiveContent(input, consumed: &consumed)
        case .closed:
            // What was pipelined behind QUIT stays unread (RFC 5321 §4.1.1.10).
            consumed = input.count
            return .needMore
        case .unconnected, .askingConnection, .askingSender, .askingRecipient, .askingContent, .settling,
            .startingTLS:
            // Not the client's fault: what it sends meanwhile waits in the caller's buffer.
            preconditionFailure("bytes were handed over while an answer was awaited")
        }
    }

    /// The answer to the open question.
    package mutating func answer(_ answer: ReceivingAnswer) -> ReceivingStep {
        switch (state, answer) {
        case (.askingConnection, .admitted):
            state = .strange
            return .reply(Reply(220, nil, "\(hostname) ESMTP Postern"))
        case (.askingConnection, .refused(let reply)):
            guard reply.isPermanent else { return close(reply.isTransient ? reply : .localError) }
            state = .turnedAway
            return .reply(reply)

        case (.askingSender(let mail), .admitted):
            transactions += 1
            state = .open(Envelope(sender: mail.sender, recipients: [], isEightBit: mail.isEightBit))
            return .reply(.senderOK)
        case (.askingSender, .refused(let reply)):
            state = .known
            return refuse(reply)

        case (.askingRecipient(let recipient, var envelope), .admitted):
            state = .known  // Gives up its hold on the recipients, so that appending doesn't copy them.
            envelope.recipients.append(recipient)
            state = .open(envelope)
            return .reply(.recipientOK)
        case (.askingRecipient(_, let envelope), .refused(let reply)):
            state = .open(envelope)
            if reply.isPermanent { rejectedRecipients += 1 }
            guard rejectedRecipients <= limits.rejectedRecipientsMax else {
                return close(.tooManyRejectedRecipients)
            }
            return refuse(reply)

        case (.askingContent(let envelope), .admitted):
            return startContent(envelope)
        case (.askingContent, .refused(let reply)):
            state = .known
            return refuse(reply)

        case (.settling, .settled(let reply)):
            state = .known
            guard reply.code != 421 else { return close(reply) }
            if reply.isPositive { idleCommands = 0 }
            return .reply(reply)

        case (.askingConnection, .settled), (.askingSender, .settled), (.askingRecipient, .settled),
            (.askingContent, .settled), (.settling, .admitted), (.settling, .refused), (.unconnected, _),
            (.turnedAway, _), (.strange, _), (.known, _), (.open, _), (.receiving, _), (.startingTLS, _),
            (.closed, _):
            preconditionFailure("the answer belongs to no open question")
        }
    }

    /// The handshake that `.startTLS` asked for is done. All is forgotten but the counters (RFC 3207 §4.2):
    /// the client says EHLO again, and is not greeted. `description` is for logs and headers: version and
    /// cipher.
    package mutating func tlsEstablished(_ description: String) {
        guard case .startingTLS = state else { preconditionFailure("TLS was not asked for") }
        tls = description
        helloName = nil
        isExtended = false
        lines = CommandLineReader()
        state = .strange
    }

    /// While content comes in: it will not be taken, say because the draft can't be written. What follows is
    /// thrown away up to the end, and `.contentRefused(reply)` comes then. The first refusal stands.
    package mutating func refuseContent(_ reply: Reply) {
        guard case .receiving = state else { preconditionFailure("no content is on its way") }
        contentRefusal = contentRefusal ?? (reply.isPositive ? .localError : reply)
    }

    /// `secondsMax`, or a budget of the caller's, is spent.
    package mutating func timedOut() -> ReceivingStep { close(.timedOut) }

    /// The service ends. Between transactions, by preference; at any time, if it must be.
    package mutating func shuttingDown() -> ReceivingStep { close(.shuttingDown) }

    // MARK: Commands

    private mutating func receiveLine(_ input: UnsafeRawBufferPointer, consumed: inout Int) -> ReceivingStep {
        switch lines.next(input, limits: limits, consumed: &consumed) {
        case .needMore: return .needMore
        case .endless: return close(.endlessLine)
        case .refused(let reply): return take(.malformed(reply), isLastInput: true)
        case .line(let range):
            let command = Command.parse([UInt8](input.part(range)))
            return take(command, isLastInput: consumed == input.count)
        }
    }

    private mutating func take(_ command: Command, isLastInput: Bool) -> ReceivingStep {
        commands += 1
        guard commands <= limits.commandsMax else { return close(.tooManyCommands) }
        switch (state, command) {
        case (.unconnected, _), (.askingConnection, _), (.askingSender, _), (.askingRecipient, _),
            (.askingContent, _), (.receiving, _), (.settling, _), (.startingTLS, _), (.closed, _):
            preconditionFailure("a command was read where none is expected")

        case (_, .quit): return close(.goodbye)
        case (_, .http): return close(.httpNotSpoken)
        // The octets that follow must not be read as commands, and how many they are is the client's word.
        case (_, .chunk): return close(.chunkingNotOffered)
        case (_, .malformed(let reply)), (_, .notOffered(let reply)): return fault(reply)
        case (.turnedAway, _): return fault(.turnedAway)

        case (_, .noop): return idle(.ok)
        case (_, .help): return idle(.help)
        case (_, .verify): return idle(.cannotVerify)
        case (_, .hello(let name, let isExtended)):
            // Also forgets an open transaction, as RSET does (RFC 5321 §4.1.4).
            state = .known
            helloName = name
            self.isExtended = isExtended
            return idle(isExtended ? capabilities : Reply(250, nil, hostname))
        case (.strange, .reset): return idle(.ok)
        case (.known, .reset), (.open, .reset):
            state = .known
            return idle(.ok)

        case (.strange, .mail), (.strange, .recipient), (.strange, .data), (.strange, .startTLS):
            return fault(.helloFirst)
        case (.known, .startTLS), (.open, .startTLS): return startTLS(isLastInput: isLastInput)

        case (.known, .mail(let mail)): return startTransaction(mail)
        case (.known, .recipient), (.known, .data): return fault(.mailFirst)

        case (.open, .mail): return fault(.alreadyOpen)
        case (.open(let envelope), .recipient(let command)): return addRecipient(command, to: envelope)
        case (.open(let envelope), .data):
            guard !envelope.recipients.isEmpty else { return fault(.noRecipients) }
            state = .askingContent(envelope)
            return .askContent
        }
    }

    private var capabilities: Reply {
        var lines = [hostname, "SIZE \(sizeOctetsMax)", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if offersTLS, tls == nil { lines.append("STARTTLS") }
        return Reply(250, nil, lines: lines)
    }

    private mutating func startTLS(isLastInput: Bool) -> ReceivingStep {
        guard offersTLS else { return fault(.notOffered("STARTTLS")) }
        guard tls == nil else { return fault(.alreadyTLS) }
        // RFC 3207 §4.2. Whoever put octets there wants them read as if they had come through TLS.
        guard isLastInput else { return close(.plaintextBehindSTARTTLS) }
        state = .startingTLS
        return .startTLS(.readyForTLS)
    }

    private mutating func startTransaction(_ mail: MailCommand) -> ReceivingStep {
        guard transactions < limits.transactionsMax else { return close(.tooManyTransactions) }
        if let declared = mail.declaredOctets, declared > sizeOctetsMax {
            return .reply(.messageTooBig(sizeOctetsMax))
        }
        state = .askingSender(mail)
        return .askSender(mail)
    }

    private mutating func addRecipient(_ command: RecipientCommand, to envelope: Envelope) -> ReceivingStep {
        // Named twice is meant once: it was admitted, and gets one copy.
        if envelope.recipients.contains(command.recipient) { return .reply(.recipientOK) }
        guard envelope.recipients.count < limits.recipientsMax else { return .reply(.tooManyRecipients) }
        state = .askingRecipient(command.recipient, envelope)
        return .askRecipient(command)
    }

    // MARK: Content

    private mutating func startContent(_ envelope: Envelope) -> ReceivingStep {
        precondition(!envelope.recipients.isEmpty, "content is never reached without an admitted recipient")
        content = ContentDecoder()
        contentRefusal = nil
        state = .receiving(envelope)
        return .reply(.sendContent)
    }

    private mutating func receiveContent(_ input: UnsafeRawBufferPointer, consumed: inout Int)
        -> ReceivingStep
    {
        consumed = 0
        // Each round takes at least one octet of the input, or ends.
        while true {
            var taken = 0
            let piece = content.decode(input.part(consumed..<input.count), consumed: &taken)
            let offset = consumed
            consumed += taken
            if contentRefusal == nil, let fault = content.fault { contentRefusal = .faultyContent(fault) }
            if contentRefusal == nil, content.octets > sizeOctetsMax {
                contentRefusal = .messageTooBig(sizeOctetsMax)
            }
            switch piece {
            case .needMore:
                return .needMore
            case .bytes(let range):
                guard contentRefusal != nil else {
                    return .content(range.lowerBound + offset..<range.upperBound + offset)
                }
                // Read to the end, so that the client hears why; but not without end.
                if content.octets > sizeOctetsMax * 2 { return close(.messageTooBig(sizeOctetsMax)) }
            case .end:
                return endContent()
            }
        }
    }

    private mutating func endContent() -> ReceivingStep {
        guard case .receiving(let envelope) = state else { preconditionFailure("no content is on its way") }
        guard let refusal = contentRefusal else {
            state = .settling(envelope)
            return .contentEnded(octets: content.octets)
        }
        contentRefusal = nil
        guard refusal.code != 421 else { return close(refusal) }
        state = .known
        return .contentRefused(refusal)
    }

    // MARK: Replies

    private mutating func close(_ reply: Reply) -> ReceivingStep {
        state = .closed
        return .close(reply)
    }

    /// A gate's refusal. Never a yes, whatever it says.
    private mutating func refuse(_ reply: Reply) -> ReceivingStep {
        guard reply.code != 421 else { return close(reply) }
        return .reply(reply.isPositive ? .localError : reply)
    }

    /// A mistake in grammar or order. The state stands (RFC 5321 §4.1.4).
    private mutating func fault(_ reply: Reply) -> ReceivingStep {
        badCommands += 1
        guard badCommands <= limits.badCommandsMax else { return close(.tooManyBadCommands) }
        return .reply(reply)
    }

    /// A command that brings no mail nearer.
    private mutating func idle(_ reply: Reply) -> ReceivingStep {
        idleCommands += 1
        guard idleCommands <= limits.idleCommandsMax else { return close(.tooManyIdleCommands) }
        return .reply(reply)
    }
}
