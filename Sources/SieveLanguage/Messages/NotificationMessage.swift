// SPDX-License-Identifier: MIT

package import Mail

/// The mail that `notify` with a `mailto:` URI sends (RFC 5436 §2.7).
package enum NotificationMessage {
    /// Nil where the method is no such URI, which it is checked for when the script runs, or where all its
    /// recipients are among `informed`: those whom another notification of the same message told already.
    package static func make(
        _ notification: SieveAction.Notification, about subject: SieveSubject, _ context: OwnMessageContext,
        informed: Set<Address> = []
    ) -> OwnMessage? {
        guard case .success(let method) = MailtoMethod.read(Array(notification.method.utf8)) else {
            return nil
        }
        let to = method.to.filter { !informed.contains($0.address) }
        let cc = method.cc.filter { !informed.contains($0.address) }
        guard !to.isEmpty || !cc.isEmpty else { return nil }
        let owner = (subject.recipient ?? context.postmaster).description
        var header = OwnHeader(context)
        header.add("From", address: notification.from ?? owner)
        header.add("To", to)
        header.add("Cc", cc)
        header.add(subject: notification.message ?? method.subject ?? standardSubject(subject))
        header.addReferences(to: subject)
        header.add("Auto-Submitted", "auto-notified; owner-email=\"\(owner)\"")
        header.add(
            "X-Priority", ["1 (High)", "3 (Normal)", "5 (Low)"][min(max(notification.importance, 1), 3) - 1])
        header.add("Importance", ["High", "Normal", "Low"][min(max(notification.importance, 1), 3) - 1])
        for field in method.fields { header.add(field.name, field.value) }
        header.add("MIME-Version", "1.0")
        let body = method.body ?? "\(notification.message ?? standardSubject(subject))\r\n"
        return OwnMessage(
            sender: sender(notification, subject, context), recipients: (to + cc).map(\.address),
            bytes: header.octets + Entity.plain(Array(body.utf8)))
    }

    /// RFC 5436 §2.3: nobody where the message came from nobody, so that nothing goes round in circles; else
    /// whom `:from` names.
    private static func sender(
        _ notification: SieveAction.Notification, _ subject: SieveSubject, _ context: OwnMessageContext
    ) -> Address? {
        guard subject.sender != nil else { return nil }
        if let policy = subject.settings.notificationSender {
            return policy.address(for: subject, postmaster: context.postmaster)
        }
        return notification.from.flatMap { RedirectCommand.address(Array($0.utf8)) } ?? context.postmaster
    }

    private static func standardSubject(_ subject: SieveSubject) -> String {
        let from = OwnHeader.text("from", of: subject) ?? subject.sender?.description ?? "<>"
        let title = OwnHeader.text("subject", of: subject) ?? ""
        return title.isEmpty ? "New message from \(from)" : "New message from \(from): \(title)"
    }
}
