// SPDX-License-Identifier: MIT

/// What an operator chose that scripts notice. Part of the policy that a message is judged by.
package struct SieveSettings: Codable, Hashable, Sendable {
    /// Octets that part a local part into user and detail (RFC 5233): each one of them does.
    package var recipientDelimiters = "+"

    /// Minutes east of UTC of the zone that dates are compared in where a test names none (RFC 5260 §4.1).
    package var zoneOffsetMinutes = 0

    /// External lists (RFC 6134) by the name that scripts use, to the database that holds each.
    package var lists: [String: String] = [:]

    /// Mailboxes that `fileinto` knows, besides INBOX.
    package var folders: Set<String> = []
    /// Mailboxes of special uses (RFC 6154), by attribute in lower case: `\junk`.
    package var specialUses: [String: String] = [:]

    /// Where a spam score stands in the message itself; nil: the gateway's own scanners say.
    package var spamHeader: HeaderScore?
    /// As `spamHeader`, of viruses.
    package var virusHeader: HeaderScore?

    /// Names in lower case of fields that scripts may not add. `Subject` they always may, and delete it.
    package var unaddableFields: Set<String> = []
    /// Names in lower case of fields that scripts may not delete. RFC 5293 §6 protects the first two, which a
    /// loop or an answer to an answer would be found by.
    package var undeletableFields: Set<String> = ["received", "auto-submitted"]

    /// The least time between two vacation answers to one sender, in seconds (RFC 5230 §4.1, RFC 6131 §2).
    package var vacationSecondsMin = 86_400
    /// Whether vacation answers mail that doesn't name the recipient (RFC 5230 §4.5 wants it not to).
    package var vacationIgnoresRecipients = false
    /// The subject of an answer to a message without one; nil: `Automated reply`.
    package var vacationSubject: String?
    /// The subject of an answer, with `%$` or `%{subject}` for the message's; nil: `Auto: %$`.
    package var vacationSubjectTemplate: String?
    /// Whether answers have the recipient as their envelope sender, rather than nobody.
    package var vacationFromRecipient = false
    /// Whether `vacation` takes the recipient as the client named it, before aliases, for the recipient's
    /// own.
    package var vacationUsesOriginalRecipient = true
    /// The `From:` of abuse reports.
    package var reportFrom = SenderPolicy.postmaster
    /// The user's own address, where it isn't the recipient's; nil: the recipient's.
    package var userAddress: String?
    /// The envelope sender of redirected copies. The null reverse-path stays whatever it says.
    package var redirectSender = SenderPolicy.sender
    /// The envelope sender of notifications; nil: the script's `:from`, else the postmaster (RFC 5436 §2.3).
    package var notificationSender: SenderPolicy?
    /// Whether the `To:` of a vacation answer is taken from the message's own fields, whatever the envelope
    /// says: for envelopes whose senders were rewritten on the way. The answer goes where the envelope says.
    package var vacationToIgnoresEnvelope = false
    /// Whether a message without a sender notifies nobody.
    package var notifiesRealSendersOnly = false

    package init() {}
}

extension SieveSettings {
    enum HeaderChange { case adding, deleting }

    /// What RFC 6134 lets scripts leave out of the name of an address book.
    private static let addressBook = "urn:ietf:params:sieve:addrbook:"

    /// The database that holds a list; nil where there is no such list. `:addrbook:NAME` and the URN that it
    /// is short for are the same.
    func database(ofList name: String) -> String? {
        if let database = lists[name] { return database }
        let short = ":addrbook:"
        if name.hasPrefix(short) { return lists[Self.addressBook + name.dropFirst(short.utf8.count)] }
        guard name.lowercased().hasPrefix(Self.addressBook) else { return nil }
        return lists[short + name.dropFirst(Self.addressBook.utf8.count)]
    }

    func isProtected(_ name: String, against change: HeaderChange) -> Bool {
        let name = name.lowercased()
        // RFC 5293 §6: the subject is every script's to change.
        guard name != "subject" else { return false }
        switch change {
        case .adding: return unaddableFields.contains(name)
        case .deleting: return undeletableFields.contains(name)
        }
    }
}
