// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import Mail
internal import SMTPProtocol

/// One attempt at one entry, as the controller hands it to a next hop or a maildir.
struct Delivery: Sendable {
    let id: EntryID
    /// The recipients are those still owed.
    let envelope: Envelope
    let pieces: [Edition.Piece]
    let body: MessageBytes
    /// Of the edition, before dot-stuffing.
    let octets: Int
    /// Seconds since 1970-01-01 UTC.
    let arrived: Int64
    /// Someone waits for the answer: it goes before the others, and is tried even where the next hop rests.
    let isUrgent: Bool
    /// Handed on to a next hop that offers to fulfil them.
    let options: DeliveryOptions

    init(_ content: QueuedContent, isUrgent: Bool) {
        id = content.item.id
        envelope = content.envelope
        pieces = content.edition.pieces
        body = content.body
        octets = content.item.octets
        arrived = content.item.arrived
        options = content.item.options
        self.isUrgent = isUrgent
    }

    /// The same outcome for every recipient.
    func report(_ outcome: RecipientResult.Outcome, isUnreachable: Bool = false) -> DeliveryReport {
        DeliveryReport(
            id: id, results: envelope.recipients.map { RecipientResult($0, outcome) },
            isUnreachable: isUnreachable)
    }
}

/// What came of an attempt.
struct DeliveryReport: Sendable {
    let id: EntryID
    /// Every recipient of the delivery, once.
    let results: [RecipientResult]
    /// The next hop or maildir as a whole could not be reached, so that others for it need not be tried now.
    let isUnreachable: Bool
}
