// SPDX-License-Identifier: MIT

/// How the access tables are probed: which optional fields their probes carry, and what takes the place of
/// what would forge one.
package struct AccessPolicy: Codable, Hashable, Sendable {
    /// Recipient tables whose probes carry the original recipient (Sun's `ACCESS_ORCPT`).
    package var originalRecipient: Set<RecipientTable>
    /// Recipient tables whose probes carry counts of recipients (Sun's `ACCESS_COUNTS`).
    package var counts: Set<RecipientTable>
    /// Tables whose probes carry the conversion tags known so far (Sun's `INCLUDE_CONVERSIONTAG`).
    package var conversionTags: Set<TaggedTable>
    /// `DEQUEUE_ACCESS` carries how often delivery was tried (Sun's `INCLUDE_RETRIES`).
    package var showsRetries: Bool
    /// Stands for a `|` in a field that comes from outside (Sun's `MAPPING_PARANOIA`): one printable
    /// character of ASCII, and not `|` itself.
    package var substitute: String
    /// What a rejection without a text of its own says (Sun's `ACCESS_ERRORS`).
    package var errors: ErrorText
    /// What `REVERSE` is probed with (Sun's `USE_REVERSE_DATABASE`).
    package var reverse: AddressProbe
    /// What `FORWARD` is probed with (Sun's `USE_FORWARD_DATABASE`).
    package var forward: AddressProbe
    /// `AUTH_REWRITE` is consulted for clients that aren't authenticated too.
    package var rewritesUnauthenticated: Bool
    /// `AUTH_REWRITE`'s probe begins with the source channel.
    package var rewriteShowsChannel: Bool

    package init(
        originalRecipient: Set<RecipientTable> = [], counts: Set<RecipientTable> = [],
        conversionTags: Set<TaggedTable> = [], showsRetries: Bool = false, substitute: String = "_",
        errors: ErrorText = .access, reverse: AddressProbe = .address, forward: AddressProbe = .address,
        rewritesUnauthenticated: Bool = false, rewriteShowsChannel: Bool = false
    ) {
        self.originalRecipient = originalRecipient
        self.counts = counts
        self.conversionTags = conversionTags
        self.showsRetries = showsRetries
        self.substitute = substitute
        self.errors = errors
        self.reverse = reverse
        self.forward = forward
        self.rewritesUnauthenticated = rewritesUnauthenticated
        self.rewriteShowsChannel = rewriteShowsChannel
    }

    /// The four tables that are consulted at RCPT TO.
    package enum RecipientTable: String, Codable, Hashable, Sendable, CaseIterable {
        case origSend = "ORIG_SEND_ACCESS"
        case send = "SEND_ACCESS"
        case origMail = "ORIG_MAIL_ACCESS"
        case mail = "MAIL_ACCESS"
    }

    /// Tables that can be shown conversion tags.
    package enum TaggedTable: String, Codable, Hashable, Sendable, CaseIterable {
        case origSend = "ORIG_SEND_ACCESS"
        case send = "SEND_ACCESS"
        case origMail = "ORIG_MAIL_ACCESS"
        case mail = "MAIL_ACCESS"
        case dequeue = "DEQUEUE_ACCESS"
    }

    package enum ErrorText: String, Codable, Hashable, Sendable, CaseIterable {
        /// `550 5.1.0 Invalid address`: says nothing of a rule (Sun's 0, its default).
        case generic
        /// `550 5.7.1 Access denied` (Sun's 1).
        case access
    }

    package enum AddressProbe: String, Codable, Hashable, Sendable, CaseIterable {
        /// The address alone. `REVERSE` is then consulted once, at MAIL FROM.
        case address
        /// `REVERSE`: `source-channel|destination-channel|address`, for each recipient. `FORWARD`:
        /// `source-channel|sender|address`.
        case channels
    }
}
