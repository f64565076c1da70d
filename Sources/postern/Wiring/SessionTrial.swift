// SPDX-License-Identifier: MIT

import Gates
import Glibc
import Inbound
import Mail
import SMTPProtocol

/// A session that is only tried out: the real machine and the real gates, and nobody at the other end.
///
/// Replies go to standard output as they would go to the client; which rule decided, and what would become
/// of a message, to standard error. It steps the gates itself: there is nothing to wait for.
struct SessionTrial {
    /// What stands for a version of TLS.
    static let tls = "TLSv1.3"

    private struct Open {
        var session: SessionFacts
        var sender: SenderFacts
        var marks: Marks
        var commandCount = 0
        var admitted: [ContentFacts.Recipient] = []
    }

    private let rules: CompiledRules
    private let peer: Peer
    private var world: TrialWorld
    private var machine: ReceivingMachine
    private var connected = Marks.none
    private var authentication: Decision?
    private var authenticated: Address?
    private var open: Open?
    private var content: [UInt8] = []
    private var count = 0
    /// Octets that the machine wants to see again, with what comes behind them.
    private var pending: [UInt8] = []
    /// The session has ended.
    private(set) var isOver = false

    init(rules: CompiledRules, peer: Peer, world: TrialWorld, tls: String?) {
        self.rules = rules
        self.peer = peer
        self.world = world
        machine = ReceivingMachine(
            hostname: rules.settings.service.hostname, offersTLS: true,
            sizeOctetsMax: rules.settings.session.messageOctetsMax, tls: tls)
    }

    private var policy: Policy { rules.ruleset.policy }

    mutating func begin(talksFirst: Bool) throws(CommandFailure) {
        var step = machine.connected()
        guard case .askConnection = step else { return }
        let judgement = try judge("connection", ConnectionGate(ruleset: rules.ruleset, peer: peer))
        var decision = judgement.outcome
        let isOutside = decision.marks.map { $0.sourceChannel != policy.insideChannel } ?? false
        if talksFirst, isOutside, policy.session.preGreeting.waitSeconds > 0 {
            let gate = ConnectionGate(ruleset: rules.ruleset, peer: peer, talkedFirst: true)
            decision = try judge("connection", gate).outcome
        }
        switch decision {
        case .admit(let marks):
            connected = marks
            try chooseAuthentication()
            followTerms()
            step = machine.answer(.admitted)
        case .reject(let reply, let consequences):
            step = machine.answer(refusal(reply, consequences))
        }
        try carryOut(step)
    }

    /// One line of the client's, without its end.
    mutating func hear(_ line: [UInt8]) throws(CommandFailure) {
        var buffer = pending + line + [0x0D, 0x0A]
        pending = []
        // Each round takes octets of the line, or ends.
        while !isOver, !buffer.isEmpty {
            var consumed = 0
            let step = buffer.withUnsafeBytes { machine.receive($0, consumed: &consumed) }
            if case .content(let range) = step { content += buffer[range] }
            buffer.removeFirst(consumed)
            // What it can't judge yet, it is handed again with the next line.
            if case .needMore = step { return pending = buffer }
            try carryOut(step)
        }
    }

    private mutating func carryOut(_ first: ReceivingStep) throws(CommandFailure) {
        var step = first
        // Each question has one answer, and the machine asks one at a time.
        while true {
            switch step {
            case .needMore, .content: return
            case .reply(let reply):
                say(reply)
                if machine.envelope == nil { open = nil }
                return
            case .contentRefused(let reply):
                say(reply)
                open = nil
                return
            case .startTLS(let reply):
                say(reply)
                open = nil
                authenticated = nil
                machine.tlsEstablished(Self.tls)
                return followTerms()
            case .close(let reply):
                say(reply)
                isOver = true
                return
            case .askConnection: return
            case .askIdentity(let credentials): step = machine.answer(try identity(credentials))
            case .askQueueRun(let command): step = machine.answer(try queueRun(command))
            case .askSender(let mail): step = machine.answer(try sender(mail))
            case .askRecipient(let command): step = machine.answer(try recipient(command))
            case .askContent:
                content = []
                step = machine.answer(.admitted)
            case .contentEnded: step = machine.answer(.settled(try settle()))
            }
        }
    }

    private func say(_ reply: Reply) {
        // The wire's own line ends would show up in whatever reads this.
        let text = String(decoding: reply.wire, as: UTF8.self).split(separator: "\r\n")
        StandardOutput.print(text.joined(separator: "\n"))
    }

    // MARK: Gates

    private mutating func judge<Gate: Evaluation>(
        _ name: String, _ gate: Gate
    ) throws(CommandFailure) -> Judgement<Gate.Outcome> where Gate.Outcome: Codable & Hashable {
        let judgement = try world.judgement(of: gate)
        TrailText.print(name, judgement.trail)
        return judgement
    }

    private mutating func chooseAuthentication() throws(CommandFailure) {
        let channel = connected.sourceChannel ?? policy.outsideChannel
        let mayAuthenticate = [false, true].contains { isEncrypted in
            policy.session.channel(
                policy.session.sourceChannel(
                    from: channel, isEncrypted: isEncrypted, isAuthenticated: false)
            ).authentication != .no
        }
        guard mayAuthenticate else { return }
        let gate = AuthenticationGate(ruleset: rules.ruleset, peer: peer)
        authentication = try judge("authentication", gate).outcome
    }

    private var sourceChannel: String {
        policy.session.sourceChannel(
            from: connected.sourceChannel ?? policy.outsideChannel, isEncrypted: machine.tls != nil,
            isAuthenticated: authenticated != nil)
    }

    private mutating func followTerms() {
        var limits = SMTPLimits()
        limits.recipientsMax = rules.settings.session.recipientsMax
        limits.rejectedRecipientsMax = rules.settings.session.rejectedRecipientsMax
        machine.follow(
            SessionTerms(
                channel: sourceChannel, policy: policy.session, authentication: authentication,
                limits: limits, octetsMax: rules.settings.session.messageOctetsMax, offersTLS: true))
        StandardError.print("  source channel: \(sourceChannel)")
    }

    private var facts: SessionFacts {
        var facts = SessionFacts(
            peer: peer, helo: machine.helloName ?? "", isExtended: machine.isExtended, tls: machine.tls,
            sourceChannel: sourceChannel, authenticated: authenticated,
            clientName: connected.client?.name.confirmedName)
        if let client = connected.client { facts.client = client }
        return facts
    }

    private func refusal(_ reply: Reply, _ consequences: Consequences) -> ReceivingAnswer {
        tell(consequences)
        return consequences.disconnects ? .dismissed(reply) : .refused(reply)
    }

    /// What a worker would do besides.
    private func tell(_ consequences: Consequences) {
        if let note = consequences.connectionNote { StandardError.print("  would note: \(note)") }
        for notice in consequences.notices {
            StandardError.print(TerminalText.visible("  would tell the log: \(notice)"))
        }
        if let delay = consequences.replyDelay { StandardError.print("  would wait \(delay)/100 s") }
        if let delay = consequences.transactionDelay {
            StandardError.print("  would wait \(delay)/100 s before each reply of this transaction")
        }
    }

    private mutating func identity(_ credentials: Credentials) throws(CommandFailure) -> ReceivingAnswer {
        let gate = IdentityGate(
            mechanism: credentials.mechanism.rawValue, identity: credentials.identity,
            client: peer.clientAddress)
        switch try judge("identity", gate).outcome {
        case .verified(let address):
            authenticated = address
            followTerms()
            return .admitted
        case .refused(let reply): return .refused(reply)
        }
    }

    private mutating func queueRun(_ command: QueueRunCommand) throws(CommandFailure) -> ReceivingAnswer {
        let gate = ETRNGate(ruleset: rules.ruleset, session: facts, node: command.argument)
        switch try judge("etrn", gate).outcome {
        case .reject(let reply, let consequences):
            tell(consequences)
            return .settled(reply)
        case .admit(let marks):
            let own = command.scope == .queue ? nil : policy.acceptedChannel(of: command.node)
            guard let channel = marks.destinationChannel ?? own else {
                return .settled(.queueUnknown(command.node))
            }
            StandardError.print("  would run channel \(channel)")
            return .settled(Reply(250, "2.0.0", "OK, queuing for node \(command.node) started"))
        }
    }

    private mutating func sender(_ mail: MailCommand) throws(CommandFailure) -> ReceivingAnswer {
        let (session, sender) = (facts, SenderFacts(mail, now: Int64(time(nil))))
        let gate = SenderGate(ruleset: rules.ruleset, session: session, sender: sender)
        switch try judge("sender", gate).outcome {
        case .reject(let reply, let consequences): return refusal(reply, consequences)
        case .admit(let marks):
            tell(marks.consequences)
            open = Open(session: session, sender: sender, marks: connected.forMessage(sender: marks))
            count += 1
            if let limits = marks.limits {
                if let most = limits.messageOctetsMax, let declared = mail.declaredOctets, declared > most {
                    return .refused(.tooBig(most))
                }
                machine.narrow(to: TransactionLimits(limits))
            }
            return .admitted
        }
    }

    private mutating func recipient(_ command: RecipientCommand) throws(CommandFailure) -> ReceivingAnswer {
        guard var open else { return .refused(Reply(451, "4.3.0", "There is no transaction")) }
        open.commandCount += 1
        let recipient = command.recipient
        let facts = RecipientFacts(
            command, commandCount: open.commandCount, admittedCount: open.admitted.count)
        let gate = RecipientGate(
            ruleset: rules.ruleset, session: open.session, sender: open.sender, recipient: facts,
            senderMarks: open.marks)
        let decision = try judge("recipient", gate).outcome
        defer { self.open = open }
        switch decision {
        case .reject(let reply, let consequences): return refusal(reply, consequences)
        case .admit(let marks):
            tell(marks.consequences)
            var admitted = ContentFacts.Recipient(
                original: recipient, sender: open.marks, admitted: marks, policy: policy)
            admitted.options = DeliveryOptions(open.sender, facts, for: admitted.address)
            open.admitted.append(admitted)
            try tellScripts(admitted, open.session)
            return .admitted
        }
    }

    /// Which scripts will judge the message for `recipient`.
    private mutating func tellScripts(
        _ recipient: ContentFacts.Recipient, _ session: SessionFacts
    ) throws(CommandFailure) {
        let listing = ScriptListing(ruleset: rules.ruleset, recipient: recipient, session: session)
        for script in try world.judgement(of: listing).outcome {
            let failure = script.failure.map { ", which can't be run: \($0)" } ?? ""
            StandardError.print(
                TerminalText.visible("  \(script.level) script: \(script.name)\(failure)"))
        }
    }

    private mutating func settle() throws(CommandFailure) -> Reply {
        guard let open else { return Reply(451, "4.3.0", "There is no transaction") }
        self.open = nil
        let facts = ContentFacts(
            session: open.session, sender: open.sender,
            recipients: policy.session.holding(open.admitted, from: open.session.sourceChannel),
            caseID: "TEST.\(count)")
        let gate = ContentGate(ruleset: rules.ruleset, facts: facts, bytes: MessageBytes(content))
        let settlement = try judge("content", gate).outcome
        for judged in settlement.verdicts {
            StandardError.print(
                TerminalText.visible(
                    "  \(judged.recipient.original): \(Self.words(judged.verdict)), "
                        + "channel \(judged.recipient.channel)"))
        }
        let reply = settlement.reply
        return reply.isTransient ? reply : reply.naming(case: facts.caseID)
    }

    private static func words(_ verdict: Verdict) -> String {
        switch verdict {
        case .relay: "relay"
        case .hold(let reason): "hold: \(reason)"
        case .reject(let reply): "reject: \(reply.text)"
        case .discard: "discard"
        case .retryLater(let reply): "retry later: \(reply.text)"
        }
    }
}
