// SPDX-License-Identifier: MIT
import Gates
import Mail
import Testing

@testable import Configuration

@Suite("Settings of sessions")
struct SessionSettingsTests {
    private func settings(_ text: String) throws -> Settings {
        let findings = SettingsFixture.parse(SettingsFixture.good + text)
        #expect(findings.complaints.map(SettingsFixture.text) == [])
        return try #require(findings.settings)
    }

    @Test("left out, nobody authenticates, switches or waits, and wrong guesses cost a second each")
    func defaults() throws {
        let settings = try settings("")
        var expected = SessionPolicy()
        expected.harvestDelaySeconds = 1
        for name in ["tcp_local", "tcp_intranet", "inside"] {
            expected.channels[name] = SessionPolicy.Channel()
        }
        #expect(settings.policy.session == expected)
        #expect(settings.session.rejectedRecipientsMax == 50)
    }

    @Test("a source channel's keywords")
    func channel() throws {
        let settings = try settings(
            """
            [channel.tcp_submit]
            sasl = "must"
            tls = "must"
            sasl_switch_channel = "tcp_intranet"
            tls_switch_channel = "tcp_submit"
            etrn = true
            block_limit = "1M"
            recipient_limit = 10
            recipient_cutoff = 20
            hold_limit = 5
            transaction_limit = 6
            deferral_reject_limit = 7
            disconnect_transaction_limit = 8
            disconnect_recipient_limit = 9
            disconnect_reject_limit = 11
            disconnect_bad_command_limit = 12
            disconnect_bad_auth_limit = 13
            dsn = true
            """)
        var channel = SessionPolicy.Channel()
        channel.authentication = .must
        channel.encryption = .must
        channel.authenticatedChannel = "tcp_intranet"
        channel.encryptedChannel = "tcp_submit"
        channel.offersQueueRun = true
        channel.offersNotifications = true
        channel.limits.messageOctetsMax = 1 << 20
        channel.limits.recipientsMax = 10
        channel.limits.recipientsCutoff = 20
        channel.limits.unheldRecipientsMax = 5
        channel.limits.transactionsMax = 6
        channel.limits.rejectionsBeforeDeferralMax = 7
        channel.limits.transactionsOfSessionMax = 8
        channel.limits.recipientsOfSessionMax = 9
        channel.limits.rejectionsOfSessionMax = 11
        channel.limits.badCommandsMax = 12
        channel.limits.badAuthenticationsMax = 13
        #expect(settings.policy.session.channels["tcp_submit"] == channel)
    }

    @Test("AUTH, its rule sets, the test before the greeting, and what guessing costs")
    func sections() throws {
        let settings = try settings(
            """
            [limits]
            rejected_recipients = 5
            harvest_delay = "3s"
            [sasl]
            mechanisms = ["plain"]
            [sasl_rules.Local]
            in_clear = true
            [pregreet]
            wait = "6s"
            action = "weight"
            weight = 4
            """)
        let session = settings.policy.session
        #expect(settings.session.rejectedRecipientsMax == 5 && session.harvestDelaySeconds == 3)
        #expect(session.authentication.mechanisms == [.plain])
        #expect(!session.authentication.isAllowedInTheClear)
        #expect(session.authentication(rules: "local").isAllowedInTheClear)
        #expect(!session.authentication(rules: "EXTERNAL").isAllowedInTheClear)
        #expect(session.preGreeting.waitSeconds == 6 && session.preGreeting.action == .weight)
        #expect(session.preGreeting.weight == 4)
    }

    @Test("mistakes are named")
    func mistakes() {
        let complaints = SettingsFixture.parse(
            SettingsFixture.good + """
                [channel.a]
                sasl = "maybe"
                tls_switch_channel = "tcp_lokal"
                recipient_limit = -1
                [sasl]
                mechanisms = ["PLAIN", "CRAM-MD5"]
                [pregreet]
                action = "weight"
                """
        ).complaints.map(\.message)
        #expect(complaints.contains { $0.contains("channel.a.sasl can't be \"maybe\"") })
        #expect(complaints.contains { $0.contains("\"tcp_lokal\", but there is no such channel") })
        #expect(complaints.contains { $0.contains("channel.a.recipient_limit is -1") })
        #expect(complaints.contains { $0.contains("sasl.mechanisms can't be \"CRAM-MD5\"") })
        #expect(complaints.contains { $0.contains("pregreet.action is \"weight\", but it weighs nothing") })
        #expect(complaints.count == 5)
    }
}
