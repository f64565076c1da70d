// SPDX-License-Identifier: MIT

internal import Mail

/// The part of the policy that is about verifying: clients by lists and names, senders by DNS, recipients by
/// whoever knows them, and greylisting.
package struct VerificationPolicy: Codable, Hashable, Sendable {
    package var lists: DNSListsPolicy
    package var senders: Senders
    /// By the same keys as `Policy.domains`; a domain without an entry is not verified.
    package var domains: [String: Domain]
    package var greylist: Greylist?
    package var clientNames: ClientNames

    package init(
        lists: DNSListsPolicy = DNSListsPolicy(), senders: Senders = Senders(),
        domains: [String: Domain] = [:], greylist: Greylist? = nil, clientNames: ClientNames = .needed
    ) {
        self.lists = lists
        self.senders = senders
        self.domains = domains
        self.greylist = greylist
        self.clientNames = clientNames
    }

    /// What it leads to that a service can't be asked.
    package enum OnFailure: String, Codable, Hashable, Sendable, CaseIterable { case `defer`, accept }

    /// When the forward-confirmed name of a client from outside is looked up.
    package enum ClientNames: String, Codable, Hashable, Sendable, CaseIterable {
        /// Where `CLIENT_ACCESS` or greylisting reads it.
        case needed
        case always
    }

    /// Of channels with `mailfromdnsverify`.
    package struct Senders: Codable, Hashable, Sendable {
        /// A domain with no other addresses than these has none: what wildcard records answer.
        package var blockedRanges: [AddressRange]
        package var onFailure: OnFailure

        package init(blockedRanges: [AddressRange] = [], onFailure: OnFailure = .defer) {
            self.blockedRanges = blockedRanges
            self.onFailure = onFailure
        }
    }

    /// An accepted domain.
    package struct Domain: Codable, Hashable, Sendable {
        package enum Kind: String, Codable, Hashable, Sendable, CaseIterable {
            /// All recipients are known here: who is in no source doesn't exist.
            case authoritative
            /// Recipients are the next hop's affair.
            case internalRelay = "internal_relay"
        }

        package var kind: Kind
        package var recipients: RecipientSource?
        package var onFailure: OnFailure
        /// What divides `user+detail`; a recipient whose detail is unknown is looked up without it. One
        /// character, or nil: there are no details.
        package var detailSeparator: String?

        package init(
            kind: Kind, recipients: RecipientSource? = nil, onFailure: OnFailure = .defer,
            detailSeparator: String? = nil
        ) {
            self.kind = kind
            self.recipients = recipients
            self.onFailure = onFailure
            self.detailSeparator = detailSeparator
        }
    }

    /// Who knows which recipients exist.
    package enum RecipientSource: Codable, Hashable, Sendable {
        /// Keys are addresses in lower case, or `@domain` for every recipient of it.
        case database(String)
        case directory(DirectorySource)
        /// The next hop of the domain's channel, asked before the message is taken.
        case callAhead
    }

    package struct DirectorySource: Codable, Hashable, Sendable {
        /// As `[directory.NAME]`.
        package var name: String
        /// `%a` address, `%u` local part, `%d` domain, `%%` a percent sign.
        package var filter: String
        /// Asked for, so that the case shows who was found.
        package var attributes: [String]

        package init(name: String, filter: String = "(mail=%a)", attributes: [String] = ["mail"]) {
            self.name = name
            self.filter = filter
            self.attributes = attributes
        }
    }

    /// Whoever is seen for the first time comes back later.
    package struct Greylist: Codable, Hashable, Sendable {
        package enum Part: String, Codable, Hashable, Sendable, CaseIterable {
            /// The client's network.
            case client
            case sender
            case senderDomain = "sender_domain"
            case recipient
        }

        /// As `[meter.NAME]`.
        package var meter: String
        /// Source channels that are greylisted.
        package var channels: [String]
        /// What makes two attempts the same.
        package var key: [Part]
        /// Bits of a client's address that count: neighbours that send for each other are one.
        package var prefixBitsIPv4: Int
        package var prefixBitsIPv6: Int
        package var exemptClients: [ClientPattern]
        /// Clients whose name is forward-confirmed are exempt.
        package var exemptsConfirmedNames: Bool
        package var onFailure: OnFailure

        package init(
            meter: String, channels: [String], key: [Part] = [.client, .sender, .recipient],
            prefixBitsIPv4: Int = 24, prefixBitsIPv6: Int = 64, exemptClients: [ClientPattern] = [],
            exemptsConfirmedNames: Bool = false, onFailure: OnFailure = .accept
        ) {
            self.meter = meter
            self.channels = channels
            self.key = key
            self.prefixBitsIPv4 = prefixBitsIPv4
            self.prefixBitsIPv6 = prefixBitsIPv6
            self.exemptClients = exemptClients
            self.exemptsConfirmedNames = exemptsConfirmedNames
            self.onFailure = onFailure
        }

        /// Whether the client's name plays a part.
        package var readsClientName: Bool {
            exemptsConfirmedNames || exemptClients.contains { if case .name = $0 { true } else { false } }
        }
    }

    /// Clients by address, or by forward-confirmed name.
    package enum ClientPattern: Codable, Hashable, Sendable {
        case network(AddressRange)
        /// Lower case; with a leading dot every name below it.
        case name(String)
    }
}

extension VerificationPolicy.ClientPattern {
    /// `192.0.2.0/24`, `mx.example.net`, `.example.net`; nil for anything else.
    package init?(_ text: String) {
        if let range = AddressRange(text) {
            self = .network(range)
            return
        }
        let bare = text.utf8.first == UInt8(ascii: ".") ? String(text.dropFirst()) : text
        // Digits and dots alone are a mistyped address.
        guard let name = DNSQuestion(name: bare, type: .a)?.name,
            !name.utf8.allSatisfy({ (0x30...0x39).contains($0) || $0 == UInt8(ascii: ".") })
        else { return nil }
        self = .name(bare == text ? name : ".\(name)")
    }

    func matches(_ address: IPAddress, name: String?) -> Bool {
        switch self {
        case .network(let range): return range.contains(address)
        case .name(let pattern):
            guard let name else { return false }
            return pattern.utf8.first == UInt8(ascii: ".") ? name.hasSuffix(pattern) : name == pattern
        }
    }
}
