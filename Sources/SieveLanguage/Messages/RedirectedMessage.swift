// SPDX-License-Identifier: MIT

package import Mail

/// What a message bears that `redirect` sends on, so that it doesn't go round in circles (RFC 5228 §10).
package enum RedirectedMessage {
    /// Each redirection puts one on top, with the address that it left.
    package static let fieldName = "X-Sieve-Redirected-From"

    /// Fields of that name that are looked at: a way with more turns is a circle that others let run.
    private static let turnsMax = 50

    /// The field with its line end, to stand before the redirected copy; empty where the script runs for
    /// nobody in particular.
    package static func field(for subject: SieveSubject) -> [UInt8] {
        guard let owner = subject.settings.userAddress ?? subject.recipient?.description else { return [] }
        return FieldText.field(name: fieldName, body: Array(owner.utf8))
    }

    /// What Sun's `:resent` puts below `field`: who sent the copy on (RFC 5322 §3.6.6); empty without it.
    /// `context.id` must be another for each copy.
    package static func resentFields(
        of redirection: SieveAction.Redirection, by owner: Address, _ context: OwnMessageContext
    ) -> [UInt8] {
        guard redirection.isResent == true else { return [] }
        var octets: [UInt8] = []
        for (name, body) in [
            ("Resent-From", owner.description), ("Resent-To", redirection.address),
            ("Resent-Date", DateField.text(CivilTime(epoch: context.now))),
            ("Resent-Message-ID", "<\(context.id)@\(context.hostname)>"),
        ] {
            octets += FieldText.field(name: name, body: Array(body.utf8))
        }
        return octets
    }

    /// The envelope sender of the redirected copy; nil is the null reverse-path, which always stays.
    package static func sender(for subject: SieveSubject, postmaster: Address) -> Address? {
        guard subject.sender != nil else { return nil }
        return subject.settings.redirectSender.address(for: subject, postmaster: postmaster)
    }

    /// The address of ours that the received message was redirected from before; nil where it wasn't.
    static func circle(_ subject: SieveSubject) -> String? {
        let fields = subject.message.header.fields(named: fieldName)
        guard !fields.isEmpty else { return nil }
        let mine = [subject.settings.userAddress, subject.recipient?.description].compactMap {
            $0?.lowercased()
        }
        for field in fields.prefix(turnsMax) {
            let body = subject.message.header.unfolded(field, in: subject.message.bytes)
            let text = String(decoding: body, as: UTF8.self)
            if mine.contains(text.lowercased()) { return text }
        }
        return fields.count > turnsMax ? "too many addresses" : nil
    }
}
