// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// ETRN was said (RFC 1985): `ETRN_ACCESS`.
///
/// Rejects with `459 4.5.0` on `$N` or `$F`. Admits otherwise: on `$S` and `$Y`, where nothing matched, and
/// where there is no table, since the source channel has to offer ETRN in the first place. `$D` names the
/// channel to run instead of the one that the client asked for: `Marks.destinationChannel`.
package struct ETRNGate: Evaluation {
    /// Octets of a channel's name, as configurations have them.
    private static let channelOctetsMax = 64

    private var run: TableRun

    /// `node` is the argument as the client wrote it.
    package init(ruleset: Ruleset, session: SessionFacts, node: String) {
        let policy = ruleset.policy.access
        let probe = AccessTable.etrnProbe(session, ETRNFacts(claimedSystem: node), policy)
        run = TableRun(
            .etrnAccess, probe: probe, inputFlags: AccessTable.etrnAccess.inputFlags(session),
            tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, let trail):
            guard outcome.overrun == nil else { return .done(.reject(.policyFault), trail) }
            let arguments = FlagArguments(outcome, order: AccessTable.etrnAccess.argumentFlags)
            if outcome.has("N") || outcome.has("F") {
                let text = arguments.rest.isEmpty ? "Not allowed" : arguments.rest
                return .done(.reject(Reply(459, "4.5.0", text)), trail)
            }
            var marks = Marks()
            if let text = arguments["D"] {
                let name = PlainText.trimmed(PlainText.line(text, octetsMax: Self.channelOctetsMax))
                if !name.isEmpty { marks.destinationChannel = name }
            }
            return .done(.admit(marks), trail)
        }
    }
}
