// SPDX-License-Identifier: MIT

package import Mail

/// Reports with the message in them: of abuse (RFC 5965), and of a rejection (RFC 5429 §2.2, RFC 8098).
package enum ReportMessage {
    /// Octets of a message id that a report repeats: with its field's name they fit into one line (RFC 5322
    /// §2.1.1).
    private static let idOctetsMax = 900

    /// What `report` sends.
    package static func abuse(
        _ report: SieveAction.AbuseReport, about subject: SieveSubject, _ context: OwnMessageContext
    ) -> OwnMessage? {
        guard let recipient = Address(report.address) else { return nil }
        var fields = "Feedback-Type: \(report.feedbackType)\r\nUser-Agent: Postern\r\nVersion: 1\r\n"
        fields += "Original-Mail-From: <\(subject.sender?.description ?? "")>\r\n"
        if let to = subject.recipient { fields += "Original-Rcpt-To: <\(to)>\r\n" }
        // So does the description of the capability name it.
        if let user = subject.settings.userAddress ?? subject.recipient?.description, Address(user) != nil {
            fields += "Dovecot-Reporting-User: <\(user)>\r\n"
        }
        let from = subject.settings.reportFrom.address(for: subject, postmaster: context.postmaster)
        return multipart(
            kind: "feedback-report", subjectLine: "Report: \(OwnHeader.text("subject", of: subject) ?? "")",
            text: report.message, fields: Array(fields.utf8), isHeadersOnly: report.isHeadersOnly,
            from: (from ?? context.postmaster).description, sender: from, to: recipient, subject, context)
    }

    /// What `reject` sends where the client can't be told: a disposition notification to the sender.
    package static func rejection(
        reason: String, of subject: SieveSubject, _ context: OwnMessageContext
    ) -> OwnMessage? {
        guard let sender = subject.sender else { return nil }
        let owner = (subject.recipient ?? context.postmaster).description
        var fields = "Reporting-UA: \(context.hostname); Postern\r\n"
        if let original = subject.originalRecipient {
            fields += "Original-Recipient: rfc822; \(original)\r\n"
        }
        fields += "Final-Recipient: rfc822; \(owner)\r\n"
        if let id = OwnHeader.raw("message-id", of: subject).first, id.count <= idOctetsMax,
            id.allSatisfy({ (0x20...0x7E).contains($0) })
        {
            fields += "Original-Message-ID: \(String(decoding: id, as: UTF8.self))\r\n"
        }
        fields += "Disposition: automatic-action/MDN-sent-automatically; deleted\r\n"
        return multipart(
            kind: "disposition-notification", subjectLine: "Automatically rejected mail", text: reason,
            fields: Array(fields.utf8), isHeadersOnly: true, from: context.postmaster.description,
            sender: nil,
            to: sender, subject, context)
    }

    /// What `capture :dsn` sends: the message with its envelope, in the form of a delivery report (RFC 3464).
    package static func capture(
        of subject: SieveSubject, for address: Address, _ context: OwnMessageContext
    ) -> OwnMessage {
        let recipient = (subject.recipient ?? context.postmaster).description
        var fields = "Reporting-MTA: dns; \(context.hostname)\r\n"
        fields += "X-Envelope-From: <\(subject.sender?.description ?? "")>\r\n\r\n"
        if let original = subject.originalRecipient {
            fields += "Original-Recipient: rfc822; \(original)\r\n"
        }
        fields += "Final-Recipient: rfc822; \(recipient)\r\nAction: relayed\r\nStatus: 2.0.0\r\n"
        return multipart(
            kind: "delivery-status", subjectLine: "Copy: \(OwnHeader.text("subject", of: subject) ?? "")",
            text: "A copy of a message to \(recipient), with its envelope.\r\n", fields: Array(fields.utf8),
            isHeadersOnly: false, from: context.postmaster.description, sender: nil, to: address, subject,
            context)
    }

    private static func multipart(
        kind: String, subjectLine: String, text: String, fields: [UInt8], isHeadersOnly: Bool, from: String,
        sender: Address?, to recipient: Address, _ subject: SieveSubject, _ context: OwnMessageContext
    ) -> OwnMessage {
        let message = subject.message
        let original =
            isHeadersOnly ? message.header.start..<message.header.end : 0..<message.bytes.count
        let plain = Entity.plain(Array(text.utf8))
        let boundary = Entity.boundary(
            [plain, fields, Array(context.id.utf8)], beyond: original, of: message.bytes)
        var header = OwnHeader(context)
        header.add("From", address: from)
        header.add("To", address: recipient.description)
        header.add(subject: subjectLine)
        header.addReferences(to: subject)
        header.add(
            "Auto-Submitted",
            kind == "disposition-notification" ? "auto-replied (rejected)" : "auto-generated")
        header.add("MIME-Version", "1.0")
        let delimiter = Array("\r\n--".utf8) + boundary
        var bytes = header.octets
        bytes +=
            Array("Content-Type: multipart/report; report-type=\(kind);\r\n\tboundary=\"".utf8) + boundary
        bytes += Array("\"\r\n".utf8) + delimiter + Array("\r\n".utf8) + plain + delimiter
        bytes += Array("\r\nContent-Type: message/\(kind)\r\n\r\n".utf8) + fields + delimiter
        let type = isHeadersOnly ? "text/rfc822-headers" : "message/rfc822"
        bytes += Array("\r\nContent-Type: \(type)\r\nContent-Disposition: attachment\r\n\r\n".utf8)
        return OwnMessage(
            sender: sender, recipients: [recipient],
            pieces: [
                .inserted(bytes), .original(original), .inserted(delimiter + Array("--\r\n".utf8)),
            ])
    }
}
