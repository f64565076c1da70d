// SPDX-License-Identifier: MIT

package import MappingTables
package import Mail

/// One table applied to one probe, with the callouts that we answer ourselves: a mapping template asks for a
/// routine, and the routine asks DNS or a meter. What leaves is only that question, so that a case stays
/// useful when the template's texts change. Whatever else the table asks goes out as it is.
package struct TableRun: Evaluation {
    private let tableName: String
    private let probe: String
    private var evaluation: TableEvaluation
    private var callout: CalloutRun?
    private var calloutNotes: [String] = []
    private let isPresent: Bool

    init(_ table: AccessTable, probe: String, inputFlags: Set<Character>, tables: TableSet) {
        self.init(tableNamed: table.rawValue, probe: probe, inputFlags: inputFlags, tables: tables)
    }

    /// Any table, for whoever tries one out; `isTraced` gives the outcome its trace.
    package init(
        tableNamed name: String, probe: String, inputFlags: Set<Character>, tables: TableSet,
        isTraced: Bool = false
    ) {
        tableName = name
        self.probe = probe
        isPresent = tables.contains(name)
        evaluation = TableEvaluation(
            tables: tables, table: name, probe: probe, inputFlags: inputFlags, isTraced: isTraced)
    }

    /// As `Evaluation.next`. Done at once, with nothing matched, where the ruleset has no such table.
    package mutating func next(_ answers: [Answer]) -> Step<TableOutcome> {
        guard isPresent else { return .done(TableOutcome.nothing, Trail()) }
        var answers = answers
        // Bounded: every turn answers one callout, and MappingTables limits how many an evaluation asks.
        while true {
            if var running = callout {
                switch running.next(answers) {
                case .ask(let questions):
                    callout = running
                    return .ask(questions)
                case .done(let result, let note):
                    callout = nil
                    if let note { calloutNotes.append(note) }
                    answers = [.callout(result)]
                }
            }
            switch evaluation.next(answers) {
            case .ask(let questions):
                guard case .callout(let asked)? = questions.first else { return .ask(questions) }
                // The compiler refuses callouts that we don't know; a nil here is an argument that makes no
                // sense, and fails the entry.
                if let run = CalloutRun(asked) {
                    callout = run
                    answers = []
                } else {
                    calloutNotes.append("\(asked.image),\(asked.routine): its argument makes no sense")
                    answers = [.callout(nil)]
                }
            case .done(let outcome, let trail):
                return .done(outcome, noted(trail))
            }
        }
    }

    /// What the callouts met, beside what the table made of it.
    private func noted(_ trail: Trail) -> Trail {
        guard !calloutNotes.isEmpty else { return trail }
        var trail = trail
        if let last = trail.entries.indices.last {
            trail.entries[last].result += " (\(calloutNotes.joined(separator: "; ")))"
        }
        return trail
    }
}

extension TableOutcome {
    static let nothing = TableOutcome(
        matched: false, output: "", flags: [], place: nil, captures: [], trace: [])
}
