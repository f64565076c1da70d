// SPDX-License-Identifier: MIT

package import DurableQueue
package import Mail

/// Whoever decides by rules what delivery does. Delivery itself knows no rules: it says what it is about to
/// do, and hears whether to.
///
/// Called from any thread. Each `then` is called once, on any thread, and soon: whoever judges has a deadline
/// of his own.
package protocol DeliveryJudge: AnyObject, Sendable {
    /// What there are rules for. Nothing else is ever asked, so what nobody made a rule for costs nothing.
    /// Cheap; may change with each reload of the rules.
    var matters: DeliveryMatters { get }
    /// Before an attempt at an entry (`DEQUEUE_ACCESS`).
    func judge(_ attempt: DequeueQuery, then finish: @escaping @Sendable (DequeueRuling) -> Void)
    /// Before each connect to a next hop (`IP_ACCESS`).
    func judge(_ address: AddressQuery, then finish: @escaping @Sendable (AddressRuling) -> Void)
    /// What was done, for whoever acts on it (`LOG_ACTION`). Nothing waits for it.
    func note(_ record: DeliveryNote)
    /// Before the file of an entry is deleted (`MESSAGE-SAVE-COPY`): where a copy is to be kept, as a path
    /// below the folder of copies that nobody has checked; nil for none.
    func judge(_ copy: CopyQuery, then finish: @escaping @Sendable (String?) -> Void)
}

package struct DeliveryMatters: OptionSet, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) { self.rawValue = rawValue }

    package static let dequeue = DeliveryMatters(rawValue: 1)
    package static let address = DeliveryMatters(rawValue: 2)
    package static let log = DeliveryMatters(rawValue: 4)
    package static let copy = DeliveryMatters(rawValue: 8)
}

/// Those beside delivery whom the wiring brings along.
package struct DeliveryCompanions: Sendable {
    package var judge: (any DeliveryJudge)?
    /// Nil: nobody remembers anything, and effects are passed over.
    package var carrier: (any EffectCarrier)?

    package init(judge: (any DeliveryJudge)?, carrier: (any EffectCarrier)?) {
        self.judge = judge
        self.carrier = carrier
    }
}

/// An attempt that is about to begin.
package struct DequeueQuery: Hashable, Sendable {
    /// Its id stands for the file's name in a probe: an entry in the spool has no file of its own.
    package let entry: EntryID
    package let caseID: String
    /// Where it goes.
    package let channel: String
    /// Seconds since it arrived.
    package let queuedSeconds: Int
    /// Nil is the null reverse-path.
    package let sender: Address?
    /// Of the first recipient that is still owed.
    package let domain: String
    /// Attempts that were deferred.
    package let attempts: Int
    package let conversionTags: [String]

    init(_ item: QueueItem, now: Int64) {
        entry = item.id
        caseID = item.caseID
        channel = item.channel
        queuedSeconds = Int(clamping: max(0, now &- item.arrived))
        sender = item.sender
        domain = item.recipients.first?.domain ?? ""
        attempts = item.attempts
        conversionTags = item.options.conversionTags
    }
}

package enum DequeueRuling: Hashable, Sendable {
    case proceed
    /// Not now, and this counts as no attempt. Again after so many seconds, or when the retry schedule says.
    case abort(delaySeconds: Int?, reason: String)
}

/// An address that is about to be connected to.
package struct AddressQuery: Hashable, Sendable {
    package let channel: String
    /// From 1.
    package let number: Int
    /// Addresses that the host has.
    package let count: Int
    package let address: IPAddress
    /// As the configuration names the next hop.
    package let host: String
}

package enum AddressRuling: Hashable, Sendable {
    case connect
    /// On to the next address.
    case skip
    /// To this address instead.
    case replace(IPAddress)
    /// No mail may go there: whatever waits is refused. The text is for the log.
    case reject(String)
}

/// What was done for one recipient, as section "Message records" of a transaction log has it.
package struct DeliveryNote: Hashable, Sendable {
    package enum Action: String, Hashable, Sendable, CaseIterable {
        /// Delivered.
        case delivered = "D"
        /// Put off.
        case deferred = "Q"
        /// Refused for good, or expired: held for the postmaster.
        case refused = "R"
    }

    package let action: Action
    package let entry: EntryID
    package let caseID: String
    package let channel: String
    package let octets: Int
    package let sender: Address?
    package let recipient: Address
    /// Seconds since it arrived.
    package let queuedSeconds: Int
    /// What the next hop said, or why it could not be asked.
    package let diagnostic: String

    /// Recipients of one attempt that are noted, at most: beyond that a list of a whole company would cost
    /// more judging than delivering.
    static let perAttemptMax = 1_000
}

/// An entry whose file is about to be deleted.
package struct CopyQuery: Hashable, Sendable {
    package let entry: EntryID
    package let caseID: String
    package let channel: String
    package let sender: Address?
    package let recipients: [Address]

    init(_ item: QueueItem) {
        entry = item.id
        caseID = item.caseID
        channel = item.channel
        sender = item.sender
        recipients = item.recipients
    }
}
