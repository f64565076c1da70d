// SPDX-License-Identifier: MIT

package import Mail

/// What a gate hands on to later gates and to whoever carries out the message's fate.
///
/// A case holds several of them, mostly empty: a record holds only what differs from the default, and what is
/// missing from one is read as the default.
package struct Marks: Hashable, Sendable {
    /// Connection gate: by which channel the client comes in. Later gates: the channel that it was switched
    /// to.
    package var sourceChannel: String?
    /// Recipient gate: where the recipient's mail goes.
    package var destinationChannel: String?
    /// Recipient gate: the recipient as routing knows it.
    package var recipient: Address?
    /// Sender or recipient gate: the message is to be held, and why.
    package var holdReason: String?
    /// Sender or recipient gate: what is to become of it instead of being relayed.
    package var disposal: Disposal?
    /// Which entry set `disposal`: `mappings:41`.
    package var disposalRule: String?
    /// Sender gate (`$J`, `REVERSE`) or recipient gate (`REVERSE` by channels): the envelope sender instead
    /// of the client's; an empty text is the null reverse-path.
    package var sender: String?
    /// Sender gate, `$K`: the address for the `Sender:` field.
    package var senderField: String?
    /// `$A`: header lines to add, each `Name: body`, without a line end.
    package var headerLines: [String] = []
    /// `$T`: put before the subject.
    package var subjectTag: String?
    /// `$G`: conversion tags, in order, each once. No `|`, `,` or blank in them.
    package var conversionTags: [String] = []
    /// `$M`: who gets a copy.
    package var captures: [Address] = []
    /// `$,`: arguments of `spamadjust`, in order.
    package var spamAdjustments: [String] = []
    /// Sender gate, `$!`: no vacation for this message.
    package var suppressesVacation = false
    /// Sender gate, `$S`: lower limits for this transaction.
    package var limits: TransactionLimits?
    /// Connection gate, second call: which rule set clients authenticate by.
    package var authenticationRules: String?
    /// Connection gate: what is known of the client; nil where nothing was looked up.
    package var client: ClientFindings?
    package var consequences = Consequences()

    /// By rising force: a later gate's stronger one wins.
    package enum Disposal: String, Codable, Hashable, Sendable, CaseIterable, Comparable {
        /// `$V`: as Sieve's `discard`, which a recipient's own `keep` undoes.
        case discard
        /// `$B`: accepted and thrown away.
        case bitbucket
        /// `$Z`: as Sieve's `jettison`, which nothing undoes.
        case jettison

        package static func < (one: Disposal, other: Disposal) -> Bool { one.force < other.force }

        private var force: Int {
            switch self {
            case .discard: 0
            case .bitbucket: 1
            case .jettison: 2
            }
        }
    }

    /// Nil leaves the channel's limit.
    package struct TransactionLimits: Codable, Hashable, Sendable {
        /// In octets.
        package var messageOctetsMax: Int?
        /// Beyond it recipients are put off.
        package var recipientsMax: Int?
        /// Beyond it the whole message is refused.
        package var recipientsCutoff: Int?

        package init(messageOctetsMax: Int?, recipientsMax: Int?, recipientsCutoff: Int?) {
            self.messageOctetsMax = messageOctetsMax
            self.recipientsMax = recipientsMax
            self.recipientsCutoff = recipientsCutoff
        }
    }

    /// Header lines, conversion tags, copies and spam adjustments that one message collects, at most, of each
    /// kind: rules set one or two, and each is kept once for every recipient.
    package static let listMax = 20

    package init(
        sourceChannel: String? = nil, destinationChannel: String? = nil, recipient: Address? = nil,
        holdReason: String? = nil
    ) {
        self.sourceChannel = sourceChannel
        self.destinationChannel = destinationChannel
        self.recipient = recipient
        self.holdReason = holdReason
    }

    package static let none = Marks()

    /// Takes in what a later table or gate says. Of what can be there only once the earlier holds, but for
    /// the sender's address, where the later table saw what the earlier made of it; of two disposals the
    /// stronger.
    package mutating func formUnion(_ later: Marks) {
        guard later != .none else { return }
        sourceChannel = later.sourceChannel ?? sourceChannel
        destinationChannel = later.destinationChannel ?? destinationChannel
        recipient = later.recipient ?? recipient
        holdReason = holdReason ?? later.holdReason
        if let other = later.disposal, disposal.map({ $0 < other }) ?? true {
            disposal = other
            disposalRule = later.disposalRule
        }
        sender = later.sender ?? sender
        senderField = later.senderField ?? senderField
        subjectTag = subjectTag ?? later.subjectTag
        Self.append(later.headerLines, to: &headerLines)
        Self.append(later.conversionTags, to: &conversionTags)
        Self.append(later.captures, to: &captures)
        spamAdjustments = Array((spamAdjustments + later.spamAdjustments).prefix(Self.listMax))
        suppressesVacation = suppressesVacation || later.suppressesVacation
        limits = limits ?? later.limits
        authenticationRules = later.authenticationRules ?? authenticationRules
        client = later.client ?? client
        consequences.formUnion(later.consequences)
    }

    /// The envelope sender as whoever comes later knows it, where the client named `named`. Nil is the null
    /// reverse-path.
    package func sender(insteadOf named: Address?) -> Address? {
        guard let sender else { return named }
        return Address(sender)
    }

    private static func append<Element: Equatable>(_ more: [Element], to list: inout [Element]) {
        for element in more where list.count < listMax && !list.contains(element) { list.append(element) }
    }
}

extension Marks: Codable {
    private enum Key: String, CodingKey {
        case sourceChannel, destinationChannel, recipient, holdReason, disposal, disposalRule, sender
        case senderField, headerLines, subjectTag, conversionTags, captures, spamAdjustments
        case suppressesVacation, limits, authenticationRules, client, consequences
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        sourceChannel = try container.decodeIfPresent(String.self, forKey: .sourceChannel)
        destinationChannel = try container.decodeIfPresent(String.self, forKey: .destinationChannel)
        recipient = try container.decodeIfPresent(Address.self, forKey: .recipient)
        holdReason = try container.decodeIfPresent(String.self, forKey: .holdReason)
        disposal = try container.decodeIfPresent(Disposal.self, forKey: .disposal)
        disposalRule = try container.decodeIfPresent(String.self, forKey: .disposalRule)
        sender = try container.decodeIfPresent(String.self, forKey: .sender)
        senderField = try container.decodeIfPresent(String.self, forKey: .senderField)
        headerLines = try container.decodeIfPresent([String].self, forKey: .headerLines) ?? []
        subjectTag = try container.decodeIfPresent(String.self, forKey: .subjectTag)
        conversionTags = try container.decodeIfPresent([String].self, forKey: .conversionTags) ?? []
        captures = try container.decodeIfPresent([Address].self, forKey: .captures) ?? []
        spamAdjustments = try container.decodeIfPresent([String].self, forKey: .spamAdjustments) ?? []
        suppressesVacation = try container.decodeIfPresent(Bool.self, forKey: .suppressesVacation) ?? false
        limits = try container.decodeIfPresent(TransactionLimits.self, forKey: .limits)
        authenticationRules = try container.decodeIfPresent(String.self, forKey: .authenticationRules)
        client = try container.decodeIfPresent(ClientFindings.self, forKey: .client)
        consequences = try container.decodeIfPresent(Consequences.self, forKey: .consequences) ?? .init()
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encodeIfPresent(sourceChannel, forKey: .sourceChannel)
        try container.encodeIfPresent(destinationChannel, forKey: .destinationChannel)
        try container.encodeIfPresent(recipient, forKey: .recipient)
        try container.encodeIfPresent(holdReason, forKey: .holdReason)
        try container.encodeIfPresent(disposal, forKey: .disposal)
        try container.encodeIfPresent(disposalRule, forKey: .disposalRule)
        try container.encodeIfPresent(sender, forKey: .sender)
        try container.encodeIfPresent(senderField, forKey: .senderField)
        if !headerLines.isEmpty { try container.encode(headerLines, forKey: .headerLines) }
        try container.encodeIfPresent(subjectTag, forKey: .subjectTag)
        if !conversionTags.isEmpty { try container.encode(conversionTags, forKey: .conversionTags) }
        if !captures.isEmpty { try container.encode(captures, forKey: .captures) }
        if !spamAdjustments.isEmpty { try container.encode(spamAdjustments, forKey: .spamAdjustments) }
        if suppressesVacation { try container.encode(true, forKey: .suppressesVacation) }
        try container.encodeIfPresent(limits, forKey: .limits)
        try container.encodeIfPresent(authenticationRules, forKey: .authenticationRules)
        try container.encodeIfPresent(client, forKey: .client)
        if !consequences.isEmpty { try container.encode(consequences, forKey: .consequences) }
    }
}
