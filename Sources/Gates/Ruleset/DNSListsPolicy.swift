// SPDX-License-Identifier: MIT

/// Which DNS lists are asked (RFC 5782), what an answer weighs, and what a sum of weights leads to.
package struct DNSListsPolicy: Codable, Hashable, Sendable {
    /// In the order of the configuration.
    package var lists: [DNSList]
    /// Sum of weights from which a client or sender is refused; nil: never.
    package var rejectAt: Int?
    /// From which it is put off.
    package var deferAt: Int?
    /// From which its messages are held.
    package var holdAt: Int?
    /// What it leads to that a list can't be asked.
    package var onFailure: OnFailure

    /// Lists of a ruleset, at most: each is a question for every connection or message.
    package static let listsMax = 32

    package init(
        lists: [DNSList] = [], rejectAt: Int? = 1, deferAt: Int? = nil, holdAt: Int? = nil,
        onFailure: OnFailure = .ignore
    ) {
        self.lists = lists
        self.rejectAt = rejectAt
        self.deferAt = deferAt
        self.holdAt = holdAt
        self.onFailure = onFailure
    }

    package enum OnFailure: String, Codable, Hashable, Sendable, CaseIterable {
        /// As if the list didn't name it: an outage of a list doesn't stop mail.
        case ignore
        case `defer`
    }

    /// One list, or one kind of answer of it.
    package struct DNSList: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, Hashable, Sendable, CaseIterable { case block, allow }

        /// What is looked up in it.
        package enum Subject: String, Codable, Hashable, Sendable, CaseIterable {
            /// The client's address, as the connection is made.
            case client
            /// The domain of MAIL FROM.
            case sender
            /// The name of HELO or EHLO.
            case helo
        }

        /// As in `[dns_list.NAME]`.
        package var name: String
        /// Lower case, no trailing dot.
        package var zone: String
        package var kind: Kind
        package var subject: Subject
        /// Answers that count; empty: every listing.
        package var answers: [AddressRange]
        /// Added for a block list, subtracted for an allow list. An allow list without a weight exempts
        /// whatever the others say.
        package var weight: Int?
        /// Text for the reply instead of the list's own TXT record.
        package var text: String?

        package init(
            name: String, zone: String, kind: Kind = .block, subject: Subject = .client,
            answers: [AddressRange] = [], weight: Int? = nil, text: String? = nil
        ) {
            self.name = name
            self.zone = zone
            self.kind = kind
            self.subject = subject
            self.answers = answers
            self.weight = weight
            self.text = text
        }
    }
}
