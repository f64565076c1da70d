// SPDX-License-Identifier: MIT

package import Mail

/// What the first three gates answer.
package enum Decision: Codable, Hashable, Sendable {
    case admit(Marks)
    /// 4yz or 5yz. At the connection gate it also closes the connection.
    case reject(Reply, Consequences = Consequences())

    package var rejection: Reply? {
        if case .reject(let reply, _) = self { reply } else { nil }
    }

    /// Of both ends: what is to be done besides.
    package var consequences: Consequences {
        switch self {
        case .admit(let marks): marks.consequences
        case .reject(_, let consequences): consequences
        }
    }
}

/// What a table asks to be done besides admitting or rejecting. It concerns the session, not the message.
package struct Consequences: Codable, Hashable, Sendable {
    /// Texts for the system's log: those of `$<`, and where the probe was rejected those of `$>`.
    package var notices: [String] = []
    /// `$D`: how long to wait before the reply to this command, in 1/100 s.
    package var replyDelay: Int?
    /// `$D`: how long to wait before each reply of the transaction, in 1/100 s.
    package var transactionDelay: Int?
    /// `$/`: end the connection with the reply.
    package var disconnects = false
    /// `$T` of `PORT_ACCESS`: for the connection's log record.
    package var connectionNote: String?
    /// `$U`: level of detail of the log for this transaction.
    package var debugLevel: Int?

    package init() {}
}

/// What a gate hands on to later gates and to whoever carries out the message's fate.
package struct Marks: Codable, Hashable, Sendable {
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
    /// Sender gate, `$J`: the envelope sender instead of the client's; an empty text is the null
    /// reverse-path.
    package var sender: String?
    /// Sender gate, `$K`: the address for the `Sender:` field.
    package var senderField: String?
    /// `$A`: header lines to add, each `Name: body`.
    package var headerLines: [String] = []
    /// `$T`: put before the subject.
    package var subjectTag: String?
    /// `$G`: conversion tags.
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
    package var consequences = Consequences()

    /// By rising force: a later gate's stronger one wins.
    package enum Disposal: String, Codable, Hashable, Sendable, CaseIterable {
        /// `$B`: accepted and thrown away.
        case bitbucket
        /// `$V`: as Sieve's `discard`, which a recipient's own `keep` undoes.
        case discard
        /// `$Z`: as Sieve's `jettison`, which nothing undoes.
        case jettison
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

    package init(
        sourceChannel: String? = nil, destinationChannel: String? = nil, recipient: Address? = nil,
        holdReason: String? = nil
    ) {
        self.sourceChannel = sourceChannel
        self.destinationChannel = destinationChannel
        self.recipient = recipient
        self.holdReason = holdReason
    }
}
