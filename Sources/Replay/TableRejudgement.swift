// SPDX-License-Identifier: MIT

package import Gates
package import Mail

/// A table that was consulted beside a session, consulted again: made from the recorded facts, fed with the
/// recorded answers, and with nothing else.
package struct TableRejudgement: Sendable {
    package enum End: Sendable {
        /// As it would have been recorded this time.
        case settled(TableRecord.Consultation)
        /// A question that the record has no answer to.
        case unanswered(Question)
    }

    package let end: End

    /// Rounds of questions of one evaluation. Live ones have far fewer; this bounds a replay of any rules at
    /// all.
    private static let roundsMax = 10_000

    /// `ask` is tried for questions without a recorded answer; nil leaves them unanswered.
    package static func judge(
        _ record: TableRecord, by rules: Ruleset, ask: ((Question) -> Answer?)? = nil
    ) -> TableRejudgement {
        switch record.consultation {
        case .dequeue(let facts, let then):
            let gate = DequeueGate(ruleset: rules, facts: facts)
            return judge(gate, then, ask) { .dequeue(facts, $0) }
        case .address(let facts, let then):
            let gate = AddressGate(ruleset: rules, facts: facts)
            return judge(gate, then, ask) { .address(facts, $0) }
        case .log(let facts, let then):
            let gate = LogGate(ruleset: rules, facts: facts)
            return judge(gate, then, ask) { .log(facts, $0) }
        case .copy(let facts, let then):
            let gate = SaveCopyGate(ruleset: rules, facts: facts)
            return judge(gate, then, ask) { .copy(facts, $0) }
        }
    }

    private static func judge<Gate: Evaluation>(
        _ start: Gate, _ then: Judgement<Gate.Outcome>, _ ask: ((Question) -> Answer?)?,
        _ consultation: (Judgement<Gate.Outcome>) -> TableRecord.Consultation
    ) -> TableRejudgement where Gate.Outcome: Codable & Hashable {
        var gate = start
        var rest = then.exchanges
        var exchanges: [Exchange] = []
        var answers: [Answer] = []
        for _ in 0..<roundsMax {
            switch gate.next(answers) {
            case .done(let outcome, let trail):
                let judgement = Judgement(exchanges: exchanges, outcome: outcome, trail: trail)
                return TableRejudgement(end: .settled(consultation(judgement)))
            case .ask(let questions):
                answers = []
                for question in questions {
                    let answer: Answer
                    if let next = rest.firstIndex(where: { $0.question == question }) {
                        answer = rest.remove(at: next).answer
                    } else if let asked = ask?(question) {
                        answer = asked
                    } else {
                        return TableRejudgement(end: .unanswered(question))
                    }
                    answers.append(answer)
                    exchanges.append(Exchange(question: question, answer: answer))
                }
            }
        }
        return TableRejudgement(end: .unanswered(exchanges.last?.question ?? .time))
    }

    /// Whether outcome and trail are those of the record, byte for byte (promise P12).
    package func isIdentical(to record: TableRecord) -> Bool {
        guard case .settled(let now) = end else { return false }
        let encoder = FactsEncoder()
        // What can't be written down can't be shown to be the same.
        guard let one = try? encoder.encode(now), let other = try? encoder.encode(record.consultation) else {
            return false
        }
        return one == other
    }
}

extension ReplayReport {
    /// A record of a table stands among the cases; its end is told as `DEQUEUE_ACCESS postpone`.
    package mutating func add(_ record: TableRecord, _ judged: TableRejudgement) {
        cases += 1
        if record.evaluatorVersion != CaseRecord.evaluatorVersion { otherEvaluator += 1 }
        switch judged.end {
        case .unanswered(let question): addMissing(FactsText.text(question))
        case .settled(let now):
            guard now.isSameEnd(as: record.consultation) else {
                let then = record.consultation
                return addChange(
                    "\(then.table) \(then.fate)", "\(now.table) \(now.fate)",
                    now.rule.isEmpty ? then.rule : now.rule, record.id)
            }
            unchanged += 1
            if judged.isIdentical(to: record) { identical += 1 }
        }
    }
}

extension TableRecord.Consultation {
    fileprivate func isSameEnd(as other: TableRecord.Consultation) -> Bool {
        switch (self, other) {
        case (.dequeue(_, let now), .dequeue(_, let then)): now.outcome == then.outcome
        case (.address(_, let now), .address(_, let then)): now.outcome == then.outcome
        case (.log(_, let now), .log(_, let then)): now.outcome == then.outcome
        case (.copy(_, let now), .copy(_, let then)): now.outcome == then.outcome
        default: false
        }
    }
}
