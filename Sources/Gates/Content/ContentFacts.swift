// SPDX-License-Identifier: MIT

package import Mail

/// What the content gate judges, besides the bytes. Recorded in the case.
package struct ContentFacts: Codable, Hashable, Sendable {
    /// A recipient that the recipient gate admitted.
    package struct Recipient: Codable, Hashable, Sendable {
        /// As RCPT TO named it.
        package var original: Address
        /// As routing knows it.
        package var address: Address
        package var channel: String
        /// A gate marked it to be held.
        package var holdReason: String?

        package init(original: Address, address: Address, channel: String, holdReason: String?) {
            self.original = original
            self.address = address
            self.channel = channel
            self.holdReason = holdReason
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

/// The content gate's end for one recipient.
package enum Verdict: Codable, Hashable, Sendable {
    case relay
    case hold(String)
    case reject(Reply)
    /// Accepted and dropped; the trail says by what.
    case discard
    case retryLater(Reply)
}
