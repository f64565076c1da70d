// SPDX-License-Identifier: MIT

package import Mail

/// `RCPT TO:<recipient> [NOTIFY=NEVER|SUCCESS,FAILURE,DELAY] [ORCPT=type;xtext]` (RFC 5321 §4.1.1.3,
/// RFC 3461 §4).
package struct RecipientCommand: Hashable, Sendable {
    /// Its domain is empty only for a bare `<postmaster>`, in any case (RFC 5321 §4.5.1).
    package let recipient: Address
    /// `NOTIFY=`; empty where it wasn't given.
    package var notify: DeliveryOptions.Notify = []
    /// `ORCPT=`, decoded: `rfc822;ann@example.org`.
    package var originalRecipient: String?

    /// A parameter was given that belongs to DSN.
    package var usesNotifications: Bool { !notify.isEmpty || originalRecipient != nil }

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
            case .parameters(let parameters): return command(address, parameters)
            }
        }
    }

    private static func command(_ recipient: Address, _ parameters: [Parameter]) -> Command {
        var command = RecipientCommand(recipient: recipient)
        for parameter in parameters {
            switch parameter.keyword {
            case "NOTIFY":
                guard let notify = parameter.value.flatMap({ DeliveryOptions.Notify($0) }) else {
                    return .malformed(.badNotifyParameter)
                }
                command.notify = notify
            case "ORCPT":
                guard let original = parameter.text.flatMap(Self.originalRecipient) else {
                    return .malformed(.badOrcptParameter)
                }
                command.originalRecipient = original
            default: return .malformed(.unknownParameter)
            }
        }
        return .recipient(command)
    }

    /// RFC 3461 §4.2: a type that is an atom, a semicolon and an address in xtext; printable ASCII once
    /// decoded, and 500 octets at most.
    private static func originalRecipient(_ text: String) -> String? {
        guard text.utf8.count <= SMTPLimits.originalRecipientOctetsMax,
            let semicolon = text.utf8.firstIndex(of: UInt8(ascii: ";"))
        else { return nil }
        let type = text[..<semicolon]
        let address = String(text[text.utf8.index(after: semicolon)...])
        guard !type.isEmpty, type.utf8.allSatisfy(\.isAtomText), let octets = XText.decode(address),
            !octets.isEmpty, octets.allSatisfy({ (0x20...0x7E).contains($0) })
        else { return nil }
        return "\(type);\(String(decoding: octets, as: UTF8.self))"
    }
}
