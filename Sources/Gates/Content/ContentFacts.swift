// SPDX-License-Identifier: MIT

package import Mail

/// What the content gate judges, besides the bytes. Recorded in the case.
package struct ContentFacts: Codable, Hashable, Sendable {
    /// A recipient that the recipient gate admitted.
    package struct Recipient: Hashable, Sendable {
        /// As RCPT TO named it.
        package var original: Address
        /// As routing knows it.
        package var address: Address
        package var channel: String
        /// A gate marked it to be held.
        package var holdReason: String?
        /// What else the sender's and the recipient's gate marked it with; the members above stand in for
        /// those of the same meaning, and what concerned the session alone is left out.
        package var marks: Marks
        /// What the client wishes of the delivery to it (RFC 3461, RFC 2852); empty where it said nothing.
        package var options = DeliveryOptions()

        package init(
            original: Address, address: Address, channel: String, holdReason: String?,
            marks: Marks = .none
        ) {
            self.original = original
            self.address = address
            self.channel = channel
            self.holdReason = holdReason
            self.marks = marks
        }

        /// The recipient `original` as the gates left it. `sender` is what the sender gate handed on,
        /// `admitted` what the recipient gate did.
        package init(original: Address, sender: Marks, admitted: Marks, policy: Policy) {
            var marks = sender
            marks.formUnion(admitted)
            self.init(
                original: original, address: admitted.recipient ?? original,
                channel: admitted.destinationChannel ?? policy.outsideChannel,
                holdReason: admitted.holdReason ?? sender.holdReason)
            guard marks != .none else { return }
            marks.sourceChannel = nil
            marks.destinationChannel = nil
            marks.recipient = nil
            marks.holdReason = nil
            marks.limits = nil
            marks.authenticationRules = nil
            marks.consequences = Consequences()
            self.marks = marks
        }
    }

    package var session: SessionFacts
    package var sender: SenderFacts
    package var recipients: [Recipient]
    /// The case's id, which `Received:` names.
    package var caseID: String
    /// Set when the message has killed workers or overrun budgets before (promise P11): it is then not
    /// parsed, scanned or filtered, but held whole, with this reason.
    package var poison: String?

    package init(
        session: SessionFacts, sender: SenderFacts, recipients: [Recipient], caseID: String,
        poison: String? = nil
    ) {
        self.session = session
        self.sender = sender
        self.recipients = recipients
        self.caseID = caseID
        self.poison = poison
    }
}

extension ContentFacts.Recipient: Codable {
    private enum Key: String, CodingKey { case original, address, channel, holdReason, marks, options }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        original = try container.decode(Address.self, forKey: .original)
        address = try container.decode(Address.self, forKey: .address)
        channel = try container.decode(String.self, forKey: .channel)
        holdReason = try container.decodeIfPresent(String.self, forKey: .holdReason)
        marks = try container.decodeIfPresent(Marks.self, forKey: .marks) ?? .none
        options = try container.decodeIfPresent(DeliveryOptions.self, forKey: .options) ?? DeliveryOptions()
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(original, forKey: .original)
        try container.encode(address, forKey: .address)
        try container.encode(channel, forKey: .channel)
        try container.encodeIfPresent(holdReason, forKey: .holdReason)
        if marks != .none { try container.encode(marks, forKey: .marks) }
        if !options.isEmpty { try container.encode(options, forKey: .options) }
    }
}

/// The content gate's end for one recipient.
package enum Verdict: Codable, Hashable, Sendable {
    case relay
    case hold(String)
    case reject(Reply)
    /// Accepted and dropped; the trail says by what.
    case discard
    case retryLater(Reply)
}
