// SPDX-License-Identifier: MIT

/// What is wished of the delivery of a message's copies, beside whom they go to: delivery status
/// notifications (RFC 3461), a deadline (RFC 2852), conversion tags.
///
/// The gateway writes no delivery reports: it hands these wishes on to a next hop that offers to fulfil them.
package struct DeliveryOptions: Hashable, Sendable {
    /// `NOTIFY` (RFC 3461 §4.1). Empty: not given.
    package struct Notify: OptionSet, Hashable, Sendable {
        package let rawValue: UInt8

        package init(rawValue: UInt8) { self.rawValue = rawValue }

        package static let never = Notify(rawValue: 1)
        package static let success = Notify(rawValue: 2)
        package static let failure = Notify(rawValue: 4)
        package static let delay = Notify(rawValue: 8)

        private static let words: [(notify: Notify, word: String)] = [
            (.never, "NEVER"), (.success, "SUCCESS"), (.failure, "FAILURE"), (.delay, "DELAY"),
        ]

        /// `NEVER`, or some of `SUCCESS`, `FAILURE` and `DELAY` with commas between, in any case; nil for
        /// anything else.
        package init?(_ text: String) {
            var notify: Notify = []
            for part in text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false) {
                let word = String(decoding: part, as: UTF8.self).uppercased()
                guard let known = Self.words.first(where: { $0.word == word }), !notify.contains(known.notify)
                else { return nil }
                notify.insert(known.notify)
            }
            guard notify == .never || !notify.contains(.never) else { return nil }
            self = notify
        }

        /// As NOTIFY's value; empty where nothing was given.
        package var text: String {
            Self.words.filter { contains($0.notify) }.map(\.word).joined(separator: ",")
        }

        /// As Sieve's `envelope "notify"` sees them, a value for each.
        package var words: [String] { Self.words.filter { contains($0.notify) }.map(\.word) }
    }

    /// `RET` (RFC 3461 §4.3): how much of the message a report is to hold.
    package enum Return: String, Codable, Hashable, Sendable {
        case full = "FULL"
        case headers = "HDRS"
    }

    /// `BY` (RFC 2852 §4).
    package struct DeliverBy: Codable, Hashable, Sendable {
        package enum Mode: String, Codable, Hashable, Sendable {
            /// Late, it is delivered all the same, and the sender is told.
            case notify
            /// Late, it isn't delivered.
            case `return`
        }

        /// Seconds since 1970-01-01 UTC.
        package var deadline: Int64
        package var mode: Mode
        /// Each server on the way is to tell the sender.
        package var isTraced: Bool

        package init(deadline: Int64, mode: Mode, isTraced: Bool) {
            self.deadline = deadline
            self.mode = mode
            self.isTraced = isTraced
        }
    }

    /// `ORCPT` of one recipient (RFC 3461 §4.2).
    package struct OriginalRecipient: Codable, Hashable, Sendable {
        /// As it is delivered to.
        package var recipient: Address
        /// Type and address, decoded: `rfc822;ann@example.org`.
        package var text: String

        package init(recipient: Address, text: String) {
            self.recipient = recipient
            self.text = text
        }
    }

    package var notify: Notify = []
    package var ret: Return?
    /// `ENVID` (RFC 3461 §4.4), decoded.
    package var envelopeID: String?
    package var deliverBy: DeliverBy?
    /// Those of the recipients that have one.
    package var originalRecipients: [OriginalRecipient] = []
    /// For DEQUEUE_ACCESS. Printable ASCII without blanks, commas and bars.
    package var conversionTags: [String] = []

    /// Nothing in particular.
    package init() {}

    package var isEmpty: Bool { self == DeliveryOptions() }

    /// Without what belongs to single recipients: copies for which this is the same can be one entry.
    package var shared: DeliveryOptions {
        var options = self
        options.originalRecipients = []
        return options
    }

    /// Takes over the original recipients of another whose `shared` is the same.
    package mutating func add(originalRecipientsOf other: DeliveryOptions) {
        for original in other.originalRecipients
        where !originalRecipients.contains(where: { $0.recipient == original.recipient }) {
            originalRecipients.append(original)
        }
    }

    package func originalRecipient(of recipient: Address) -> String? {
        originalRecipients.first { $0.recipient == recipient }?.text
    }
}

extension DeliveryOptions.Notify: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let notify = text.isEmpty ? [] : Self(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\"\(text)\" is no value of NOTIFY")
        }
        self = notify
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

extension DeliveryOptions: Codable {
    private enum Key: String, CodingKey {
        case notify, ret, envelopeID, deliverBy, originalRecipients, conversionTags
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        notify = try container.decodeIfPresent(Notify.self, forKey: .notify) ?? []
        ret = try container.decodeIfPresent(Return.self, forKey: .ret)
        envelopeID = try container.decodeIfPresent(String.self, forKey: .envelopeID)
        deliverBy = try container.decodeIfPresent(DeliverBy.self, forKey: .deliverBy)
        originalRecipients =
            try container.decodeIfPresent([OriginalRecipient].self, forKey: .originalRecipients) ?? []
        conversionTags = try container.decodeIfPresent([String].self, forKey: .conversionTags) ?? []
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        if !notify.isEmpty { try container.encode(notify, forKey: .notify) }
        try container.encodeIfPresent(ret, forKey: .ret)
        try container.encodeIfPresent(envelopeID, forKey: .envelopeID)
        try container.encodeIfPresent(deliverBy, forKey: .deliverBy)
        if !originalRecipients.isEmpty {
            try container.encode(originalRecipients, forKey: .originalRecipients)
        }
        if !conversionTags.isEmpty { try container.encode(conversionTags, forKey: .conversionTags) }
    }
}
