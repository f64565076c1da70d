// SPDX-License-Identifier: MIT
import Gates
import Mail
import SieveLanguage
import Testing

@testable import Configuration

@Suite("Settings of filters")
struct FilterSettingsTests {
    private func settings(_ text: String) throws -> Settings {
        let findings = SettingsFixture.parse(SettingsFixture.good + text)
        #expect(findings.complaints.map(SettingsFixture.text) == [])
        return try #require(findings.settings)
    }

    private func messages(_ text: String) -> [String] {
        SettingsFixture.parse(SettingsFixture.good + text).complaints.map(\.message)
    }

    @Test("nothing said: users' scripts are held to less than operators', and nobody else is asked")
    func standard() throws {
        let filters = try settings("").policy.filters
        #expect(filters == FilterPolicy())
        #expect(!filters.readsUserFolder && filters.directory == nil)
        #expect(filters.userLimits.redirectsMax <= filters.operatorLimits.redirectsMax)
        #expect(filters.userLimits.instructionsMax < filters.operatorLimits.instructionsMax)
        #expect(
            filters.withheldFromUsers.isSuperset(of: ["jettison", "hold", "capture", "refuse", "novacation"]))
    }

    private static let everything =
        """
        [sieve]
        user_folder = "users"
        home_folders = "/home"
        on_unreachable = "skip"
        mta_on_error = "defer"
        domain_on_error = "keep"
        household_on_error = "keep"
        withheld_from_users = ["jettison"]
        recipient_delimiters = "+-"
        time_zone = "-05:30"
        vacation_min = "2d"
        vacation_from_recipient = true
        redirect_sender = "recipient"
        notification_sender = "nobody"
        report_from = "abuse@example.net"
        protected_fields = ["X-Internal"]
        flags_field = "X-Flags"

        [sieve.limits.user]
        script_size = "64K"
        redirects = 1
        instructions = 500

        [sieve.limits.operator]
        body_size = "10M"

        [sieve.directory]
        name = "people"
        filter = "(|(mail=%a)(mailAlternateAddress=%a))"
        domain_filter = "(associatedDomain=%d)"
        household_reference = "hohRef"
        household_switch = "hohOn"

        [directory.people]
        servers = ["ldap://ldap.example.net"]

        [channel.filtered]
        next_hop = "192.0.2.1:25"
        filter = "file:$~/mail.sieve"
        destination_filter = "file:people/$D/$L.sieve"
        source_filter = "ldap://ldap.example.net/o=x?rule?sub?(uid=$M)"
        destination_on_error = "defer"
        source_on_error = "keep"
        """

    @Test("everything can be said")
    func all() throws {
        let settings = try settings(Self.everything)
        let filters = settings.policy.filters
        #expect(filters.readsUserFolder && filters.onUnreachable == .skip)
        #expect(
            [filters.mtaOnError, filters.domainOnError, filters.householdOnError] == [.defer, .keep, .keep])
        #expect(filters.withheldFromUsers == ["jettison"])
        #expect(filters.settings.recipientDelimiters == "+-")
        #expect(filters.settings.zoneOffsetMinutes == -330)
        #expect(filters.settings.vacationSecondsMin == 172_800)
        #expect(filters.settings.vacationFromRecipient)
        #expect(filters.settings.redirectSender == .recipient)
        #expect(filters.settings.notificationSender == .fixed(nil))
        #expect(filters.settings.reportFrom == .fixed(Address("abuse@example.net")))
        #expect(filters.settings.unaddableFields == ["x-internal", "x-flags"])
        #expect(filters.settings.undeletableFields == ["received", "auto-submitted", "x-internal"])
        #expect(filters.flagsField == "X-Flags")
        #expect(filters.userLimits.scriptOctetsMax == 65_536 && filters.userLimits.redirectsMax == 1)
        #expect(filters.operatorLimits.bodyOctetsMax == 10 << 20)
        #expect(filters.directory?.filter == "(|(mail=%a)(mailAlternateAddress=%a))")
        let channel = try #require(settings.policy.channels["filtered"]).filters
        #expect(channel.user != nil && channel.destination != nil && channel.source != nil)
        #expect(channel.destinationOnError == .defer && channel.sourceOnError == .keep)
        #expect(
            settings.filters.folders == [
                "users": "/srv/rules/users", "channel.filtered.filter": "/home",
                "channel.filtered.destination_filter": "/srv/sieve/people",
            ])
    }

    @Test(
        "a mistake is told with what is wrong",
        arguments: [
            ("[sieve]\ntime_zone = \"CET\"", "sieve.time_zone is no difference from UTC"),
            ("[sieve]\nredirect_sender = \"me\"", "sieve.redirect_sender can't be \"me\""),
            (
                "[sieve]\nprotected_fields = [\"a:\"]",
                "sieve.protected_fields: \"a:\" can't be the name of a header field"
            ),
            (
                "[sieve]\nwithheld_from_users = [\"jetison\"]",
                "\"jetison\" is no capability of Sieve scripts here"
            ),
            ("[sieve]\nuser_foldr = \"x\"", "unknown key \"user_foldr\" in [sieve]"),
            ("[sieve.limits.users]\nredirects = 1", "unknown key \"users\" in [sieve.limits]"),
            (
                "[sieve.limits.user]\nredirects = -1",
                "sieve.limits.user.redirects is -1; it must be from 0 to 100"
            ),
            ("[sieve.directory]\nname = \"x\"", "there is no directory \"x\""),
            ("[sieve.directory]", "there is no directory \"default\""),
            ("[channel.a]\nfilter = \"x\"", "channel.a.filter: it is no URL of a filter"),
            (
                "[channel.a]\nfilter = \"file:$~/x\"",
                "channel.a.filter has $~, and nothing says where homes are"
            ),
            (
                "[channel.a]\nfilter = \"file:x/$M\"",
                "channel.a.filter has $M or $I, which only a directory knows"
            ),
            ("[channel.a]\nsource_script = \"x\"\nsource_filter = \"file:x\"", "[channel.a]"),
        ])
    func mistakes(text: String, message: String) {
        let found = messages("\n" + text + "\n")
        #expect(
            found.contains { $0.contains(message.replacing("[channel.a]", with: "has both source_filter")) },
            "\(found)")
    }
}

@Suite("Scripts of a ruleset")
struct ScriptCompilationTests {
    @Test("may include each other: a user's beside his own, and global ones")
    func includes() throws {
        let rules = try RulesFixture()
        try rules.folder.write(
            #"require "include"; include "more"; include :global "all";"#,
            to: "sieve/users/Ann@example.net.sieve")
        try rules.folder.write(
            #"require "include"; include :global "all";"#, to: "sieve/users/ann@example.net/more.sieve")
        try rules.folder.write("discard;", to: "sieve/global/all.sieve")
        let compilation = rules.compile()
        #expect(compilation.complaints == [])
        let scripts = try #require(compilation.ruleset).scripts
        #expect(scripts.users.keys.sorted() == ["ann@example.net"])
        #expect(scripts.global == ["all": Array("discard;".utf8)])
    }

    @Test("a mistake in an included script is told once, in its own file")
    func included() throws {
        let rules = try RulesFixture()
        try rules.folder.write(#"require "include"; include :global "all";"#, to: "sieve/mta.sieve")
        try rules.folder.write("discard", to: "sieve/global/all.sieve")
        try rules.folder.write("keep;", to: "sieve/users/bob@example.net/alone.sieve")
        let found = rules.complaints()
        #expect(found.count { $0.contains("sieve/global/all.sieve:1") } == 1)
        #expect(
            found.contains { $0.contains("mta.sieve:1:36 error the included script \"all\" has mistakes") })
        #expect(
            found.contains {
                $0.hasPrefix("sieve/users/bob@example.net/alone.sieve:1:1 warning there is no script of bob@")
            })
    }

    @Test("a user's script can't require what the policy withholds, an operator's can")
    func withheld() throws {
        let rules = try RulesFixture()
        try rules.folder.write("require \"jettison\"; jettison;", to: "sieve/mta.sieve")
        try rules.folder.write("require \"jettison\"; jettison;", to: "sieve/users/ann@example.net.sieve")
        let found = rules.complaints()
        #expect(!found.isEmpty && found.allSatisfy { $0.hasPrefix("sieve/users/ann@example.net.sieve") })
    }

    @Test("a file that a filter URL names belongs to the ruleset, and a script in a URL is checked")
    func urls() throws {
        let rules = try RulesFixture()
        let more = """

            [channel.x]
            next_hop = "192.0.2.1:25"
            destination_filter = "file:channels/one.sieve"
            source_filter = "data:,foo;"
            filter = "file:missing.sieve"
            """
        try rules.folder.write(SettingsFixture.good + more, to: "rules/postern.toml")
        try rules.folder.write("keep;", to: "sieve/channels/one.sieve")
        let found = rules.complaints()
        #expect(found.count == 2, "\(found)")
        #expect(found.contains { $0.contains("channel.x.source_filter: line 1 of the script, column 1: ") })
        #expect(found.contains { $0.hasPrefix("sieve/missing.sieve:1:1 error the file can't be used") })
        try rules.folder.write("keep;", to: "sieve/missing.sieve")
        try rules.folder.write(
            SettingsFixture.good + more.replacing("foo;", with: "keep;"), to: "rules/postern.toml")
        let compilation = rules.compile()
        #expect(compilation.complaints == [])
        let ruleset = try #require(compilation.ruleset)
        #expect(
            ruleset.scripts.filters.keys.sorted() == ["channel.x.destination_filter", "channel.x.filter"])
        try rules.folder.write("discard;", to: "sieve/missing.sieve")
        #expect(rules.compile().ruleset?.hash != ruleset.hash)
    }

    @Test("templates are checked, with their places")
    func templates() throws {
        let rules = try RulesFixture()
        try rules.folder.write(
            "# $Prompt a text : q\nfileinto \"%{a}\";\n", to: "sieve/templates/t.sieve-template")
        try rules.folder.write(
            "# $Prompt a text : q\nrequire \"fileinto\";\nfileinto \"%{a}\";\n",
            to: "sieve/templates/good.sieve-template")
        let found = rules.complaints()
        #expect(
            found.count == 1 && found[0].hasPrefix("sieve/templates/t.sieve-template:2:1 error "), "\(found)")
        #expect(rules.read().sources.templates.map(\.name) == ["good", "t"])
    }
}
