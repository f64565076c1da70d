// SPDX-License-Identifier: MIT

package import Mail

/// What a script is run on: one message, for one of its recipients.
package struct SieveSubject: Sendable {
    package let message: Message
    /// The message's parts, where somebody has found them already: several scripts look at one message.
    package var tree: PartTree?
    /// Nil is the null reverse-path, `<>`.
    package let sender: Address?
    /// The recipient for whom the script runs; nil where it runs for none in particular, and then the `to`
    /// part of the envelope matches nothing.
    package let recipient: Address?
    /// The recipient as the client named it, before aliases.
    package let originalRecipient: Address?
    package let settings: SieveSettings
    /// The address that the client authenticated as; nil where it didn't.
    package var authenticated: Address?
    package var requests = EnvelopeRequests()
    /// What the gateway's own scanners found; the settings may say that header fields have it instead.
    package var spam = SpamFinding()
    /// Items of the `environment` test, by name in lower case: those of RFC 5183 §4.1, and ours.
    package var environment: [String: String] = [:]

    package init(
        message: Message, sender: Address?, recipient: Address?, originalRecipient: Address?,
        settings: SieveSettings = SieveSettings()
    ) {
        self.settings = settings
        self.message = message
        self.sender = sender
        self.recipient = recipient
        self.originalRecipient = originalRecipient
    }
}
