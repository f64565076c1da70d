// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// `PORT_ACCESS` once more, without input flag `A`, where the source channel lets clients authenticate: the
/// text of its result names the set of rules that they authenticate by.
///
/// Admits with `Marks.authenticationRules`, `EXTERNAL` where the table leaves no text; rejects where the
/// table does, and the client is then offered no AUTH.
package struct AuthenticationGate: Evaluation {
    /// The rule set of whoever the table says nothing about.
    package static let standardRules = "EXTERNAL"
    /// Octets of a rule set's name.
    private static let nameOctetsMax = 64

    private var run: TableRun

    package init(ruleset: Ruleset, peer: Peer) {
        run = TableRun(
            .portAccess, probe: AccessTable.portProbe(peer), inputFlags: [], tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, let trail):
            let access = AccessOutcome(port: outcome)
            if let reply = access.rejection {
                return .done(.reject(reply, access.marks.consequences), trail)
            }
            var marks = access.marks
            let text = PlainText.line(access.remainder, octetsMax: Self.nameOctetsMax)
            let name = PlainText.trimmed(text)
            marks.authenticationRules = name.isEmpty ? Self.standardRules : name
            return .done(.admit(marks), trail)
        }
    }
}
