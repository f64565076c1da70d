// SPDX-License-Identifier: MIT
import Gates
import Mail
import Testing

@testable import Configuration

@Suite("Settings of the access tables")
struct AccessSettingsTests {
    private func access(_ text: String) throws -> AccessPolicy {
        let findings = SettingsFixture.parse(SettingsFixture.good + text)
        #expect(findings.complaints.map(SettingsFixture.text) == [])
        return try #require(findings.settings).policy.access
    }

    @Test("left out, probes carry nothing optional, and a bar becomes an underscore")
    func defaults() throws {
        #expect(try access("") == AccessPolicy())
        #expect(try access("[access]\n").substitute == "_")
    }

    @Test("every key")
    func keys() throws {
        let policy = try access(
            """
            [access]
            orcpt = ["ORIG_SEND_ACCESS", "MAIL_ACCESS"]
            counts = ["*"]
            conversion_tags = ["SEND_ACCESS", "DEQUEUE_ACCESS"]
            retries = true
            paranoia = "?"
            errors = "generic"
            reverse = "channels"
            forward = "channels"
            auth_rewrite_always = true
            auth_rewrite_channel = true
            """)
        #expect(
            policy
                == AccessPolicy(
                    originalRecipient: [.origSend, .mail], counts: Set(AccessPolicy.RecipientTable.allCases),
                    conversionTags: [.send, .dequeue], showsRetries: true, substitute: "?",
                    errors: .generic, reverse: .channels, forward: .channels, rewritesUnauthenticated: true,
                    rewriteShowsChannel: true))
    }

    @Test(
        "what can't be is a mistake, with its place",
        arguments: [
            (#"paranoia = "|""#, #"access.paranoia is "|"; it must be one character"#),
            (#"paranoia = """#, #"access.paranoia is ""; it must be one character"#),
            (#"paranoia = "ab""#, #"access.paranoia is "ab"; it must be one character"#),
            (#"orcpt = ["FROM_ACCESS"]"#, #"access.orcpt can't be "FROM_ACCESS""#),
            (#"counts = ["DEQUEUE_ACCESS"]"#, #"access.counts can't be "DEQUEUE_ACCESS""#),
            (#"errors = "none""#, #"access.errors can't be "none""#),
            (#"errcpt = []"#, #"unknown key "errcpt" in [access]"#),
        ])
    func mistakes(line: String, message: String) {
        let complaints = SettingsFixture.parse(SettingsFixture.good + "[access]\n\(line)\n").complaints
        #expect(complaints.map(\.message) == [message])
    }

    @Test("a flag that looks into a database which isn't there is a mistake at its entry")
    func databases() throws {
        let rules = try RulesFixture()
        try rules.folder.write(
            "FROM_ACCESS\n\n  *   $Y$I$0|staff\n\nREVERSE\n\n  *   $0$Y$D\n", to: "rules/mappings")
        #expect(
            rules.complaints().filter { $0.contains("database") } == [
                "rules/mappings:3:1 error flag $I of table FROM_ACCESS looks into the database \"groups\","
                    + " which is not there",
                "rules/mappings:7:1 error flag $D of table REVERSE looks into the database \"reverse\","
                    + " which is not there",
            ])
    }
}
