// SPDX-License-Identifier: MIT
package import Mail

/// A judged message on its way into the spool: what was received, and what is owed for it.
package struct Commit: Sendable {
    /// The case that explains the decision; names the message in logs.
    package var caseID: String
    package var envelope: Envelope
    /// Seconds since 1970-01-01 UTC.
    package var arrived: Int64
    /// Opaque to the queue (the trail, as JSON); comes back with the content.
    package var note: [UInt8]
    /// What differs between recipients. Ranges refer to `body`.
    package var editions: [Edition]
    /// Never empty: a message for which nothing is owed is not committed.
    package var entries: [CommitEntry]
    /// The received bytes.
    package var body: MessageBytes

    package init(
        caseID: String, envelope: Envelope, arrived: Int64, note: [UInt8], editions: [Edition],
        entries: [CommitEntry], body: MessageBytes
    ) {
        self.caseID = caseID
        self.envelope = envelope
        self.arrived = arrived
        self.note = note
        self.editions = editions
        self.entries = entries
        self.body = body
    }
}

/// What is owed to some recipients of a message, all of whom get the same edition.
package struct CommitEntry: Sendable, Hashable {
    package var recipients: [Address]
    package var debt: Debt
    /// Index into the commit's editions.
    package var edition: Int

    package init(recipients: [Address], debt: Debt, edition: Int) {
        self.recipients = recipients
        self.debt = debt
        self.edition = edition
    }
}

/// What became of one commit. On success the message survives a power cut, and its 250 may go out.
package struct CommitResult: Sendable {
    /// As given to `Spool.commit`.
    package let token: UInt64
    package let result: Result<MessageID, QueueError>

    package init(token: UInt64, result: Result<MessageID, QueueError>) {
        self.token = token
        self.result = result
    }
}
