// SPDX-License-Identifier: MIT

package import Mail

/// What a script is run on: one message, for one of its recipients.
package struct SieveSubject: Sendable {
    package let message: Message
    /// Nil is the null reverse-path, `<>`.
    package let sender: Address?
    /// The recipient for whom the script runs; nil where it runs for none in particular, and then the `to`
    /// part of the envelope matches nothing.
    package let recipient: Address?
    /// The recipient as the client named it, before aliases.
    package let originalRecipient: Address?

    package init(message: Message, sender: Address?, recipient: Address?, originalRecipient: Address?) {
        self.message = message
        self.sender = sender
        self.recipient = recipient
        self.originalRecipient = originalRecipient
    }
}
