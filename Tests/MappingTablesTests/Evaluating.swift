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

/// A database of these lines.
func database(_ lines: String...) -> DatabaseSource {
    let source = lines.map { $0 + "\n" }.joined()
    return .compiled(TextDatabase.parse(Array(source.utf8), file: "general.txt").database)
}

/// The table `T` of these entries in a file named `mappings`.
func table(
    _ entries: String..., databases: [String: DatabaseSource] = [:], directories: [String: String]? = nil
) -> (tables: TableSet, complaints: [Complaint]) {
    let source = "T\n\n" + entries.map { "  \($0)\n" }.joined()
    return TableSet.parse(
        main: "mappings", sources: ["mappings": Array(source.utf8)], databases: databases,
        directories: directories)
}

/// One table `T` of these entries, put through one probe. Questions are answered as in `run`.
func outcome(
    _ entries: String..., probe: String, flags: Set<Character> = [], answers: [String: Answer] = [:],
    limits: EvaluationLimits = .init()
) -> TableOutcome {
    let source = "T\n\n" + entries.map { "  \($0)\n" }.joined()
    return run(tables(source), "T", probe, flags: flags, answers: answers, limits: limits).outcome
}

/// Drives an evaluation to its end, with a trace. Every question is kept. Callouts are answered from
/// `answers` by their argument, look-ups by their key, searches by their filter, sequences by their name,
/// dice by `dice`.
func run(
    _ tables: TableSet, _ table: String, _ probe: String, flags: Set<Character> = [],
    answers: [String: Answer] = [:], limits: EvaluationLimits = .init()
) -> (outcome: TableOutcome, trail: Trail, questions: [Question]) {
    var evaluation = TableEvaluation(
        tables: tables, table: table, probe: probe, inputFlags: flags, isTraced: true, limits: limits)
    var questions: [Question] = []
    var given: [Answer] = []
    while true {
        switch evaluation.next(given) {
        case .done(let outcome, let trail): return (outcome, trail, questions)
        case .ask(let asked):
            questions += asked
            given = asked.map { question in
                switch question {
                case .callout(let callout): answers[callout.argument] ?? .callout(nil)
                case .database(let asked): answers[asked.key] ?? .database(.none)
                case .directory(let asked): answers[asked.filter] ?? .directory(.none)
                case .sequence(let asked): answers[asked.name] ?? .unavailable("no such sequence")
                case .dice: answers["dice"] ?? .unavailable("no dice")
                default: .unavailable("not a table's question")
                }
            }
        }
    }
}

/// The fields that `pattern` saves of `target`; nil where it doesn't match.
func fields(_ pattern: String, _ target: String) -> [String]? {
    let match = PatternMatch.match(pattern: pattern, target: target)
    return match.matched ? match.fields : nil
}
