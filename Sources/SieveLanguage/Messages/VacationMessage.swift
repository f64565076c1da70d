// SPDX-License-Identifier: MIT

internal import Mail

/// The answer that `vacation` sends (RFC 5230 §5).
package enum VacationMessage {
    package static func make(
        _ reply: SieveAction.VacationReply, to subject: SieveSubject, _ context: OwnMessageContext
    ) -> OwnMessage? {
        guard let recipient = Address(reply.recipient) else { return nil }
        let settings = subject.settings
        let owner = reply.owner ?? settings.userAddress ?? subject.recipient?.description
        let from = reply.from ?? owner ?? context.postmaster.description
        var header = OwnHeader(context)
        header.add("From", address: from)
        let (display, address) = people(of: subject, recipient)
        header.add("To", display: display, address)
        header.add(subject: reply.subject ?? standardSubject(of: subject))
        header.addReferences(to: subject)
        header.add("Auto-Submitted", "auto-replied (vacation)")
        // Not of any standard, and heeded by the oldest machines alone.
        header.add("Precedence", "bulk")
        header.add("MIME-Version", "1.0")
        let body = Array(reply.reason.utf8)
        return OwnMessage(
            sender: subject.settings.vacationFromRecipient ? subject.recipient : nil, recipients: [recipient],
            bytes: header.octets + (reply.isMIME ? Entity.lines(body) : Entity.plain(body)))
    }

    /// Whom the answer greets: him to whom it goes, by the name that the message gives him (RFC 5230 §5.5).
    private static func people(
        of subject: SieveSubject, _ recipient: Address
    ) -> (display: String, address: Address) {
        for name in ["sender", "resent-sender", "resent-from", "from"] {
            for body in OwnHeader.raw(name, of: subject) {
                for found in RedirectCommand.mailboxes(body) ?? []
                where subject.settings.vacationToIgnoresEnvelope || isSame(found.address, recipient) {
                    return found
                }
            }
        }
        return ("", recipient)
    }

    /// Local parts compare without case here: it is only about a name.
    private static func isSame(_ one: Address, _ other: Address) -> Bool {
        one.description.lowercased() == other.description.lowercased()
    }

    /// RFC 5230 §5.3 leaves it to us.
    private static func standardSubject(of subject: SieveSubject) -> String {
        let original = OwnHeader.text("subject", of: subject) ?? ""
        if original.isEmpty { return subject.settings.vacationSubject ?? "Automated reply" }
        let template = subject.settings.vacationSubjectTemplate ?? "Auto: %$"
        return replacing(["%$", "%{subject}"], in: template, by: original)
    }

    private static func replacing(_ marks: [String], in template: String, by text: String) -> String {
        var result: [UInt8] = []
        var rest = Array(template.utf8)[...]
        while !rest.isEmpty {
            if let mark = marks.first(where: { rest.starts(with: $0.utf8) }) {
                result += Array(text.utf8)
                rest = rest.dropFirst(mark.utf8.count)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}
