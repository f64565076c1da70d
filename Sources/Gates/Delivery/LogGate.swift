// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// A record of what happened to a message: `LOG_ACTION`. Its callouts count things in meters; its `$<` writes
/// to the system's log.
package struct LogGate: Evaluation {
    private var run: TableRun

    package init(ruleset: Ruleset, facts: LogFacts) {
        run = TableRun(
            .logAction, probe: AccessTable.logProbe(facts, ruleset.policy.access), inputFlags: [],
            tables: ruleset.tables)
    }

    package mutating func next(_ answers: [Answer]) -> Step<LogFinding> {
        switch run.next(answers) {
        case .ask(let questions):
            return .ask(questions)
        case .done(let outcome, let trail):
            guard outcome.overrun == nil else { return .done(LogFinding(), trail) }
            let arguments = FlagArguments(outcome, order: AccessTable.logAction.argumentFlags)
            var consequences = Consequences()
            if let text = arguments["<"] { consequences.addNotice(text) }
            return .done(LogFinding(notices: consequences.notices), trail)
        }
    }
}

/// One record of what happened to one recipient's message, or to a command.
package struct LogFacts: Codable, Hashable, Sendable {
    /// What happened, as the original's logs name it.
    package enum Action: String, Codable, Hashable, Sendable, CaseIterable {
        /// Enqueued: accepted.
        case enqueued = "E"
        /// Dequeued: delivered onward.
        case delivered = "D"
        /// Delivery was put off.
        case deferred = "Q"
        /// Refused by the next hop for good, or expired.
        case refused = "R"
        /// Rejected at RCPT TO or after the content.
        case rejected = "J"
        /// The same as `R`, but nobody is told.
        case discarded = "K"
        /// A command that was no good.
        case badCommand = "B"
    }

    package var action: Action
    /// Letters behind the action's: `E` EHLO, `S` TLS, `A` authenticated, `L` LMTP.
    package var modifiers: String
    package var sourceChannel: String
    package var destinationChannel: String
    package var octets: Int
    /// Nil is the null reverse-path.
    package var sender: Address?
    /// With its type: `rfc822;bob@example.net`. Empty where none is known.
    package var originalRecipient: String
    package var recipient: String
    /// What stands for the message's file.
    package var file: String
    /// `ENVID`, empty where there was none.
    package var envelopeID: String
    /// Who authenticated, empty where nobody did.
    package var user: String
    /// The client's address, or the next hop's.
    package var system: String
    package var reason: String
    package var diagnostic: String

    package init(
        action: Action, modifiers: String = "", sourceChannel: String = "", destinationChannel: String = "",
        octets: Int = 0, sender: Address? = nil, originalRecipient: String = "", recipient: String = "",
        file: String = "", envelopeID: String = "", user: String = "", system: String = "",
        reason: String = "", diagnostic: String = ""
    ) {
        self.action = action
        self.modifiers = modifiers
        self.sourceChannel = sourceChannel
        self.destinationChannel = destinationChannel
        self.octets = octets
        self.sender = sender
        self.originalRecipient = originalRecipient
        self.recipient = recipient
        self.file = file
        self.envelopeID = envelopeID
        self.user = user
        self.system = system
        self.reason = reason
        self.diagnostic = diagnostic
    }

    /// The probe's fields, in the order of the original's log.
    package static let fieldNames = [
        "source channel", "destination channel", "action", "size", "sender", "original recipient",
        "recipient", "file", "envelope id", "user", "system", "reason", "diagnostic",
    ]
    /// Octets that one unit of the size has, as in the original's log.
    static let blockOctets = 1_024
}

package struct LogFinding: Codable, Hashable, Sendable {
    /// Of `$<`: for the system's log. Printable ASCII.
    package var notices: [String] = []

    package init(notices: [String] = []) { self.notices = notices }
}

extension AccessTable {
    /// `source-channel|destination-channel|action|size|sender|original-to|to|file|envelope-id|user|system|`
    /// `reason|diagnostic`: the order of the original's log, every field always there. The size is in blocks
    /// of 1,024 octets, rounded up.
    static func logProbe(_ facts: LogFacts, _ policy: AccessPolicy) -> String {
        var probe = Probe(policy)
        probe.add(facts.sourceChannel)
        probe.add(facts.destinationChannel)
        probe.add(facts.action.rawValue + facts.modifiers)
        probe.add(facts.octets / LogFacts.blockOctets + (facts.octets % LogFacts.blockOctets > 0 ? 1 : 0))
        probe.add(facts.sender)
        for text in [
            facts.originalRecipient, facts.recipient, facts.file, facts.envelopeID, facts.user,
            facts.system, facts.reason, facts.diagnostic,
        ] {
            probe.add(text)
        }
        return probe.text
    }
}
