// SPDX-License-Identifier: MIT
import Mail
import MappingTables

/// Tables in one file named `mappings`. The file may have complaints.
func tables(_ source: String) -> TableSet {
    TableSet.parse(main: "mappings", sources: ["mappings": Array(source.utf8)]).tables
}

func complaints(_ source: String) -> [Complaint] {
    TableSet.parse(main: "mappings", sources: ["mappings": Array(source.utf8)]).complaints
}

/// One table `T` of these entries, put through one probe. Callouts are answered from `answers`, by argument.
func outcome(
    _ entries: String..., probe: String, flags: Set<Character> = [], answers: [String: Answer] = [:],
    limits: EvaluationLimits = .init()
) -> TableOutcome {
    let source = "T\n\n" + entries.map { "  \($0)\n" }.joined()
    return run(tables(source), "T", probe, flags: flags, answers: answers, limits: limits).outcome
}

/// Drives an evaluation to its end. Every question is kept.
func run(
    _ tables: TableSet, _ table: String, _ probe: String, flags: Set<Character> = [],
    answers: [String: Answer] = [:], limits: EvaluationLimits = .init()
) -> (outcome: TableOutcome, trail: Trail, questions: [Question]) {
    var evaluation = TableEvaluation(
        tables: tables, table: table, probe: probe, inputFlags: flags, limits: limits)
    var questions: [Question] = []
    var given: [Answer] = []
    while true {
        switch evaluation.next(given) {
        case .done(let outcome, let trail): return (outcome, trail, questions)
        case .ask(let asked):
            questions += asked
            given = asked.map { question in
                guard case .callout(let callout) = question else { return .unavailable("not a callout") }
                return answers[callout.argument] ?? .callout(nil)
            }
        }
    }
}

/// The fields that `pattern` saves of `target`; nil where it doesn't match.
func fields(_ pattern: String, _ target: String) -> [String]? {
    let match = PatternMatch.match(pattern: pattern, target: target)
    return match.matched ? match.fields : nil
}
