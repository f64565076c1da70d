// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import MappingTables

/// DNS lists that nobody ever asks: they are, only about clients that no entry of `PORT_ACCESS` accepted, and
/// tables that were brought along often end in an entry that accepts all.
enum ListReach {
    /// A client that is in no rule: from a network kept for documents (RFC 5737 §3).
    private static let stranger = "TCP|192.0.2.1|25|203.0.113.251|40000"
    /// Rounds of questions, at most, before it is left open what becomes of the stranger.
    private static let roundsMax = 100

    static func complaints(of tables: TableSet, policy: Policy) -> [Complaint] {
        let lists = policy.verification.lists.lists.filter { $0.subject == .client }
        guard let list = lists.first else { return [] }
        var run = TableRun(
            tableNamed: AccessTable.portAccess.rawValue, probe: stranger, inputFlags: ["A"], tables: tables)
        var answers: [Answer] = []
        for _ in 0..<roundsMax {
            switch run.next(answers) {
            case .ask(let questions):
                answers = questions.map { _ in .unavailable("nobody is asked") }
            case .done(let outcome, _):
                guard outcome.matched, !outcome.has("N"), !outcome.has("F"), let place = outcome.place else {
                    return []
                }
                return [
                    Complaint(
                        file: place.file, line: place.line, severity: .warning,
                        message: "this entry accepts every client, so [dns_list.\(list.name)] is never asked",
                        help: "take the entry out: a client that no entry matches is admitted,"
                            + " once the lists have nothing against it")
                ]
            }
        }
        return []
    }
}
