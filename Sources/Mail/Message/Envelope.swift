// SPDX-License-Identifier: MIT

/// Who sends and to whom, as SMTP said it (RFC 5321 §2.3.1).
package struct Envelope: Codable, Hashable, Sendable {
    /// Nil is the null reverse-path, `<>`.
    package var sender: Address?
    package var recipients: [Address]
    /// `BODY=8BITMIME` was given (RFC 6152).
    package var isEightBit: Bool

    package init(sender: Address?, recipients: [Address], isEightBit: Bool = false) {
        self.sender = sender
        self.recipients = recipients
        self.isEightBit = isEightBit
    }
}
