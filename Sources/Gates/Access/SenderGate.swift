// SPDX-License-Identifier: MIT

package import Mail

/// MAIL FROM was said: `FROM_ACCESS`. The ruleset it is made with judges the message to its end (promise P2).
package struct SenderGate: Evaluation {
    private var run: TableRun
    private let sender: SenderFacts

    package init(ruleset: Ruleset, session: SessionFacts, sender: SenderFacts) {
        self.sender = sender
        run = TableRun(
            .fromAccess, probe: AccessTable.fromProbe(session, sender),
            inputFlags: AccessTable.inputFlags(session), tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, let trail):
            let access = AccessOutcome(
                outcome, table: .fromAccess, about: sender.sender?.description ?? "<>")
            if let reply = access.rejection { return .done(.reject(reply), trail) }
            return .done(.admit(Marks(holdReason: access.holdReason)), trail)
        }
    }
}
