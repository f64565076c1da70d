// SPDX-License-Identifier: MIT

package import Gates
internal import Mail

/// Which rule decided a case: `mappings:41`, `mta.sieve:12`, `postern.toml [scanner.clamav]`; empty where
/// none did.
enum DecidingRule {
    static func of(
        connection: Judgement<Decision>?, sender: Judgement<Decision>?, recipients: [Judgement<Decision>],
        content: Judgement<Settlement>?
    ) -> String {
        if let content { return of(content.outcome, gates: [sender].compactMap { $0 } + recipients) }
        // The latest refusal is the one that the client heard last.
        let judgements = [connection, sender].compactMap { $0 } + recipients
        guard let refusing = judgements.last(where: { $0.outcome.rejection != nil }) else { return "" }
        return refusing.trail.entries.last { $0.rule != nil }?.rule ?? ""
    }

    private static func of(_ settlement: Settlement, gates: [Judgement<Decision>]) -> String {
        guard let deciding = settlement.verdicts.first(where: { decides($0.verdict, settlement) }) else {
            return ""
        }
        if let rule = deciding.rule { return rule }
        guard case .hold(let reason) = deciding.verdict else { return "" }
        // A gate's mark: what set it stands in that gate's trail.
        let marking = gates.first {
            if case .admit(let marks) = $0.outcome { marks.holdReason == reason } else { false }
        }
        return marking?.trail.entries.first { $0.flags.contains("H") && $0.rule != nil }?.rule ?? ""
    }

    private static func decides(_ verdict: Verdict, _ settlement: Settlement) -> Bool {
        let isDelivered = settlement.entries.contains {
            if case .deliver = $0.debt { true } else { false }
        }
        switch verdict {
        case .retryLater: return settlement.reply.isTransient
        case .relay: return settlement.reply.isPositive && isDelivered
        case .hold: return settlement.reply.isPositive && !isDelivered
        case .discard: return settlement.reply.isPositive && settlement.entries.isEmpty
        case .reject: return settlement.reply.isPermanent || settlement.reply.isPositive && !isDelivered
        }
    }
}

extension CaseRecord {
    /// The rule that decided; empty where none did, as for a message that nothing spoke against.
    package var decidingRule: String {
        DecidingRule.of(
            connection: connection, sender: transaction?.senderJudgement,
            recipients: transaction?.recipients.map(\.judgement) ?? [],
            content: transaction?.content?.judgement)
    }
}

extension Rejudgement {
    /// The rule that decides now; empty where none does.
    package var decidingRule: String {
        DecidingRule.of(connection: connection, sender: sender, recipients: recipients, content: content)
    }
}
