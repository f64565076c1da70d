// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// A client has connected: may it speak, and by which channel does it come in?
///
/// `PORT_ACCESS` first (input flag `A`); only for an admitted client `INTERNAL_IP`, whose `$Y` makes it an
/// inside one.
package struct ConnectionGate: Evaluation {
    private enum Stage: Sendable {
        case port(TableRun)
        case internalIP(TableRun)
    }

    private let policy: Policy
    private let ruleset: Ruleset
    private let peer: Peer
    private var stage: Stage
    private var trail = Trail()

    package init(ruleset: Ruleset, peer: Peer) {
        self.ruleset = ruleset
        self.peer = peer
        policy = ruleset.policy
        stage = .port(
            TableRun(
                .portAccess, probe: AccessTable.portProbe(peer), inputFlags: ["A"], tables: ruleset.tables))
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        switch stage {
        case .port(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .port(run)
                return .ask(questions)
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                if let reply = AccessOutcome(port: outcome).rejection { return .done(.reject(reply), trail) }
                stage = .internalIP(
                    TableRun(
                        .internalIP, probe: peer.clientAddress.description, inputFlags: [],
                        tables: ruleset.tables))
                return next([])
            }
        case .internalIP(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .internalIP(run)
                return .ask(questions)
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                // Not "outside": a host of our own would then be refused for good what it may send.
                guard outcome.overrun == nil else { return .done(.reject(.policyFault), trail) }
                let isInside = outcome.matched && outcome.has("Y")
                let channel = isInside ? policy.insideChannel : policy.outsideChannel
                return .done(.admit(Marks(sourceChannel: channel)), trail)
            }
        }
    }
}
