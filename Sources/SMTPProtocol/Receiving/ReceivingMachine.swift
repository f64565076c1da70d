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
        case challenging(AuthenticationExchange)
        case askingIdentity
        case askingQueueRun
        case startingTLS
        case closed
    }

    private let hostname: String
    /// What the session may cost. The holder may change it between commands, with the channel by which the
    /// client comes in; what was used up stays used up.
    package var limits: SMTPLimits
    /// What the client is offered. The same.
    package var offers: ReceivingOffers
    /// Of the open transaction; see `narrow`.
    private var transactionLimits = TransactionLimits()

    private var state = State.unconnected
    private var lines = CommandLineReader()
    private var content = ContentDecoder()
    /// Why the content will not be taken, once that is known.
    private var contentRefusal: Reply?

    private var commands = 0
    private var badCommands = 0
    private var idleCommands = 0
    private var badAuthentications = 0
    /// Recipients named in the open transaction, and in the session.
    private var namedRecipients = 0
    private var namedRecipientsOfSession = 0
    /// Recipients refused for good in this session.
    package private(set) var rejectedRecipients = 0

    /// What the client called itself in EHLO or HELO; nil before, and after STARTTLS until it says so again.
    package private(set) var helloName: String?
    /// It was EHLO.
    package private(set) var isExtended = false
    /// What the caller told of TLS when it began, or nil in plaintext.
    package private(set) var tls: String?
    /// AUTH succeeded, since TLS began if it did.
    package private(set) var isAuthenticated = false
    /// How many senders were admitted.
    package private(set) var transactions = 0

    /// `hostname` is ours, for the greeting. `sizeOctetsMax` is announced by SIZE (RFC 1870) and enforced.
    /// With `tls`, the session is in TLS from its first octet.
    package init(
        hostname: String, limits: SMTPLimits = SMTPLimits(), offersTLS: Bool, sizeOctetsMax: Int,
        tls: String? = nil
    ) {
        self.hostname = hostname
        self.limits = limits
        self.tls = tls
        offers = ReceivingOffers(sizeOctetsMax: sizeOctetsMax, tls: offersTLS)
    }

    package var isClosed: Bool { if case .closed = state { true } else { false } }

    /// A question is open: only `answer`, `timedOut` and `shuttingDown` may be called.
    package var isAsking: Bool {
        switch state {
        case .askingConnection, .askingSender, .askingRecipient, .askingContent, .settling, .askingIdentity,
            .askingQueueRun:
            true
        case .unconnected, .turnedAway, .strange, .known, .open, .receiving, .challenging, .startingTLS,
            .closed:
            false
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
        case .unconnected, .askingConnection, .turnedAway, .strange, .known, .askingSender, .challenging,
            .askingIdentity, .askingQueueRun, .startingTLS, .closed:
            nil
        }
    }

    /// For the `with` clause of Received (RFC 3848).
    package var protocolName: String {
        guard isExtended else { return "SMTP" }
        return "ESMTP" + (tls == nil ? "" : "S") + (isAuthenticated ? "A" : "")
    }

    /// How long to wait for the client, in seconds, counted anew from every step but `.needMore`; nil while
    /// the wait is not for the client. Content has `contentSecondsMax` in all besides.
    package var secondsMax: Int? {
        switch state {
        case .turnedAway: limits.turnedAwaySecondsMax
        case .strange, .known, .open, .challenging: limits.commandSecondsMax
        case .receiving: limits.contentPauseSecondsMax
        case .startingTLS: limits.tlsHandshakeSecondsMax
        case .unconnected, .askingConnection, .askingSender, .askingRecipient, .askingContent, .settling,
            .askingIdentity, .askingQueueRun, .closed:
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
        case .challenging(let exchange):
            return receiveResponse(input, to: exchange, consumed: &consumed)
        case .closed:
            // What was pipelined behind QUIT stays unread (RFC 5321 §4.1.1.10).
            consumed = input.count
            return .needMore
        case .unconnected, .askingConnection, .askingSender, .askingRecipient, .askingContent, .settling,
            .askingIdentity, .askingQueueRun, .startingTLS:
            // Not the client's fault: what it sends meanwhile waits in the caller's buffer.
            preconditionFailure("bytes were handed over while an answer was awaited")
        }
    }

    /// The answer to the open question.
    package mutating func answer(_ answer: ReceivingAnswer) -> ReceivingStep {
        if case .dismissed(let reply) = answer {
            guard isAsking else { preconditionFailure("the answer belongs to no open question") }
            return close(reply.isPositive ? .localError : reply)
        }
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

        case (.askingIdentity, .admitted):
            state = .known
            isAuthenticated = true
            return .reply(.authSucceeded)
        case (.askingIdentity, .refused(let reply)):
            return failAuthentication(reply)

        case (.askingQueueRun, .settled(let reply)):
            state = .known
            return reply.code == 421 ? close(reply) : idle(reply)

        case (.askingConnection, .settled), (.askingSender, .settled), (.askingRecipient, .settled),
            (.askingContent, .settled), (.settling, .admitted), (.settling, .refused),
            (.askingIdentity, .settled), (.askingQueueRun, .admitted), (.askingQueueRun, .refused),
            (_, .dismissed), (.unconnected, _), (.turnedAway, _), (.strange, _), (.known, _), (.open, _),
            (.receiving, _), (.challenging, _), (.startingTLS, _), (.closed, _):
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
        isAuthenticated = false
        lines = CommandLineReader()
        state = .strange
    }

    /// While content comes in: it will not be taken, say because the draft can't be written. What follows is
    /// thrown away up to the end, and `.contentRefused(reply)` comes then. The first refusal stands.
    package mutating func refuseContent(_ reply: Reply) {
        guard case .receiving = state else { preconditionFailure("no content is on its way") }
        contentRefusal = contentRefusal ?? (reply.isPositive ? .localError : reply)
    }

    /// The sender that is being asked about is to be admitted with lower limits than the session's, until its
    /// transaction ends.
    package mutating func narrow(to limits: TransactionLimits) {
        guard case .askingSender = state else { preconditionFailure("no sender is being asked about") }
        transactionLimits = limits
    }

    /// Octets of a message in the open transaction. Twice of it is computed.
    private var sizeOctetsMax: Int {
        min(max(min(offers.sizeOctetsMax, transactionLimits.octetsMax ?? .max), 1), Int.max / 4)
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
            (.askingContent, _), (.receiving, _), (.settling, _), (.challenging, _), (.askingIdentity, _),
            (.askingQueueRun, _), (.startingTLS, _), (.closed, _):
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
            if let reply = spent { return close(reply) }
            state = .known
            return idle(.ok)

        case (.strange, .mail), (.strange, .recipient), (.strange, .data), (.strange, .startTLS),
            (.strange, .authenticate), (.strange, .queueRun):
            return fault(.helloFirst)
        case (.open, .authenticate), (.open, .queueRun): return fault(.notInTransaction)
        case (.known, .authenticate(let command)): return authenticate(command)
        case (.known, .queueRun(let command)): return runQueue(command)
        case (.known, .startTLS), (.open, .startTLS): return startTLS(isLastInput: isLastInput)

        case (.known, .mail(let mail)): return startTransaction(mail)
        case (.known, .recipient), (.known, .data): return fault(.mailFirst)

        case (.open, .mail): return fault(.alreadyOpen)
        case (.open(let envelope), .recipient(let command)): return addRecipient(command, to: envelope)
        case (.open(let envelope), .data):
            guard !envelope.recipients.isEmpty else { return fault(.noRecipients) }
            let cutoff = min(limits.recipientsCutoff ?? .max, transactionLimits.recipientsCutoff ?? .max)
            guard namedRecipients <= cutoff else {
                state = .known
                return .reply(.envelopeTooLarge)
            }
            state = .askingContent(envelope)
            return .askContent
        }
    }

    private var capabilities: Reply {
        var lines = [
            hostname, "SIZE \(offers.sizeOctetsMax)", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES",
        ]
        if offers.tls, tls == nil { lines.append("STARTTLS") }
        if mayAuthenticate, !isAuthenticated {
            lines.append("AUTH " + offers.mechanisms.map(\.rawValue).joined(separator: " "))
        }
        if offers.queueRuns { lines.append("ETRN") }
        if offers.deliveryNotifications { lines += ["DSN", "DELIVERBY"] }
        return Reply(250, nil, lines: lines)
    }

    private mutating func startTLS(isLastInput: Bool) -> ReceivingStep {
        guard offers.tls else { return fault(.notOffered("STARTTLS")) }
        guard tls == nil else { return fault(.alreadyTLS) }
        // RFC 3207 §4.2. Whoever put octets there wants them read as if they had come through TLS.
        guard isLastInput else { return close(.plaintextBehindSTARTTLS) }
        state = .startingTLS
        return .startTLS(.readyForTLS)
    }

    private mutating func startTransaction(_ mail: MailCommand) -> ReceivingStep {
        guard transactions < limits.transactionsMax else { return close(.tooManyTransactions) }
        if let reply = spent { return close(reply) }
        if let most = limits.transactionsBeforeDeferralMax, transactions >= most {
            return .reply(.noMoreTransactions)
        }
        if let reply = missing { return fault(reply) }
        // Without AUTH on offer its parameter is one of an unknown extension (RFC 5321 §4.1.1.11).
        guard mail.submitter == nil || mayAuthenticate else { return fault(.unknownParameter) }
        // So are those of DSN and DELIVERBY.
        guard offers.deliveryNotifications || !mail.usesNotifications else { return fault(.unknownParameter) }
        transactionLimits = TransactionLimits()
        namedRecipients = 0
        if let declared = mail.declaredOctets, declared > sizeOctetsMax {
            return .reply(.messageTooBig(sizeOctetsMax))
        }
        state = .askingSender(mail)
        return .askSender(mail)
    }

    private mutating func addRecipient(_ command: RecipientCommand, to envelope: Envelope) -> ReceivingStep {
        guard offers.deliveryNotifications || !command.usesNotifications else {
            return fault(.unknownParameter)
        }
        namedRecipients += 1
        namedRecipientsOfSession += 1
        if let most = limits.rejectionsBeforeDeferralMax, rejectedRecipients >= most {
            return .reply(.rejectionsDefer)
        }
        // Named twice is meant once: it was admitted, and gets one copy.
        if envelope.recipients.contains(command.recipient) { return .reply(.recipientOK) }
        let most = min(limits.recipientsMax, transactionLimits.recipientsMax ?? .max)
        guard envelope.recipients.count < most else { return .reply(.tooManyRecipients) }
        state = .askingRecipient(command.recipient, envelope)
        return .askRecipient(command)
    }

    /// Why the session has had its share, if it has: looked at where a new message would begin.
    private var spent: Reply? {
        if let most = limits.transactionsOfSessionMax, transactions >= most { return .sessionTransactions }
        if let most = limits.rejectionsOfSessionMax, rejectedRecipients >= most { return .sessionRejections }
        if let most = limits.recipientsOfSessionMax, namedRecipientsOfSession >= most {
            return .sessionRecipients
        }
        return nil
    }

    /// What a client has yet to do before it may send mail.
    private var missing: Reply? {
        if offers.requiresTLS, tls == nil { return .tlsRequired }
        return offers.requiresAuthentication && !isAuthenticated ? .authRequired : nil
    }

    // MARK: Authentication and queue runs

    /// AUTH is offered, as things stand: a password in the clear is everybody's.
    private var mayAuthenticate: Bool {
        !offers.mechanisms.isEmpty && (tls != nil || offers.allowsClearAuthentication)
    }

    private mutating func authenticate(_ command: AuthCommand) -> ReceivingStep {
        guard !offers.mechanisms.isEmpty else { return fault(.notOffered("AUTH")) }
        guard isExtended else { return fault(.authNeedsHello) }
        guard !isAuthenticated else { return fault(.alreadyAuthenticated) }
        guard mayAuthenticate, !offers.requiresTLS || tls != nil else { return fault(.authNeedsTLS) }
        guard let mechanism = AuthenticationMechanism(rawValue: command.mechanism),
            offers.mechanisms.contains(mechanism)
        else { return fault(.unknownMechanism) }
        var exchange = AuthenticationExchange(mechanism)
        let turn = exchange.begin(command.initialResponse)
        return goOn(with: turn, exchange)
    }

    private mutating func receiveResponse(
        _ input: UnsafeRawBufferPointer, to started: AuthenticationExchange, consumed: inout Int
    ) -> ReceivingStep {
        var exchange = started
        switch lines.next(input, limits: limits, consumed: &consumed) {
        case .needMore: return .needMore
        case .endless: return close(.endlessLine)
        case .refused(let reply):
            return failAuthentication(reply == .lineTooLong ? .authLineTooLong : reply)
        case .line(let range):
            let turn = exchange.respond(input.part(range))
            return goOn(with: turn, exchange)
        }
    }

    private mutating func goOn(
        with turn: AuthenticationExchange.Turn, _ exchange: AuthenticationExchange
    ) -> ReceivingStep {
        switch turn {
        case .challenge(let reply):
            state = .challenging(exchange)
            return .reply(reply)
        case .finished(let credentials):
            state = .askingIdentity
            return .askIdentity(credentials)
        case .failed(let reply):
            return failAuthentication(reply)
        }
    }

    /// The exchange is over. Whatever it failed for counts as a wrong guess, unless we were at fault.
    private mutating func failAuthentication(_ reply: Reply) -> ReceivingStep {
        state = .known
        if !reply.isTransient { badAuthentications += 1 }
        guard badAuthentications <= limits.badAuthenticationsMax else {
            return close(.tooManyBadAuthentications)
        }
        return refuse(reply)
    }

    private mutating func runQueue(_ command: QueueRunCommand) -> ReceivingStep {
        guard offers.queueRuns else { return fault(.notOffered("ETRN")) }
        if let reply = missing { return fault(reply) }
        state = .askingQueueRun
        return .askQueueRun(command)
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
