// SPDX-License-Identifier: MIT

package import Mail

/// `RCPT TO:<recipient>` (RFC 5321 §4.1.1.3). No extension of ours adds a parameter, so any is refused with
/// 555.
package struct RecipientCommand: Hashable, Sendable {
    /// Its domain is empty only for a bare `<postmaster>`, in any case (RFC 5321 §4.5.1).
    package let recipient: Address

    package init(recipient: Address) { self.recipient = recipient }

    /// The scanner stands behind `RCPT` and its spaces.
    static func parse(_ scanner: inout LineScanner) -> Command {
        guard scanner.take(word: "TO:") else { return .malformed(.recipientGrammar) }
        scanner.skipSpaces()
        switch Path.parse(&scanner) {
        case .null: return .malformed(.badRecipient("a recipient can't be empty"))
        case .malformed(let reason): return .malformed(.badRecipient(reason))
        case .mailbox(let address):
            switch Parameter.parse(&scanner) {
            case .malformed(let reply): return .malformed(reply)
            case .parameters(let parameters) where !parameters.isEmpty: return .malformed(.unknownParameter)
            case .parameters: return .recipient(RecipientCommand(recipient: address))
            }
        }
    }
}
