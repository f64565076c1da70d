// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// RCPT TO was said: route, then the recipient tables.
///
/// `ORIG_SEND_ACCESS` and `ORIG_MAIL_ACCESS` see the recipient before alias expansion, `SEND_ACCESS` and
/// `MAIL_ACCESS` after it; the second pair is asked only if the first admitted. Both tables of a pair are
/// consulted, the first rejection wins, and what the others said stays in the trail. Nothing that a table
/// says opens the relay from the outside to the outside.
package struct RecipientGate: Evaluation {
    private static let pairs: [[AccessTable]] = [
        [.origSendAccess, .origMailAccess], [.sendAccess, .mailAccess],
    ]

    private let ruleset: Ruleset
    private let session: SessionFacts
    private let sender: SenderFacts
    private let recipient: Address
    private let channel: String
    private var run: TableRun?
    private var pair = 0
    private var indexInPair = 0
    private var rejection: Reply?
    /// Which entry rejected.
    private var rejectedBy: (table: AccessTable, rule: String)?
    private var holdReason: String?
    private var trail = Trail()

    package init(ruleset: Ruleset, session: SessionFacts, sender: SenderFacts, recipient: Address) {
        self.ruleset = ruleset
        self.session = session
        self.sender = sender
        self.recipient = recipient.domain.isEmpty ? ruleset.policy.postmaster : recipient
        channel = ruleset.policy.destinationChannel(of: self.recipient.domain)
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        var answers = answers
        // Four tables at most, then done.
        while pair < Self.pairs.count {
            let table = Self.pairs[pair][indexInPair]
            var running = run ?? begin(table)
            switch running.next(answers) {
            case .ask(let questions):
                run = running
                return .ask(questions)
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                let access = AccessOutcome(outcome, table: table, about: recipient.description)
                if rejection == nil, let reply = access.rejection {
                    rejection = reply
                    rejectedBy = outcome.place.map { (table, $0.description) }
                }
                holdReason = holdReason ?? access.holdReason
            }
            run = nil
            answers = []
            indexInPair += 1
            if indexInPair == Self.pairs[pair].count {
                indexInPair = 0
                pair = rejection == nil ? pair + 1 : Self.pairs.count
            }
        }
        return .done(decision(), trail)
    }

    private func begin(_ table: AccessTable) -> TableRun {
        let probe =
            switch table {
            case .origMailAccess, .mailAccess:
                AccessTable.mailProbe(session, sender, recipient, channel: channel)
            default:
                AccessTable.sendProbe(session, sender, recipient, channel: channel)
            }
        return TableRun(
            table, probe: probe, inputFlags: AccessTable.inputFlags(session), tables: ruleset.tables)
    }

    private mutating func decision() -> Decision {
        if let rejection {
            // Readers take a trail's last place for what decided; the other table of the pair may have spoken
            // since.
            if let rejectedBy, trail.entries.last(where: { $0.rule != nil })?.rule != rejectedBy.rule {
                trail.append(
                    Trail.Entry(
                        .mapping, rule: rejectedBy.rule, about: rejectedBy.table.rawValue,
                        result: "rejected first, so it decides"))
            }
            return .reject(rejection)
        }
        let outside = ruleset.policy.outsideChannel
        if session.sourceChannel == outside, channel == outside {
            trail.append(
                Trail.Entry(
                    .policy, rule: "postern.toml [domains]", about: recipient.description,
                    result: "from \(outside) to \(outside): relaying is closed"))
            return .reject(Reply(550, "5.7.1", "Relaying not allowed: \(recipient)"))
        }
        guard ruleset.policy.channels[channel]?.hasRoute == true else {
            trail.append(
                Trail.Entry(
                    .policy, rule: "postern.toml [channel.\(channel)]", about: recipient.description,
                    result: "channel \(channel) has no route"))
            return .reject(Reply(550, "5.1.2", "No route to this domain: \(recipient)"))
        }
        return .admit(Marks(destinationChannel: channel, recipient: recipient, holdReason: holdReason))
    }
}
