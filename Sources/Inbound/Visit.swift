// SPDX-License-Identifier: MIT

internal import Cryptography
internal import DurableQueue
internal import Gates
internal import Mail
internal import NIOCore
internal import SMTPProtocol
internal import Telemetry

/// One client's visit. This file is a message's way through the house: read it first.
///
/// The protocol machine says what to do next, and `carryOut` does it. Each `ask` puts a gate to work; when
/// the gate is done, its decision goes back to the machine, and the next step follows. A line in this file
/// either carries something out or hands it on; what is decided, is decided in Gates.
///
///     askConnection    ConnectionGate, then we listen: `Visit+Greeting.swift`  -> greeting, or a refusal
///     askIdentity      IdentityGate, for AUTH: `Visit+Identity.swift`
///     askQueueRun      ETRNGate, then outbound is told: the same file
///     askSender        disk and quotas, then SenderGate     -> the ruleset is pinned here
///     askRecipient     RecipientGate, for each recipient
///     askContent       a draft, if memory allows
///     content          into the draft
///     contentEnded     attempt noted, ContentGate, commit, reply: `Visit+Content.swift`
///
/// A reply may be put off on purpose: `Visit+Delays.swift`.
///
/// A client may go at any moment. `end` forgets the line then, and whatever is still awaited comes to nothing
/// when it arrives; only a message that is being committed goes its way to the end. Belongs to one event
/// loop.
final class Visit {
    let worker: Worker
    let peer: Peer
    let id: String
    /// Pinned for the connection's own decision.
    let connectionRuleset: Ruleset
    let budget = QuestionBudget()

    /// Nil once the client is gone.
    private var line: (any ClientLine)?
    var machine: ReceivingMachine
    /// A question is open: the machine takes no bytes until `answer`. Kept beside the machine, since to ask
    /// it would copy it for every command.
    var isAsking = false
    /// The machine has said its last word.
    private var isClosed = false
    /// The greeting, or what stands for it, is on its way.
    var isGreeted = false
    var connection: Judgement<Decision>?
    var connectedAt = NIODeadline.uptimeNanoseconds(0)
    /// Set while we wait to see whether the client talks before it is greeted.
    var listening: Scheduled<Void>?
    /// It did.
    var talkedFirst = false
    /// `connection` knows that it did.
    var isJudgedEarly = false
    var authenticationRules: Judgement<Decision>?
    /// Who the client proved to be, and how that was found.
    var authenticated: Address?
    var identity: Judgement<IdentityFinding>?
    var wrongPasswords = 0
    /// A reply that is put off, and how much waiting there was so far, in 1/100 s.
    var waiting: Waiting?
    var waited = 0
    /// Open, from the sender's judgement to the end of its content.
    var transaction: Transaction?
    var draft: Draft?
    /// Of the draft, as far as it has come.
    var digest = RunningDigest()
    /// Octets of the worker's content memory that the draft has taken.
    var claimedOctets = 0
    private var transactionCount = 0
    /// Bad commands that `LOG_ACTION` was told of.
    var badCommandsNoted = 0
    /// How many contents have begun.
    private(set) var contentCount = 0
    /// Told to end once no transaction is open.
    private(set) var isDraining = false

    struct Waiting {
        let timer: Scheduled<Void>
        let goOn: () -> Void
    }

    init(worker: Worker, peer: Peer, line: any ClientLine) {
        self.worker = worker
        self.peer = peer
        self.line = line
        id = worker.nextSessionID()
        connectionRuleset = worker.rulesets.value
        machine = ReceivingMachine(
            hostname: worker.settings.hostname, limits: worker.settings.limits, offersTLS: worker.offersTLS,
            sizeOctetsMax: worker.settings.messageOctetsMax)
    }

    var isGone: Bool { line == nil }

    // MARK: The way

    func begin() { carryOut(machine.connected()) }

    /// Takes what it can of `buffer`, and says whether that was a step or only a piece of one. Stops while a
    /// question is open or the line is full; the line hands the rest in again then.
    func receive(_ buffer: inout ByteBuffer) -> Bool {
        var hasMoved = false
        while buffer.readableBytes > 0, !isAsking, !isClosed, let line, !line.isFull {
            var consumed = 0
            let verb = verb(in: buffer)
            let step = buffer.withUnsafeReadableBytes { bytes in
                let step = machine.receive(bytes, consumed: &consumed)
                if case .content(let range) = step { append(UnsafeRawBufferPointer(rebasing: bytes[range])) }
                return step
            }
            buffer.moveReaderIndex(forwardBy: consumed)
            switch step {
            case .needMore:
                return hasMoved
            case .content:
                break
            case .startTLS:
                // Whatever came in the clear behind STARTTLS is forgotten (RFC 3207 §4.2).
                buffer.clear()
                carryOut(step)
                return true
            case .reply(let reply):
                if reply.isPermanent {
                    countMistake(reply)
                    noteBadCommand(verb, reply)
                }
                let delay = delay()
                endAbandoned(reply)
                wait(hundredths: delay) { [self] in goOn(step) }
            default:
                carryOut(step)
            }
            hasMoved = true
        }
        return hasMoved
    }

    private func carryOut(_ step: ReceivingStep) {
        switch step {
        case .needMore, .content:
            break
        case .reply(let reply):
            line?.send(reply)
            if isDraining { leaveIfIdle() }
        case .askConnection:
            isAsking = true
            judgeConnection()
        case .askIdentity(let credentials):
            isAsking = true
            judgeIdentity(credentials)
        case .askQueueRun(let command):
            isAsking = true
            judgeQueueRun(command)
        case .askSender(let mail):
            isAsking = true
            judgeSender(mail)
        case .askRecipient(let command):
            isAsking = true
            judgeRecipient(command)
        case .askContent:
            isAsking = true
            admitContent()
        case .contentEnded:
            isAsking = true
            judgeContent()
        case .contentRefused(let reply):
            refuseContent(reply)
        case .startTLS(let reply):
            endTransaction(.abandoned)
            line?.send(reply)
            line?.startTLS()
        case .close(let reply):
            // Named first: afterwards there is no transaction.
            let last = refusing(reply)
            isClosed = true
            endTransaction(reply.isPermanent ? .reject : .abandoned)
            line?.send(last)
            line?.close(isGoodbye: reply.code == 221)
        }
    }

    /// What the machine said by itself, after a wait or at once.
    private func goOn(_ step: ReceivingStep) {
        guard isAsking else { return carryOut(step) }
        guard let line else { return }
        isAsking = false
        carryOut(step)
        line.resume()
    }

    /// A decision is made: what the machine makes of it, and then whatever waits in the buffer.
    func answer(_ answer: ReceivingAnswer) {
        guard let line else { return }
        isAsking = false
        carryOut(machine.answer(answer))
        line.resume()
    }

    /// Says what the machine would say, once a content was refused.
    func reply(_ reply: Reply) { carryOut(.reply(reply)) }

    // MARK: Sender and recipients

    private func judgeSender(_ mail: MailCommand) {
        if case .refused(let reason) = worker.queue.admits(octets: mail.declaredOctets ?? 0) {
            worker.reportRefusal(reason)
            return answer(.refused(.diskFull))
        }
        // Pinned until the message is settled: one message, one ruleset.
        let ruleset = worker.rulesets.value
        let session = facts(ruleset.policy)
        let sender = SenderFacts(mail, now: worker.nowMs / 1_000)
        let gate = SenderGate(ruleset: ruleset, session: session, sender: sender)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            transactionCount += 1
            let opened = Transaction(
                id: "\(id).\(transactionCount)", ruleset: ruleset, session: session, sender: sender,
                senderJudgement: judgement, connection: connection?.outcome.marks ?? .none)
            transaction = opened
            let consequences = judgement.outcome.consequences
            tell(consequences, caseID: opened.id)
            detail("sender", judgement, caseID: opened.id, level: opened.debugLevel)
            let delay = delay(consequences)
            switch judgement.outcome {
            case .admit(let marks):
                admit(mail, marks.limits, after: delay)
            case .reject(let reply, _):
                worker.counters.add(.sendersRejected)
                worker.logger.log(
                    InboundEvent.senderRejected(
                        caseID: opened.id, client: client, sender: sender.text,
                        rule: Self.rule(judgement.trail), reply: reply.text))
                endTransaction(reply.isPermanent ? .reject : .defer)
                answer(refusal(reply.naming(refusal: opened.id), consequences), after: delay)
            }
        }
    }

    /// The sender may send; within lower limits, if a table set some.
    private func admit(_ mail: MailCommand, _ limits: Marks.TransactionLimits?, after delay: Int) {
        guard let limits else { return answer(.admitted, after: delay) }
        if let most = limits.messageOctetsMax, let declared = mail.declaredOctets, declared > most {
            let reply = refusing(.tooBig(most))
            endTransaction(.reject)
            return answer(.refused(reply), after: delay)
        }
        machine.narrow(to: TransactionLimits(limits))
        answer(.admitted, after: delay)
    }

    private func judgeRecipient(_ command: RecipientCommand) {
        guard let open = transaction else { return answer(.refused(.localFault)) }
        let recipient = command.recipient
        let facts = open.facts(command)
        let gate = RecipientGate(
            ruleset: open.ruleset, session: open.session, sender: open.sender, recipient: facts,
            senderMarks: open.marks)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            open.add(facts, judgement)
            let consequences = judgement.outcome.consequences
            tell(consequences, caseID: open.id)
            detail("recipient", judgement, caseID: open.id, level: open.debugLevel)
            let delay = delay(consequences)
            switch judgement.outcome {
            case .admit:
                worker.counters.add(.recipientsAdmitted)
                answer(.admitted, after: delay)
            case .reject(let reply, _):
                worker.counters.add(.recipientsRejected)
                worker.logger.log(
                    InboundEvent.recipientRejected(
                        caseID: open.id, client: client, sender: open.sender.text,
                        recipient: recipient.description, rule: Self.rule(judgement.trail), reply: reply.text)
                )
                noteRefused(recipient, reply, open)
                let harvest = reply.isPermanent ? harvestDelay() : 0
                answer(refusal(reply.naming(refusal: open.id), consequences), after: max(delay, harvest))
            }
        }
    }

    /// A wrong address costs more with each one.
    private func harvestDelay() -> Int {
        guessDelay(machine.rejectedRecipients + 1 - SessionPolicy.freeRejections)
    }

    /// The machine refused a command by itself.
    private func countMistake(_ reply: Reply) {
        worker.counters.add(.badCommands)
        if reply.isAboutNewlines { worker.counters.add(.bareNewlines) }
    }

    // MARK: Content

    /// DATA: a draft to write into. What content takes of our memory is bounded over all visits.
    private func admitContent() {
        guard worker.contentOctets < worker.settings.contentMemoryOctetsMax else {
            worker.reportRefusal("the memory for content is used up: \(worker.contentOctets) octets")
            worker.count(.defer, octets: 0)
            endTransaction(.defer)
            return answer(.refused(.tooMuchAtOnce))
        }
        contentCount += 1
        draft = worker.queue.makeDraft()
        digest = RunningDigest()
        answer(.admitted, after: delay())
    }

    // MARK: Ends

    /// The client reset, said EHLO again or began anew: the transaction it had is over.
    private func endAbandoned(_ reply: Reply) {
        guard transaction != nil, machine.envelope == nil else { return }
        // A transaction that the machine put off as a whole, for its many recipients.
        endTransaction(reply.isTransient ? .defer : .abandoned)
    }

    /// Ends the open transaction, if there is one, and keeps its case. A transaction that came to nothing
    /// because all its recipients were refused is a refusal, not an abandonment.
    func endTransaction(_ fate: CaseRecord.Fate) {
        dropDraft()
        guard let open = transaction else { return }
        transaction = nil
        keepCase(open, fate == .abandoned ? open.fateWithoutContent : fate)
    }

    /// The connection is gone.
    func end() {
        line = nil
        dropWait()
        endTransaction(.abandoned)
    }

    func timedOut() { carryOut(machine.timedOut()) }

    /// The service ends: at once where no transaction is open, else after it.
    func drain() {
        isDraining = true
        // Nobody is kept waiting for a service that ends.
        endWait()
        stopListening()
        leaveIfIdle()
    }

    private func leaveIfIdle() {
        guard machine.envelope == nil, !isAsking, !isClosed else { return }
        carryOut(machine.shuttingDown())
    }

    /// TLS is there: everything the client said before is forgotten.
    func tlsEstablished(_ description: String) {
        worker.counters.add(.tlsHandshakes)
        machine.tlsEstablished(description)
        forgetIdentity()
    }

    // MARK: Cases

    func keepCase(_ transaction: Transaction, _ fate: CaseRecord.Fate, content: ContentRecord? = nil) {
        keepCase(transaction.id, fate, transaction: transaction.record(content: content))
    }

    func keepCase(_ id: String, _ fate: CaseRecord.Fate, transaction: TransactionRecord? = nil) {
        // Nothing comes before the connection's own judgement.
        guard let connection else { return }
        var record = CaseRecord(
            id: id, atMs: worker.nowMs, peer: peer, connectionRuleset: connectionRuleset.hash,
            connection: connection, authentication: authenticationRules, transaction: transaction, fate: fate)
        record.identity = identity
        if isJudgedEarly { record.talkedFirst = true }
        worker.keeper.keep(record)
    }

    private(set) lazy var client = peer.clientAddress.description

    /// The last rule of a trail that has a place: what decided.
    static func rule(_ trail: Trail) -> String { trail.entries.last { $0.rule != nil }?.rule ?? "" }
}

extension SenderFacts {
    /// For logs.
    fileprivate var text: String { sender?.description ?? "<>" }
}

extension Reply {
    /// Our own mistake, not the client's.
    static let localFault = Reply(451, "4.3.0", "Local error, try again later")
    static let diskFull = Reply(452, "4.3.1", "Insufficient system storage")
    static let tooMuchAtOnce = Reply(451, "4.3.2", "Too many messages at once, try again later")

    /// With the case's id, unless the client is to come again: then there will be another case.
    func naming(refusal caseID: String) -> Reply { isPermanent ? naming(case: caseID) : self }

    /// The protocol's reply to a bare CR or LF.
    var isAboutNewlines: Bool { lines.first?.utf8.starts(with: "Bare ".utf8) == true }
}
