// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail

/// What the file says of sessions: a channel's keywords about whoever comes in by it, AUTH, the test before
/// the greeting.
extension SettingsReader {
    /// A channel that another channel's key names.
    struct ChannelReference: Sendable {
        var channel: Located<String>
        var key: String
    }

    /// The session's part of a channel's table.
    mutating func readChannelSession(_ table: inout TableReader) -> SessionPolicy.Channel {
        var channel = SessionPolicy.Channel()
        channel.authentication = table.word("sasl", default: .no)
        channel.encryption = table.word("tls", default: .may)
        channel.authenticatedChannel = switchChannel("sasl_switch_channel", &table)
        channel.encryptedChannel = switchChannel("tls_switch_channel", &table)
        channel.offersQueueRun = table.flag("etrn", default: false)
        channel.offersNotifications = table.flag("dsn", default: false)
        var limits = SessionPolicy.Limits()
        limits.messageOctetsMax = Self.some(table.size("block_limit", default: 0, in: 0...(256 << 20)))
        limits.recipientsMax = limit("recipient_limit", 10_000, &table)
        limits.recipientsCutoff = limit("recipient_cutoff", 1_000_000, &table)
        limits.unheldRecipientsMax = limit("hold_limit", 10_000, &table)
        limits.transactionsMax = limit("transaction_limit", 10_000, &table)
        limits.transactionsOfSessionMax = limit("disconnect_transaction_limit", 10_000, &table)
        limits.recipientsOfSessionMax = limit("disconnect_recipient_limit", 1_000_000, &table)
        limits.rejectionsOfSessionMax = limit("disconnect_reject_limit", 1_000_000, &table)
        limits.badCommandsMax = limit("disconnect_bad_command_limit", 1_000, &table)
        limits.badAuthenticationsMax = limit("disconnect_bad_auth_limit", 1_000, &table)
        limits.rejectionsBeforeDeferralMax = limit("deferral_reject_limit", 1_000_000, &table)
        channel.limits = limits
        return channel
    }

    /// 0 and a missing key are no limit.
    private func limit(_ key: String, _ most: Int, _ table: inout TableReader) -> Int? {
        Self.some(table.integer(key, default: 0, in: 0...most))
    }

    private static func some(_ number: Int) -> Int? { number == 0 ? nil : number }

    private mutating func switchChannel(_ key: String, _ table: inout TableReader) -> String? {
        guard let said = table.string(key) else { return nil }
        channelReferences.append(ChannelReference(channel: said, key: table.name(key)))
        return said.value
    }

    /// `[sasl]`, `[sasl_rules.NAME]` and `[pregreet]`; `channels` and `harvestSeconds` were read elsewhere.
    mutating func readSessionPolicy(
        channels: [String: SessionPolicy.Channel], harvestSeconds: Int
    ) -> SessionPolicy {
        var policy = SessionPolicy()
        policy.channels = channels
        policy.harvestDelaySeconds = harvestSeconds
        var table = table("sasl")
        policy.authentication = readAuthentication(&table)
        table.close()
        for (name, rules) in namedTables("sasl_rules") {
            checkName(name, of: "rule set")
            var rules = rules
            policy.authenticationRules[name.value.uppercased()] = readAuthentication(&rules)
            rules.close()
        }
        policy.preGreeting = readPreGreeting()
        return policy
    }

    private func readAuthentication(_ table: inout TableReader) -> SessionPolicy.Authentication {
        var rules = SessionPolicy.Authentication()
        rules.isAllowedInTheClear = table.flag("in_clear", default: false)
        guard let said = table.strings("mechanisms", countMax: SessionPolicy.Authentication.Mechanism.count)
        else { return rules }
        rules.mechanisms = []
        for word in said {
            let folded = Located(value: word.value.uppercased(), place: word.place)
            let mechanism: SessionPolicy.Authentication.Mechanism? = table.word(
                folded, name: table.name("mechanisms"))
            if let mechanism, !rules.mechanisms.contains(mechanism) { rules.mechanisms.append(mechanism) }
        }
        return rules
    }

    private mutating func readPreGreeting() -> SessionPolicy.PreGreeting {
        var test = SessionPolicy.PreGreeting()
        var table = table("pregreet")
        // Clients wait five minutes for the greeting (RFC 5321 §4.5.3.2.1), and give up long before.
        test.waitSeconds = table.duration("wait", default: 0, in: 0...60)
        test.action = table.word("action", default: .reject)
        test.weight = table.integer("weight", default: 0, in: 0...1_000_000)
        let action = table.place(of: "action")
        table.close()
        if let action, test.action == .weight, test.weight == 0 {
            reading.complain(
                at: action, "pregreet.action is \"weight\", but it weighs nothing",
                help: "add weight = 5, say, under [pregreet]; [dns_lists] says what a sum leads to")
        }
        return test
    }

    /// Channels that channels switch to must be there, and lead no further by the same way.
    func checkSwitching(_ channels: [String: ChannelTable]) {
        for reference in channelReferences {
            checkChannel(reference.channel, reference.key, in: channels)
        }
    }
}

extension SessionPolicy.Authentication.Mechanism {
    fileprivate static var count: Int { allCases.count }
}
