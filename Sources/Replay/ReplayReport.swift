// SPDX-License-Identifier: MIT

package import Gates
internal import Mail

/// What judging many cases again came to.
package struct ReplayReport: Codable, Sendable {
    /// Cases that end otherwise, grouped by what they were, what they would be, and by which rule.
    package struct Change: Codable, Sendable {
        package var from: String
        package var to: String
        /// The rule that decides now, `mappings:41`; where none does any more, the one that decided then.
        package var entry: String
        package var count: Int
        /// Case ids, a few.
        package var examples: [String]
    }

    package struct Missing: Codable, Sendable {
        package var question: String
        package var count: Int
    }

    package var cases = 0
    package var unchanged = 0
    package var changed: [Change] = []
    /// Questions that the cases have no answer to. Such a case is in no other count.
    package var unanswered: [Missing] = []
    /// Cases that kept too little of the message to judge it again.
    package var needsContent = 0
    /// Of those unchanged: decision and trail are equal byte for byte.
    package var identical = 0
    /// Cases recorded by another version of the evaluator, counted wherever else they belong too.
    package var otherEvaluator = 0
    /// Cases whose archived ruleset is gone.
    package var rulesetMissing = 0

    /// Case ids that one change lists, at most.
    package static let examplesMax = 5
    /// Kinds of changes and of questions that are told apart, at most; the rest is counted together.
    package static let kindsMax = 1_000

    package enum CodingKeys: String, CodingKey {
        case cases, unchanged, changed, unanswered, identical
        case needsContent = "needs_content"
        case otherEvaluator = "other_evaluator"
        case rulesetMissing = "ruleset_missing"
    }

    package init() {}

    package mutating func add(_ record: CaseRecord, _ judged: Rejudgement) {
        cases += 1
        if record.evaluatorVersion != CaseRecord.evaluatorVersion { otherEvaluator += 1 }
        switch judged.end {
        case .unanswered(let question):
            addMissing(FactsText.text(question))
        case .needsContent:
            needsContent += 1
        case .settled(let fate):
            let then = Rejudgement.fates(
                record.transaction?.recipients.map(\.judgement) ?? [],
                record.transaction?.content?.judgement.outcome)
            if fate == Rejudgement.Fate(record.fate), then == judged.recipientFates {
                unchanged += 1
                if judged.isIdentical(to: record) { identical += 1 }
            } else {
                let rule = judged.decidingRule
                addChange(
                    record.fate.rawValue, fate.rawValue, rule.isEmpty ? record.decidingRule : rule, record.id)
            }
        }
    }

    package mutating func addWithoutRuleset() {
        cases += 1
        rulesetMissing += 1
    }

    /// The largest groups first.
    package func sorted() -> ReplayReport {
        var report = self
        report.changed.sort { ($1.count, $0.entry) < ($0.count, $1.entry) }
        report.unanswered.sort { ($1.count, $0.question) < ($0.count, $1.question) }
        return report
    }

    mutating func addChange(_ from: String, _ to: String, _ entry: String, _ id: String) {
        let index = { (entry: String, changed: [Change]) in
            changed.firstIndex { $0.from == from && $0.to == to && $0.entry == entry }
        }
        let isFull = changed.count >= Self.kindsMax
        if let index = index(entry, changed) ?? (isFull ? index(Self.others, changed) : nil) {
            changed[index].count += 1
            if changed[index].examples.count < Self.examplesMax { changed[index].examples.append(id) }
        } else {
            let entry = isFull ? Self.others : entry
            changed.append(Change(from: from, to: to, entry: entry, count: 1, examples: [id]))
        }
    }

    mutating func addMissing(_ text: String) {
        let index = { (text: String, unanswered: [Missing]) in
            unanswered.firstIndex { $0.question == text }
        }
        let isFull = unanswered.count >= Self.kindsMax
        if let index = index(text, unanswered) ?? (isFull ? index(Self.others, unanswered) : nil) {
            unanswered[index].count += 1
        } else {
            unanswered.append(Missing(question: isFull ? Self.others : text, count: 1))
        }
    }

    private static let others = "(others)"
}
