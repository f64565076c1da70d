// SPDX-License-Identifier: MIT

package import Gates
package import Mail

/// One recorded case, judged again.
///
/// Each stage is evaluated as it was when the mail came: the same evaluation, made from the recorded facts,
/// fed with the recorded answers. Nothing else is reached. A question that was not asked then has no answer
/// now, and the case is reported as unanswered, never as unchanged.
package struct Rejudgement: Sendable {
    /// How it ended this time, as far as the recorded facts go.
    package enum End: Hashable, Sendable {
        case settled(Fate)
        /// A question that the case has no answer to.
        case unanswered(Question)
        /// The content would have to be judged, and the case kept too little of it.
        case needsContent
    }

    /// A case's fate, or the one that a recorded refusal can't tell beyond.
    package enum Fate: String, Hashable, Sendable {
        case accept, hold, discard, reject, `defer`, abandoned
        /// What was refused then would be let on now; what the client would have said next isn't known.
        case admit

        init(_ fate: CaseRecord.Fate) {
            switch fate {
            case .accept: self = .accept
            case .hold: self = .hold
            case .discard: self = .discard
            case .reject: self = .reject
            case .defer: self = .defer
            case .abandoned: self = .abandoned
            }
        }
    }

    package var end: End
    /// Every judgement that was made, in order, with its stage: what a comparison compares.
    package var connection: Judgement<Decision>?
    package var authentication: Judgement<Decision>?
    package var identity: Judgement<IdentityFinding>?
    package var sender: Judgement<Decision>?
    package var recipients: [Judgement<Decision>] = []
    package var content: Judgement<Settlement>?

    private init(end: End) { self.end = end }

    /// Judges `record` by `rules`, which may differ for the connection and for the message. `ask` is tried
    /// for questions without a recorded answer; nil leaves them unanswered.
    package static func judge(
        _ record: CaseRecord, connection rules: Ruleset, message messageRules: Ruleset,
        ask: ((Question) -> Answer?)? = nil
    ) -> Rejudgement {
        var run = Run(record: record, ask: ask)
        return run.judge(rules, messageRules)
    }

    private struct Run {
        let record: CaseRecord
        let ask: ((Question) -> Answer?)?
        var result = Rejudgement(end: .settled(.abandoned))
        private var pool: [Question: [Answer]] = [:]

        init(record: CaseRecord, ask: ((Question) -> Answer?)?) {
            self.record = record
            self.ask = ask
            var exchanges = record.connection.exchanges + (record.authentication?.exchanges ?? [])
            if let transaction = record.transaction {
                exchanges += transaction.senderJudgement.exchanges
                exchanges += transaction.recipients.flatMap(\.judgement.exchanges)
                exchanges += transaction.content?.judgement.exchanges ?? []
            }
            for exchange in exchanges { pool[exchange.question, default: []].append(exchange.answer) }
        }

        mutating func judge(_ rules: Ruleset, _ messageRules: Ruleset) -> Rejudgement {
            result.end = stages(rules, messageRules)
            return result
        }

        private mutating func stages(_ rules: Ruleset, _ messageRules: Ruleset) -> End {
            let connection: Judgement<Decision>
            let gate = ConnectionGate(
                ruleset: rules, peer: record.peer, talkedFirst: record.talkedFirst ?? false)
            switch drive(gate, recorded: record.connection.exchanges) {
            case .failure(let question): return .unanswered(question.question)
            case .success(let judgement): connection = judgement
            }
            result.connection = connection
            if let reply = connection.outcome.rejection {
                return .settled(reply.isPermanent ? .reject : .defer)
            }
            guard let transaction = record.transaction else { return .settled(.admit) }
            if let end = authenticate(rules) { return end }
            return message(transaction, session(transaction, rules, messageRules), messageRules)
        }

        /// Who may authenticate, and who the client proved to be, where that was judged then. Nil to go on.
        private mutating func authenticate(_ rules: Ruleset) -> End? {
            if let recorded = record.authentication {
                let gate = AuthenticationGate(ruleset: rules, peer: record.peer)
                switch drive(gate, recorded: recorded.exchanges) {
                case .failure(let question): return .unanswered(question.question)
                case .success(let judgement): result.authentication = judgement
                }
            }
            // Who somebody is depends on no rule: the record's answer stands.
            result.identity = record.identity
            return nil
        }

        /// The session as the rules would have it now: they may lead to another source channel.
        private func session(
            _ transaction: TransactionRecord, _ rules: Ruleset, _ messageRules: Ruleset
        ) -> SessionFacts {
            var session = transaction.session
            guard let marks = result.connection?.outcome.marks, let channel = marks.sourceChannel else {
                return session
            }
            session.client = marks.client ?? ClientFindings()
            session.clientName = marks.client?.name.confirmedName
            // Whoever isn't offered AUTH any more comes as a stranger.
            if result.authentication?.outcome.rejection != nil { session.authenticated = nil }
            session.sourceChannel = messageRules.policy.session.sourceChannel(
                from: channel, isEncrypted: session.tls != nil, isAuthenticated: session.isAuthenticated)
            return session
        }

        private mutating func message(
            _ transaction: TransactionRecord, _ session: SessionFacts, _ rules: Ruleset
        ) -> End {
            let gate = SenderGate(ruleset: rules, session: session, sender: transaction.sender)
            let sender: Judgement<Decision>
            switch drive(gate, recorded: transaction.senderJudgement.exchanges) {
            case .failure(let question): return .unanswered(question.question)
            case .success(let judgement): sender = judgement
            }
            result.sender = sender
            if let reply = sender.outcome.rejection { return .settled(reply.isPermanent ? .reject : .defer) }
            guard case .admit(let own) = sender.outcome else { return .settled(.abandoned) }
            let marks = (result.connection?.outcome.marks ?? .none).forMessage(sender: own)
            var admitted: [ContentFacts.Recipient] = []
            for recorded in transaction.recipients {
                let gate = RecipientGate(
                    ruleset: rules, session: session, sender: transaction.sender,
                    recipient: recorded.facts, senderMarks: marks)
                switch drive(gate, recorded: recorded.judgement.exchanges) {
                case .failure(let question): return .unanswered(question.question)
                case .success(let judgement):
                    result.recipients.append(judgement)
                    guard case .admit(let own) = judgement.outcome else { continue }
                    var recipient = ContentFacts.Recipient(
                        original: recorded.recipient, sender: marks, admitted: own, policy: rules.policy)
                    recipient.options = DeliveryOptions(
                        transaction.sender, recorded.facts, for: recipient.address)
                    admitted.append(recipient)
                }
            }
            return content(transaction, session, admitted, rules)
        }

        private mutating func content(
            _ transaction: TransactionRecord, _ session: SessionFacts, _ admitted: [ContentFacts.Recipient],
            _ rules: Ruleset
        ) -> End {
            guard !admitted.isEmpty else { return withoutRecipients(transaction) }
            guard let recorded = transaction.content else {
                // Somebody was admitted then too: what ended it was no gate, and would end it again.
                let wasAdmitted = transaction.recipients.contains { $0.judgement.outcome.rejection == nil }
                return .settled(wasAdmitted ? Fate(record.fate) : .admit)
            }
            guard let bytes = recorded.bytes else { return .needsContent }
            let facts = ContentFacts(
                session: session, sender: transaction.sender,
                recipients: rules.policy.session.holding(admitted, from: session.sourceChannel),
                caseID: recorded.facts.caseID,
                poison: recorded.facts.poison)
            let gate = ContentGate(ruleset: rules, facts: facts, bytes: MessageBytes(bytes.octets))
            switch drive(gate, recorded: recorded.judgement.exchanges) {
            case .failure(let question): return .unanswered(question.question)
            case .success(let judgement):
                result.content = judgement
                return .settled(Self.fate(judgement.outcome, record))
            }
        }

        private func withoutRecipients(_ transaction: TransactionRecord) -> End {
            guard !result.recipients.isEmpty else {
                // The client named nobody: because it was refused before, or of its own accord.
                let wasRefused = transaction.senderJudgement.outcome.rejection != nil
                return .settled(wasRefused ? .admit : Fate(record.fate))
            }
            let isPermanent = result.recipients.contains { $0.outcome.rejection?.isPermanent == true }
            return .settled(isPermanent ? .reject : .defer)
        }

        /// As inbound names it. A commit that failed then would not fail now: the record's own fate stands
        /// for the disk's part.
        private static func fate(_ settlement: Settlement, _ record: CaseRecord) -> Fate {
            if settlement.reply.isTransient { return .defer }
            if settlement.reply.isPermanent { return .reject }
            let delivers = settlement.entries.contains { if case .deliver = $0.debt { true } else { false } }
            let fate: Fate = delivers ? .accept : settlement.entries.isEmpty ? .discard : .hold
            let then = record.transaction?.content?.judgement.outcome
            return record.fate == .defer && then?.abridged == settlement.abridged ? .defer : fate
        }

        /// Answers in the recorded order first, so that a question asked twice with different answers gets
        /// them as it did; then whatever the case knows of the same question.
        private func drive<Gate: Evaluation>(
            _ start: Gate, recorded: [Exchange]
        ) -> Result<Judgement<Gate.Outcome>, Unanswered> where Gate.Outcome: Codable & Hashable {
            var gate = start
            var rest = recorded
            var exchanges: [Exchange] = []
            var answers: [Answer] = []
            // Bounded as the evaluation is: each of its rounds is.
            for _ in 0..<Self.roundsMax {
                switch gate.next(answers) {
                case .done(let outcome, let trail):
                    return .success(Judgement(exchanges: exchanges, outcome: outcome, trail: trail))
                case .ask(let questions):
                    answers = []
                    for question in questions {
                        let answer: Answer
                        if let next = rest.firstIndex(where: { $0.question == question }) {
                            answer = rest.remove(at: next).answer
                        } else if let known = pool[question]?.first ?? ask?(question) {
                            answer = known
                        } else {
                            return .failure(Unanswered(question: question))
                        }
                        answers.append(answer)
                        exchanges.append(Exchange(question: question, answer: answer))
                    }
                }
            }
            return .failure(Unanswered(question: exchanges.last?.question ?? .time))
        }

        /// Rounds of questions of one evaluation. Live ones have far fewer; this bounds a replay of any rules
        /// at all.
        private static let roundsMax = 10_000
    }

    private struct Unanswered: Error {
        let question: Question
    }
}

extension Rejudgement {
    /// Whether decision and trail are those of the record, byte for byte (promise P12).
    package func isIdentical(to record: CaseRecord) -> Bool {
        guard case .settled = end, same(connection, record.connection) else { return false }
        if let recorded = record.authentication, record.transaction != nil, !same(authentication, recorded) {
            return false
        }
        guard let transaction = record.transaction else { return sender == nil }
        guard same(sender, transaction.senderJudgement), recipients.count == transaction.recipients.count
        else {
            return false
        }
        for (mine, theirs) in zip(recipients, transaction.recipients) where !same(mine, theirs.judgement) {
            return false
        }
        guard let recorded = transaction.content else { return content == nil }
        return same(content.map(Self.abridged), Self.abridged(recorded.judgement))
    }

    /// As cases keep it. Older ones have it whole.
    private static func abridged(_ judgement: Judgement<Settlement>) -> Judgement<Settlement> {
        var judgement = judgement
        judgement.outcome = judgement.outcome.abridged
        return judgement
    }

    private func same<Outcome>(_ mine: Judgement<Outcome>?, _ recorded: Judgement<Outcome>) -> Bool {
        guard let mine else { return false }
        let encoder = FactsEncoder()
        // What can't be written down can't be shown to be the same.
        guard let one = try? encoder.encode(mine.outcome) + encoder.encode(mine.trail),
            let other = try? encoder.encode(recorded.outcome) + encoder.encode(recorded.trail)
        else { return false }
        return one == other
    }

    /// What became of each recipient, in words: what a change of rules changes for people.
    package var recipientFates: [String] { Self.fates(recipients, content?.outcome) }

    static func fates(_ recipients: [Judgement<Decision>], _ settlement: Settlement?) -> [String] {
        recipients.map { judgement in
            switch judgement.outcome {
            case .reject(let reply, _): reply.text
            case .admit(let marks): "admitted for \(marks.destinationChannel ?? "")"
            }
        }
            + (settlement?.verdicts.map { judged in
                switch judged.verdict {
                case .relay:
                    "relay \(judged.recipient.original) \(judged.keepsCopy) "
                        + (judged.copies + judged.besides).map { "\($0.address)" }.joined(separator: " ")
                        + (judged.sender.map { " from \($0.address.map { "\($0)" } ?? "<>")" } ?? "")
                case .hold: "hold \(judged.recipient.original)"
                case .reject: "reject \(judged.recipient.original)"
                case .discard: "discard \(judged.recipient.original)"
                case .retryLater: "retry later \(judged.recipient.original)"
                }
            } ?? [])
    }
}
