// SPDX-License-Identifier: MIT
import Gates
import Mail
import Testing

@testable import Configuration

@Suite("Settings of verification")
struct VerificationSettingsTests {
    private func settings(_ text: String) throws -> Settings {
        let findings = SettingsFixture.parse(SettingsFixture.good + text)
        #expect(findings.complaints.map(SettingsFixture.text) == [])
        return try #require(findings.settings)
    }

    /// Messages and helps, without their places.
    private func complaints(_ text: String) -> [String] {
        SettingsFixture.parse(SettingsFixture.good + text).complaints.map { "\($0.message); \($0.help)" }
    }

    @Test("left out, nothing is verified and any listing refuses")
    func defaults() throws {
        let settings = try settings("")
        #expect(settings.policy.verification == VerificationPolicy())
        #expect(settings.policy.verification.lists.rejectAt == 1)
        #expect(settings.dnsLists.isEmpty)
        #expect(settings.policy.channels["tcp_local"]?.verifiesSenderDomains == false)
    }

    @Test("DNS lists have zones, kinds, answers and weights")
    func lists() throws {
        let settings = try settings(
            """
            [dns_list.zen]
            zone = "Zen.Example.ORG."
            answers = ["127.0.0.2", "127.0.0.4/30", "127.0.0.10-127.0.0.11"]
            weight = 3
            text = "see our page"
            [dns_list.friends]
            zone = "wl.example.org"
            kind = "allow"
            self_test = false
            [dns_list.names]
            zone = "dbl.example.org"
            of = "sender"
            [dns_lists]
            reject_at = 5
            defer_at = 4
            hold_at = 2
            on_failure = "defer"

            """)
        let lists = settings.policy.verification.lists
        #expect(lists.lists.map(\.name) == ["zen", "friends", "names"])
        #expect(lists.lists.map(\.zone) == ["zen.example.org", "wl.example.org", "dbl.example.org"])
        #expect(lists.lists.map(\.weight) == [3, nil, 1])
        #expect(lists.lists.map(\.kind) == [.block, .allow, .block])
        #expect(lists.lists.map(\.subject) == [.client, .client, .sender])
        #expect(
            lists.lists[0].answers.map(\.description) == [
                "127.0.0.2", "127.0.0.4-127.0.0.7", "127.0.0.10-127.0.0.11",
            ])
        #expect(lists.lists[0].text == "see our page")
        #expect([lists.rejectAt, lists.deferAt, lists.holdAt] == [5, 4, 2])
        #expect(lists.onFailure == .defer)
        #expect(settings.dnsLists.map(\.isSelfTested) == [true, false, true])
        #expect(settings.dnsLists.map(\.isByName) == [false, false, true])
    }

    @Test("a threshold of 0 is never reached, and one behind a stronger one is a mistake")
    func thresholds() throws {
        #expect(try settings("[dns_lists]\nreject_at = 0\n").policy.verification.lists.rejectAt == nil)
        #expect(
            complaints("[dns_lists]\nreject_at = 3\nhold_at = 3\n") == [
                "dns_lists.hold_at is never reached: reject_at is 3; let it be less than reject_at, or write "
                    + "reject_at = 0 for never"
            ])
    }

    @Test("what can't be a list's answer is a mistake, with its place")
    func answers() {
        let text =
            "[dns_list.a]\nzone = \"a.test\"\nanswers = [\"127.0.0.300\", \"192.0.2.1\", \"127.255.255.254\"]\n"
        let found = SettingsFixture.complaints(appending: text)
        #expect(found.count == 3)
        #expect(found[0].hasSuffix("+13 \"127.0.0.300\" is no range of addresses"))
        #expect(found[1].contains("is outside 127.0.0.0/8"))
        #expect(found[2].contains("by which lists say that they didn't answer"))
        #expect(complaints("[dns_list.a]\nzone = \"a b\"\n").count == 1)
        #expect(complaints("[dns_list.a]\n")[0].hasPrefix("dns_list.a.zone is missing"))
        #expect(
            complaints("[dns_list.a]\nzone = \"a.test\"\nkind = \"blok\"\n")[0].contains(
                "did you mean \"block\"?"))
    }

    @Test("senders are verified by channel")
    func senders() throws {
        let settings = try settings(
            """
            [channel.partner]
            mailfromdnsverify = true
            [senders]
            blocked_mail_from_ips = ["192.0.2.1", "198.51.100.0/24"]
            on_failure = "accept"
            [client_names]
            lookup = "always"

            """)
        #expect(settings.policy.channels["partner"]?.verifiesSenderDomains == true)
        #expect(settings.policy.verification.senders.blockedRanges.count == 2)
        #expect(settings.policy.verification.senders.onFailure == .accept)
        #expect(settings.policy.verification.clientNames == .always)
        #expect(complaints("[senders]\nblocked_mail_from_ips = [\"x\"]\n").count == 1)
    }

    @Test("a domain says who knows its recipients")
    func domains() throws {
        let settings = try settings(
            """
            [database.users]
            file = "users.txt"
            [directory.default]
            servers = ["ldap://127.0.0.1:3890"]
            base = "o=test"
            [channel.hop]
            next_hop = "192.0.2.1:25"
            [domain."Example.ORG"]
            channel = "inside"
            recipients = "database:users"
            detail_separator = "+"
            [domain.".example.org"]
            channel = "inside"
            recipients = "directory:default"
            recipient_filter = "(uid=%u)"
            on_failure = "accept"
            [domain."relay.example.com"]
            channel = "hop"
            kind = "internal_relay"
            recipients = "call_ahead"
            [domain."plain.example.com"]
            channel = "hop"

            """)
        let domains = settings.policy.verification.domains
        #expect(settings.policy.domains["example.org"] == "inside")
        #expect(settings.policy.domains["example.net"] == "inside")
        #expect(
            domains["example.org"]
                == .init(kind: .authoritative, recipients: .database("users"), detailSeparator: "+"))
        #expect(
            domains[".example.org"]
                == .init(
                    kind: .authoritative, recipients: .directory(.init(name: "default", filter: "(uid=%u)")),
                    onFailure: .accept))
        #expect(domains["relay.example.com"] == .init(kind: .internalRelay, recipients: .callAhead))
        #expect(domains["plain.example.com"] == .init(kind: .internalRelay))
    }

    @Test(
        "a domain whose recipients nobody can know is a mistake",
        arguments: [
            ("channel = \"insid\"", "there is no such channel"),
            ("channel = \"inside\"\nkind = \"authoritative\"", "nothing says who its recipients are"),
            ("channel = \"inside\"\nrecipients = \"database:users\"", "there is no database \"users\""),
            ("channel = \"inside\"\nrecipients = \"directory:x\"", "there is no directory \"x\""),
            ("channel = \"inside\"\nrecipients = \"call_ahed\"", "did you mean \"call_ahead\"?"),
            ("channel = \"inside\"\nrecipients = \"call_ahead\"", "a maildir can't be asked who is there"),
            ("channel = \"inside\"\nrecipient_filter = \"(a=%a)\"", "means nothing without a directory"),
            ("channel = \"inside\"\ndetail_separator = \"++\"", "can't divide an address"),
            ("channel = \"tcp_local\"", "has no way out"),
        ])
    func domainMistakes(text: String, message: String) {
        let found = complaints("[domain.\"example.org\"]\n\(text)\n")
        #expect(found.count == 1)
        #expect(found.first?.contains(message) == true, "\(found)")
    }

    @Test("an internal relay's recipients are in no database, and a domain is given once")
    func contradictions() {
        let found = complaints(
            "[database.u]\nfile = \"u\"\n[domain.\"example.NET\"]\nchannel = \"inside\"\n"
                + "kind = \"internal_relay\"\nrecipients = \"database:u\"\n")
        #expect(found.count == 2)
        #expect(found.contains { $0.contains("only the next hop knows its recipients") })
        #expect(found.contains { $0.contains("domain example.net is given twice") })
    }

    @Test("a filter that is none is a mistake")
    func filter() {
        let found = complaints(
            "[directory.d]\nservers = [\"ldap://127.0.0.1\"]\nbase = \"o=x\"\n"
                + "[domain.\"a.test\"]\nchannel = \"inside\"\nrecipients = \"directory:d\"\n"
                + "recipient_filter = \"(mail=%x)\"\n")
        #expect(found.count == 1)
        #expect(found.first?.contains("is no filter: after \"%\" stands one of") == true)
    }

    @Test("greylisting names a meter of its type, and the outside where it names no channel")
    func greylist() throws {
        let settings = try settings(
            """
            [meter.grey]
            type = "greylist"
            [greylist]
            meter = "grey"
            key = ["client", "sender_domain"]
            ipv4_prefix = 28
            exempt_clients = ["192.0.2.0/24", ".Example.ORG"]
            exempt_confirmed_names = true
            on_failure = "defer"

            """)
        let greylist = try #require(settings.policy.verification.greylist)
        #expect(greylist.channels == ["tcp_local"])
        #expect(greylist.key == [.client, .senderDomain])
        #expect(greylist.prefixBitsIPv4 == 28 && greylist.prefixBitsIPv6 == 64)
        #expect(greylist.exemptClients.last == .name(".example.org"))
        #expect(greylist.exemptsConfirmedNames && greylist.onFailure == .defer)
    }

    @Test("a greylist without its meter, or with another's, is a mistake")
    func greylistMistakes() {
        #expect(complaints("[greylist]\n").first?.hasPrefix("greylist.meter is missing") == true)
        #expect(
            complaints("[greylist]\nmeter = \"grey\"\n") == [
                "there is no meter \"grey\"; add [meter.grey] with type = \"greylist\""
            ])
        let other = complaints("[meter.ips]\ntype = \"throttle\"\n[greylist]\nmeter = \"ips\"\n")
        #expect(other == ["meter \"ips\" is no greylist; add [meter.grey] with type = \"greylist\""])
        let named = complaints(
            "[meter.g]\ntype = \"greylist\"\n[greylist]\nmeter = \"g\"\nchannels = [\"tcp_locl\"]\n"
                + "exempt_clients = [\"192.0.2\"]\nkey = [\"sendr\"]\n")
        #expect(named.count == 3)
        #expect(named.contains { $0.contains("did you mean \"tcp_local\"?") })
        #expect(named.contains { $0.contains("did you mean \"sender\"?") })
    }
}
