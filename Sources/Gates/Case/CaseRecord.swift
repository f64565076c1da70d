// SPDX-License-Identifier: MIT

package import Mail

/// Everything that a decision was made from, and the decision: enough to make it again elsewhere (promise
/// P12).
///
/// One record stands for one refused connection, or for one transaction from MAIL FROM to its end. A
/// transaction's record repeats the connection's judgement, so that each record can be read alone.
package struct CaseRecord: Codable, Hashable, Sendable {
    /// Version of the languages' and gates' behaviour. A case judged by another version may end otherwise
    /// under the same rules, and replay says so.
    package static let evaluatorVersion = 2

    package var factsVersion: Int
    package var evaluatorVersion: Int
    /// What a 250 or 5yz names: `session.transaction`.
    package var id: String
    /// Milliseconds since 1970-01-01 UTC.
    package var atMs: Int64
    package var peer: Peer
    package var connectionRuleset: String
    package var connection: Judgement<Decision>
    /// `PORT_ACCESS` for the rules that clients authenticate by (`AuthenticationGate`); nil where it wasn't
    /// asked.
    package var authentication: Judgement<Decision>?
    /// Who the client proved to be (`IdentityGate`), if it did before the transaction.
    package var identity: Judgement<IdentityFinding>?
    /// The client talked before it was greeted, which the connection's judgement knew; nil: it didn't, or
    /// nobody waited to see.
    package var talkedFirst: Bool?
    package var transaction: TransactionRecord?
    /// How many refusals this record stands for where like ones were folded into it: same client network,
    /// same rule. 0 for a record of its own.
    package var foldedCount: Int
    package var fate: Fate

    package init(
        id: String, atMs: Int64, peer: Peer, connectionRuleset: String, connection: Judgement<Decision>,
        authentication: Judgement<Decision>? = nil, transaction: TransactionRecord? = nil, fate: Fate
    ) {
        factsVersion = Mail.factsVersion
        evaluatorVersion = Self.evaluatorVersion
        self.id = id
        self.atMs = atMs
        self.peer = peer
        self.connectionRuleset = connectionRuleset
        self.connection = connection
        self.authentication = authentication
        self.transaction = transaction
        foldedCount = 0
        self.fate = fate
    }

    /// How it ended, in one word.
    package enum Fate: String, Codable, Hashable, Sendable, CaseIterable {
        /// 250, and at least one recipient is relayed.
        case accept
        /// 250, and nothing is relayed, but something is held.
        case hold
        /// 250, and nothing is owed.
        case discard
        /// 5yz at any stage.
        case reject
        /// 4yz at any stage.
        case `defer`
        /// The client went away, or reset, before there was a decision.
        case abandoned
    }
}

/// One evaluation as it happened.
package struct Judgement<Outcome: Codable & Hashable & Sendable>: Codable, Hashable, Sendable {
    /// In the order in which the evaluation received the answers.
    package var exchanges: [Exchange]
    package var outcome: Outcome
    package var trail: Trail

    package init(exchanges: [Exchange], outcome: Outcome, trail: Trail) {
        self.exchanges = exchanges
        self.outcome = outcome
        self.trail = trail
    }
}

/// From MAIL FROM to the settlement, as far as it came.
package struct TransactionRecord: Codable, Hashable, Sendable {
    package struct RecipientRecord: Codable, Hashable, Sendable {
        package var facts: RecipientFacts
        package var judgement: Judgement<Decision>

        package init(facts: RecipientFacts, judgement: Judgement<Decision>) {
            self.facts = facts
            self.judgement = judgement
        }

        package init(recipient: Address, judgement: Judgement<Decision>) {
            self.init(facts: RecipientFacts(recipient), judgement: judgement)
        }

        /// As RCPT TO named it.
        package var recipient: Address { facts.recipient }
    }

    package var ruleset: String
    package var session: SessionFacts
    package var sender: SenderFacts
    package var senderJudgement: Judgement<Decision>
    package var recipients: [RecipientRecord]
    package var content: ContentRecord?

    package init(
        ruleset: String, session: SessionFacts, sender: SenderFacts, senderJudgement: Judgement<Decision>
    ) {
        self.ruleset = ruleset
        self.session = session
        self.sender = sender
        self.senderJudgement = senderJudgement
        recipients = []
    }
}

/// What the content gate saw and decided. How much of the message is kept is the operator's choice.
package struct ContentRecord: Codable, Hashable, Sendable {
    package var facts: ContentFacts
    package var octets: Int
    /// 64 hexadecimal digits, of the received bytes.
    package var sha256: String
    /// Level `headers` and above: the header block, as received.
    package var headerBytes: Base64Text?
    /// Level `full`: all of it, as received.
    package var bytes: Base64Text?
    /// Its outcome is abridged.
    package var judgement: Judgement<Settlement>

    package init(
        facts: ContentFacts, octets: Int, sha256: String, headerBytes: Base64Text?, bytes: Base64Text?,
        judgement: Judgement<Settlement>
    ) {
        self.facts = facts
        self.octets = octets
        self.sha256 = sha256
        self.headerBytes = headerBytes
        self.bytes = bytes
        self.judgement = judgement
        self.judgement.outcome = judgement.outcome.abridged
    }
}

/// How much of a message a case keeps.
package enum CaseLevel: String, Codable, Hashable, Sendable, CaseIterable {
    case facts
    case headers
    case full
}

/// Whoever keeps cases. Never blocks and never fails towards mail: what can't be kept is counted and said.
package protocol CaseKeeper: Sendable {
    var level: CaseLevel { get }
    func keep(_ record: CaseRecord)
    func keep(_ record: TableRecord)
}
