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
    /// What is to be done once besides, keyed by the message's id: the keeper tells it until it is done, and
    /// keeps the message in the spool that long.
    package var effects: [Effect]

    package init(
        caseID: String, envelope: Envelope, arrived: Int64, note: [UInt8], editions: [Edition],
        entries: [CommitEntry], body: MessageBytes, effects: [Effect] = []
    ) {
        self.caseID = caseID
        self.envelope = envelope
        self.arrived = arrived
        self.note = note
        self.editions = editions
        self.entries = entries
        self.body = body
        self.effects = effects
    }
}

/// What is owed to some recipients of a message, all of whom get the same edition.
package struct CommitEntry: Sendable, Hashable {
    package var recipients: [Address]
    package var debt: Debt
    /// Index into the commit's editions. One may be of inserted bytes alone: a message of our own about the
    /// one received.
    package var edition: Int
    /// The sender of this entry's copy; nil is the envelope's.
    package var sender: EnvelopeSender?
    /// Comes back with the entry, and is handed on to the next hop. Nil is the same as an empty one.
    package var options: DeliveryOptions?

    package init(
        recipients: [Address], debt: Debt, edition: Int, sender: EnvelopeSender? = nil,
        options: DeliveryOptions? = nil
    ) {
        self.options = options
        self.recipients = recipients
        self.debt = debt
        self.edition = edition
        self.sender = sender
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
