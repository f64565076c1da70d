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
///     askConnection    ConnectionGate                       -> greeting, or a refusal
///     askSender        disk and quotas, then SenderGate     -> the ruleset is pinned here
///     askRecipient     RecipientGate, for each recipient
///     askContent       a draft, if memory allows
///     content          into the draft
///     contentEnded     attempt noted, ContentGate, commit, reply: `Visit+Content.swift`
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
    private(set) var isAsking = false
    /// The machine has said its last word.
    private var isClosed = false
    private var connection: Judgement<Decision>?
    private var sourceChannel = ""
    /// Open, from the sender's judgement to the end of its content.
    var transaction: Transaction?
    var draft: Draft?
    /// Of the draft, as far as it has come.
    var digest = RunningDigest()
    /// Octets of the worker's content memory that the draft has taken.
    var claimedOctets = 0
    private var transactionCount = 0
    /// How many contents have begun.
    private(set) var contentCount = 0
    /// Told to end once no transaction is open.
    private var isDraining = false

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
                if reply.isPermanent { countMistake(reply) }
                endAbandoned()
                carryOut(step)
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
        case .askSender(let mail):
            isAsking = true
            judgeSender(mail)
        case .askRecipient(let command):
            isAsking = true
            judgeRecipient(command.recipient)
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

    /// A decision is made: what the machine makes of it, and then whatever waits in the buffer.
    func answer(_ answer: ReceivingAnswer) {
        guard let line else { return }
        isAsking = false
        carryOut(machine.answer(answer))
        line.resume()
    }

    /// Says what the machine would say, once a content was refused.
    func reply(_ reply: Reply) { carryOut(.reply(reply)) }

    // MARK: Connection, sender, recipient

    private func judgeConnection() {
        worker.counters.add(.connectionsAccepted)
        let gate = ConnectionGate(ruleset: connectionRuleset, peer: peer)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            connection = judgement
            switch judgement.outcome {
            case .admit(let marks):
                sourceChannel = marks.sourceChannel ?? connectionRuleset.policy.outsideChannel
                answer(.admitted)
            case .reject(let reply, _):
                worker.counters.add(.connectionsRejected)
                let caseID = "\(id).0"
                worker.logger.log(
                    InboundEvent.connectionRejected(
                        caseID: caseID, client: client, rule: Self.rule(judgement.trail), reply: reply.text))
                keepCase(caseID, reply.isPermanent ? .reject : .defer)
                answer(.refused(reply.naming(refusal: caseID)))
            }
        }
    }

    private func judgeSender(_ mail: MailCommand) {
        if case .refused(let reason) = worker.queue.admits(octets: mail.declaredOctets ?? 0) {
            worker.reportRefusal(reason)
            return answer(.refused(.diskFull))
        }
        // Pinned until the message is settled: one message, one ruleset.
        let ruleset = worker.rulesets.value
        let session = SessionFacts(
            peer: peer, helo: machine.helloName ?? "", isExtended: machine.isExtended, tls: machine.tls,
            sourceChannel: sourceChannel)
        let sender = SenderFacts(
            sender: mail.sender, declaredOctets: mail.declaredOctets, isEightBit: mail.isEightBit)
        let gate = SenderGate(ruleset: ruleset, session: session, sender: sender)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            transactionCount += 1
            let opened = Transaction(
                id: "\(id).\(transactionCount)", ruleset: ruleset, session: session, sender: sender,
                senderJudgement: judgement)
            transaction = opened
            switch judgement.outcome {
            case .admit:
                answer(.admitted)
            case .reject(let reply, _):
                worker.counters.add(.sendersRejected)
                worker.logger.log(
                    InboundEvent.senderRejected(
                        caseID: opened.id, client: client, sender: sender.text,
                        rule: Self.rule(judgement.trail), reply: reply.text))
                endTransaction(reply.isPermanent ? .reject : .defer)
                answer(.refused(reply.naming(refusal: opened.id)))
            }
        }
    }

    private func judgeRecipient(_ recipient: Address) {
        guard let open = transaction else { return answer(.refused(.localFault)) }
        let gate = RecipientGate(
            ruleset: open.ruleset, session: open.session, sender: open.sender, recipient: recipient)
        worker.driver.judge(gate, seconds: worker.settings.commandSeconds, budget: budget) {
            [self] judgement in
            guard !isGone else { return }
            open.add(recipient, judgement)
            switch judgement.outcome {
            case .admit:
                worker.counters.add(.recipientsAdmitted)
                answer(.admitted)
            case .reject(let reply, _):
                worker.counters.add(.recipientsRejected)
                worker.logger.log(
                    InboundEvent.recipientRejected(
                        caseID: open.id, client: client, sender: open.sender.text,
                        recipient: recipient.description, rule: Self.rule(judgement.trail), reply: reply.text)
                )
                answer(.refused(reply.naming(refusal: open.id)))
            }
        }
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
        answer(.admitted)
    }

    // MARK: Ends

    /// The client reset, said EHLO again or began anew: the transaction it had is over.
    private func endAbandoned() {
        guard transaction != nil, machine.envelope == nil else { return }
        endTransaction(.abandoned)
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
        endTransaction(.abandoned)
    }

    func timedOut() { carryOut(machine.timedOut()) }

    /// The service ends: at once where no transaction is open, else after it.
    func drain() {
        isDraining = true
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
    }

    // MARK: Cases

    func keepCase(_ transaction: Transaction, _ fate: CaseRecord.Fate, content: ContentRecord? = nil) {
        keepCase(transaction.id, fate, transaction: transaction.record(content: content))
    }

    private func keepCase(_ id: String, _ fate: CaseRecord.Fate, transaction: TransactionRecord? = nil) {
        // Nothing comes before the connection's own judgement.
        guard let connection else { return }
        worker.keeper.keep(
            CaseRecord(
                id: id, atMs: worker.nowMs, peer: peer, connectionRuleset: connectionRuleset.hash,
                connection: connection, transaction: transaction, fate: fate))
    }

    private(set) lazy var client = peer.clientAddress.description

    /// The last rule of a trail that has a place: what decided.
    private static func rule(_ trail: Trail) -> String { trail.entries.last { $0.rule != nil }?.rule ?? "" }
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
