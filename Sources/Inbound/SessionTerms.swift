// SPDX-License-Identifier: MIT

package import Gates
package import Mail
package import SMTPProtocol

/// What a client is offered and may cost, by the channel that it comes in by.
package struct SessionTerms {
    package let limits: SMTPLimits
    package let offers: ReceivingOffers

    /// `limits` and `octetsMax` are the service's own: a channel can only be stricter about a message's size,
    /// and says everything else for itself. `authentication` is what the authentication gate said, if it was
    /// asked.
    package init(
        channel name: String, policy: SessionPolicy, authentication decision: Decision?,
        limits base: SMTPLimits, octetsMax: Int, offersTLS: Bool
    ) {
        let channel = policy.channel(name)
        var limits = base
        limits.recipientsMax = channel.limits.recipientsMax ?? base.recipientsMax
        limits.recipientsCutoff = channel.limits.recipientsCutoff
        limits.transactionsBeforeDeferralMax = channel.limits.transactionsMax
        limits.transactionsOfSessionMax = channel.limits.transactionsOfSessionMax
        limits.recipientsOfSessionMax = channel.limits.recipientsOfSessionMax
        limits.rejectionsOfSessionMax = channel.limits.rejectionsOfSessionMax
        limits.rejectionsBeforeDeferralMax = channel.limits.rejectionsBeforeDeferralMax
        limits.badCommandsMax = channel.limits.badCommandsMax ?? base.badCommandsMax
        limits.badAuthenticationsMax = channel.limits.badAuthenticationsMax ?? base.badAuthenticationsMax
        self.limits = limits

        var offers = ReceivingOffers(
            sizeOctetsMax: min(octetsMax, channel.limits.messageOctetsMax ?? .max),
            tls: offersTLS && channel.encryption != .no)
        let authentication = policy.authentication(rules: decision?.marks?.authenticationRules)
        if channel.authentication != .no, decision?.rejection == nil {
            offers.mechanisms = authentication.mechanisms.compactMap {
                AuthenticationMechanism(rawValue: $0.rawValue)
            }
        }
        offers.allowsClearAuthentication = authentication.isAllowedInTheClear
        offers.requiresAuthentication = channel.authentication == .must
        offers.requiresTLS = channel.encryption == .must
        offers.queueRuns = channel.offersQueueRun
        offers.deliveryNotifications = channel.offersNotifications
        self.offers = offers
    }
}

extension ReceivingMachine {
    package mutating func follow(_ terms: SessionTerms) {
        limits = terms.limits
        offers = terms.offers
    }
}

extension TransactionLimits {
    /// What a table set by `$S`.
    package init(_ limits: Marks.TransactionLimits) {
        self.init(
            octetsMax: limits.messageOctetsMax, recipientsMax: limits.recipientsMax,
            recipientsCutoff: limits.recipientsCutoff)
    }
}

extension SenderFacts {
    /// `now` in seconds since 1970-01-01 UTC: a deadline is counted from there.
    package init(_ mail: MailCommand, now: Int64) {
        self.init(
            sender: mail.sender, declaredOctets: mail.declaredOctets, isEightBit: mail.isEightBit,
            authParameter: mail.submitter?.description, envelopeID: mail.envelopeID)
        ret = mail.ret
        deliverBy = mail.deliverBy.map {
            .init(deadline: now + Int64($0.seconds), mode: $0.mode, isTraced: $0.isTraced)
        }
    }
}

extension RecipientFacts {
    /// What the command itself says.
    package init(_ command: RecipientCommand, commandCount: Int = 1, admittedCount: Int = 0) {
        self.init(
            command.recipient, originalRecipient: command.originalRecipient,
            notices: Notice.allCases.filter { command.notify.contains($0.notify) },
            commandCount: commandCount, admittedCount: admittedCount)
        wantsNoNotices = command.notify == .never
    }
}

extension Reply {
    /// For a size declared beyond what a table allows.
    package static func tooBig(_ octetsMax: Int) -> Reply {
        Reply(552, "5.3.4", "Message too big: at most \(octetsMax) octets")
    }

    /// ETRN names a node that we keep no mail for (RFC 1985 §5.3).
    package static func queueUnknown(_ node: String) -> Reply {
        Reply(459, "4.5.0", "Node \(node) not allowed: no mail is kept for it here")
    }

    /// What came of ETRN (RFC 1985 §5.3): how many entries are on their way now.
    static func queueRun(_ node: String, _ result: Result<Int, any Error>) -> Reply {
        switch result {
        case .success(0): Reply(251, "2.0.0", "OK, no messages waiting for node \(node)")
        case .success(let count):
            Reply(253, "2.0.0", "OK, \(count) pending messages for node \(node) started")
        case .failure: Reply(458, "4.3.0", "Unable to queue messages for node \(node)")
        }
    }
}
