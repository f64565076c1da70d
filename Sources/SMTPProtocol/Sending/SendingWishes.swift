// SPDX-License-Identifier: MIT

package import Mail

/// What a message's sender wishes of its delivery, as it stands at one moment (RFC 3461, RFC 2852).
package struct SendingWishes: Hashable, Sendable {
    private let options: DeliveryOptions
    private let deliverBy: DeliverByParameter?

    package static let none = SendingWishes(DeliveryOptions(), now: 0)

    /// `now` in seconds since 1970-01-01 UTC: a server is told how much time is left.
    package init(_ options: DeliveryOptions, now: Int64) {
        self.options = options
        deliverBy = options.deliverBy.map { DeliverByParameter($0, now: now) }
    }

    /// RFC 2852 §4.1.4: late, it is to be returned and not delivered.
    var isExpired: Bool { deliverBy.map { $0.mode == .return && $0.seconds <= 0 } ?? false }

    /// Behind MAIL, where DSN is offered. An id that couldn't be read back is left out.
    var mailText: String {
        var text = options.ret.map { " RET=\($0.rawValue)" } ?? ""
        if let id = options.envelopeID {
            let encoded = XText.encode(id.utf8)
            if !encoded.isEmpty, encoded.utf8.count <= SMTPLimits.envelopeIDOctetsMax {
                text += " ENVID=\(encoded)"
            }
        }
        return text
    }

    /// Behind MAIL, where DELIVERBY is offered.
    var deliverByText: String { deliverBy.map { " BY=\($0.text)" } ?? "" }

    /// Behind RCPT, where DSN is offered.
    func recipientText(_ recipient: Address) -> String {
        var text = options.notify.isEmpty ? "" : " NOTIFY=\(options.notify.text)"
        guard let original = options.originalRecipient(of: recipient),
            let semicolon = original.utf8.firstIndex(of: UInt8(ascii: ";"))
        else { return text }
        let type = original[..<semicolon]
        let address = XText.encode(original.utf8[original.utf8.index(after: semicolon)...])
        // A queue file that somebody changed must not put words of its own into a command.
        guard !type.isEmpty, type.utf8.allSatisfy(\.isAtomText), !address.isEmpty,
            type.utf8.count + 1 + address.utf8.count <= SMTPLimits.originalRecipientOctetsMax
        else { return text }
        text += " ORCPT=\(type);\(address)"
        return text
    }
}
