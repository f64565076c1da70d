// SPDX-License-Identifier: MIT

/// How a client may use its session: by which channel it comes in once it has said who it is, what it is
/// offered, and what it may cost. Every default is the closed one.
package struct SessionPolicy: Codable, Hashable, Sendable {
    /// By source channel. One that isn't here has no settings of its own.
    package var channels: [String: Channel] = [:]
    package var authentication = Authentication()
    /// Rule sets of authentication by name, upper case: what the text of `PORT_ACCESS`'s second call selects.
    /// A name that isn't here means `authentication`.
    package var authenticationRules: [String: Authentication] = [:]
    package var preGreeting = PreGreeting()
    /// Seconds by which the reply to a rejected recipient is put off for each one rejected before it, once
    /// `freeRejections` are used up: guessing addresses gets slower with each wrong guess. A failed AUTH
    /// costs the same, from the first on. Only for clients from outside that aren't authenticated. 0 puts
    /// nothing off.
    package var harvestDelaySeconds = 0

    /// Rejected recipients of one session that cost no time: an old address list has that many.
    package static let freeRejections = 3

    package init() {}

    /// What a source channel's keywords say.
    package struct Channel: Codable, Hashable, Sendable {
        /// `nosaslserver`, `maysaslserver`, `mustsaslserver`; the same words for TLS.
        package enum Use: String, Codable, Hashable, Sendable, CaseIterable { case no, may, must }

        package var authentication = Use.no
        package var encryption = Use.may
        /// `saslswitchchannel`: by which channel a client comes in once it has authenticated.
        package var authenticatedChannel: String?
        /// `tlsswitchchannel`: the same once it speaks TLS.
        package var encryptedChannel: String?
        /// ETRN (RFC 1985) is offered.
        package var offersQueueRun = false
        /// DSN (RFC 3461) and DELIVERBY (RFC 2852) are offered: what a client wishes of its reports is handed
        /// on to next hops that offer the same. We write no reports.
        package var offersNotifications = false
        package var limits = Limits()

        package init() {}
    }

    /// Nil is no limit of the channel's own.
    package struct Limits: Codable, Hashable, Sendable {
        /// `blocklimit`, in octets.
        package var messageOctetsMax: Int?
        /// `recipientlimit`: recipients admitted for one message.
        package var recipientsMax: Int?
        /// `recipientcutoff`: recipients named for one message, rejected ones too.
        package var recipientsCutoff: Int?
        /// `holdlimit`: a message for more recipients is held.
        package var unheldRecipientsMax: Int?
        /// `transactionlimit`: messages of one session.
        package var transactionsMax: Int?
        /// `disconnecttransactionlimit`: messages of one session, after which it ends.
        package var transactionsOfSessionMax: Int?
        /// `disconnectrecipientlimit`: recipients named in one session, after which it ends.
        package var recipientsOfSessionMax: Int?
        /// `disconnectrejectlimit`: recipients rejected in one session, after which it ends.
        package var rejectionsOfSessionMax: Int?
        /// `disconnectbadcommandlimit`.
        package var badCommandsMax: Int?
        /// `disconnectbadauthlimit`.
        package var badAuthenticationsMax: Int?
        /// `deferralrejectlimit`: recipients rejected in one session, after which all others are put off.
        package var rejectionsBeforeDeferralMax: Int?

        package init() {}
    }

    /// One set of rules for AUTH (RFC 4954).
    package struct Authentication: Codable, Hashable, Sendable {
        package enum Mechanism: String, Codable, Hashable, Sendable, CaseIterable {
            case plain = "PLAIN"
            case login = "LOGIN"
        }

        /// Offered, in this order.
        package var mechanisms: [Mechanism] = Mechanism.allCases
        /// Whether passwords may come in the clear. Both mechanisms send them as they are.
        package var isAllowedInTheClear = false

        package init() {}
    }

    /// What becomes of clients that talk before they are greeted: programs that don't listen to us, and so
    /// don't speak SMTP.
    package struct PreGreeting: Codable, Hashable, Sendable {
        package enum Action: String, Codable, Hashable, Sendable, CaseIterable {
            case reject
            /// The conversion tag `pregreet` on each of its messages.
            case tag
            /// `weight` points, added to those of the DNS lists.
            case weight
        }

        /// How long the greeting waits for a client from outside; 0 is not at all.
        package var waitSeconds = 0
        package var action = Action.reject
        package var weight = 0

        /// The conversion tag of `Action.tag`.
        package static let tag = "pregreet"

        package init() {}
    }
}

extension SessionPolicy {
    package func channel(_ name: String) -> Channel { channels[name] ?? Channel() }

    /// By which channel a client comes in that connected by `channel`: TLS switches first and AUTH second,
    /// which is their order in a session too, since TLS makes whatever was said before it void.
    package func sourceChannel(from channel: String, isEncrypted: Bool, isAuthenticated: Bool) -> String {
        var name = channel
        if isEncrypted, let next = channels[name]?.encryptedChannel { name = next }
        if isAuthenticated, let next = channels[name]?.authenticatedChannel { name = next }
        return name
    }

    /// The rules that `name`, `PORT_ACCESS`'s second answer, selects.
    package func authentication(rules name: String?) -> Authentication {
        name.flatMap { authenticationRules[$0.uppercased()] } ?? authentication
    }

    /// How long the reply to a rejected recipient waits, in 1/100 s, after `rejections` of the session, this
    /// one included.
    package func harvestDelay(rejections: Int) -> Int { delay(guesses: rejections - Self.freeRejections) }

    /// How long the reply to a wrong guess waits, in 1/100 s: the `guesses`-th one.
    package func delay(guesses: Int) -> Int {
        guard harvestDelaySeconds > 0, guesses > 0 else { return 0 }
        let (product, isOver) = guesses.multipliedReportingOverflow(by: harvestDelaySeconds * 100)
        return isOver ? .max : product
    }

    /// `recipients` of one message that came by `channel`, all marked to be held where they are too many
    /// (`holdlimit`).
    package func holding(_ recipients: [ContentFacts.Recipient], from channel: String)
        -> [ContentFacts.Recipient]
    {
        guard let reason = holdReason(recipients: recipients.count, channel: channel) else {
            return recipients
        }
        return recipients.map { recipient in
            var held = recipient
            held.holdReason = held.holdReason ?? reason
            return held
        }
    }

    /// Why a message for so many recipients is held, if it is (`holdlimit`).
    private func holdReason(recipients: Int, channel: String) -> String? {
        guard let most = channels[channel]?.limits.unheldRecipientsMax, recipients > most else { return nil }
        return "\(recipients) recipients; [channel.\(channel)] hold_limit is \(most)"
    }
}
