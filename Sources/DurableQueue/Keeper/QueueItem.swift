// SPDX-License-Identifier: MIT
package import Mail

/// One entry as the queue knows it: what lists show and what delivery needs before it opens the content.
package struct QueueItem: Hashable, Sendable {
    package enum State: String, Codable, Hashable, Sendable, CaseIterable {
        /// In the spool; no attempt was deferred yet.
        case inFlight = "in_flight"
        /// Deferred at least once, or released: owed, for longer.
        case waiting
        /// A person decides; neither retried nor expired.
        case held
    }

    package let id: EntryID
    package let caseID: String
    /// Nil is the null reverse-path.
    package let sender: Address?
    /// Those that are still owed; never empty.
    package internal(set) var recipients: [Address]
    package let isEightBit: Bool
    /// Where it goes, or would go when released.
    package let channel: String
    /// Seconds since 1970-01-01 UTC.
    package let arrived: Int64
    /// Seconds; the lifetime counts from here: arrival, or the last release.
    package internal(set) var since: Int64
    /// Octets of this entry's edition.
    package let octets: Int
    /// As the commit gave them.
    package internal(set) var options = DeliveryOptions()
    package internal(set) var state: State
    /// Attempts that were deferred, since arrival or release.
    package internal(set) var attempts: Int
    /// Seconds; nothing may be tried before. 0 for at once.
    package internal(set) var nextAttempt: Int64
    /// Why it waits or is held; empty in flight.
    package internal(set) var reason: String
}

/// An entry with what goes out for it: `edition` applied to `body`.
package struct QueuedContent: Sendable {
    package let item: QueueItem
    /// The recipients are those still owed.
    package let envelope: Envelope
    /// What the commit gave as its note.
    package let note: [UInt8]
    package let edition: Edition
    package let body: MessageBytes
}
