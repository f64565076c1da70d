// SPDX-License-Identifier: MIT
import Foundation
import Gates
import Mail
import Testing

@testable import Configuration

@Suite("The configuration file")
struct SettingsReaderTests {
    @Test("what it leaves out stands at its default")
    func defaults() throws {
        let findings = SettingsFixture.parse(SettingsFixture.good)
        #expect(findings.complaints.isEmpty)
        let settings = try #require(findings.settings)
        #expect(settings.service.stateFolder == "/srv/rules/state")
        #expect(settings.service.services.map(\.listen.description) == ["127.0.0.1:2525"])
        #expect((1...4).contains(settings.service.inboundWorkers))
        #expect(settings.service.tls == nil)
        #expect(settings.policy.channels["inside"]?.hasRoute == true)
        #expect(settings.policy.channels["tcp_local"]?.hasRoute == false)
        #expect(settings.policy.domains == ["example.net": "inside"])
        #expect(settings.policy.mixedReject == .hold)
        #expect(
            settings.routes == [
                "inside": RouteSettings(destination: .maildir("/srv/rules/state/maildir"), connections: 10)
            ])
        #expect(settings.session.messageOctetsMax == 10 << 20)
        #expect(settings.queue.retrySeconds == [900, 1_800, 3_600, 7_200, 14_400])
        #expect(settings.queue.expirySeconds == 432_000)
        #expect(settings.cases.level == .headers)
        #expect(settings.lookups.servers.isEmpty)
        #expect(settings.scanners.isEmpty)
    }

    @Test("every value that is given is taken")
    func given() throws {
        let findings = SettingsFixture.parse(
            SettingsFixture.good + """
                ".example.org" = "relay"
                [channel.relay]
                next_hop = "[2001:db8::1]:25"
                connections = 3
                destination_script = "out"
                [limits]
                message_size = "20 MB"
                recipients = 7
                content_time = "1m"
                [queue]
                retry = [60, "2h"]
                expiry = "2d"
                held_full = "reject"
                [cases]
                level = "full"
                [dns]
                servers = ["192.0.2.53", "127.0.0.1:5353"]
                local_data = ["a.example. 60 IN A 192.0.2.1", "a.example. TXT \\"x y\\""]
                local_zones = ["Example."]
                [scanner.av]
                kind = "clamav"
                signatures = "/var/lib/clamav"
                budget_seconds = 9
                on_infected = "reject"
                on_unscanned_permanent = "relay"
                [folders]
                "Junk Mail" = "hold"
                [process]
                inbound_workers = 2
                [tls]
                certificate = "a.pem"
                key = "/k.pem"
                """)
        #expect(findings.complaints.isEmpty)
        let settings = try #require(findings.settings)
        #expect(settings.routes["relay"]?.destination == .smtp(NextHop(host: "2001:db8::1", port: 25)))
        #expect(settings.routes["relay"]?.connections == 3)
        #expect(settings.policy.channels["relay"]?.destinationScript == "out")
        #expect(settings.session.messageOctetsMax == 20 << 20)
        #expect(settings.session.recipientsMax == 7)
        #expect(settings.session.contentSecondsMax == 60)
        #expect(settings.queue.retrySeconds == [60, 7_200])
        #expect(settings.queue.heldFull == .reject)
        #expect(settings.cases.level == .full)
        #expect(settings.lookups.servers.map(\.description) == ["192.0.2.53:53", "127.0.0.1:5353"])
        #expect(settings.lookups.localData.count == 2)
        #expect(settings.lookups.localZones == ["example"])
        #expect(settings.scanners.first?.signaturesFolder == "/var/lib/clamav")
        #expect(settings.scanners.first?.budgetSeconds == 9)
        #expect(
            settings.policy.scanners == [
                Policy.ScannerPolicy(name: "av", onInfected: .reject, onUnscannedPermanent: .relay)
            ])
        #expect(settings.policy.folders == ["Junk Mail": .hold])
        #expect(settings.service.inboundWorkers == 2)
        #expect(settings.service.tls == .init(certificate: "/srv/rules/a.pem", key: "/k.pem"))
    }

    @Test(
        "an unknown key is a mistake with its place, and the key that was meant",
        arguments: [
            (
                "[limits]\nmesage_size = 1\n", "22:1+11 unknown key \"mesage_size\" in [limits]",
                "message_size"
            ),
            ("[limit]\n", "21:2+5 unknown table [limit]", "limits"),
            ("[queue]\nretrie = 1\n", "22:1+6 unknown key \"retrie\" in [queue]", "retry"),
            ("[channel.x]\nnext-hop = 1\n", "22:1+8 unknown key \"next-hop\" in [channel.x]", "next_hop"),
            ("[dns]\n\"time out ms\" = 1\n", "22:1+13 unknown key \"time out ms\" in [dns]", "timeout_ms"),
        ])
    func unknownKey(text: String, message: String, meant: String) throws {
        let complaints = SettingsFixture.parse(SettingsFixture.good + text).complaints
        #expect(complaints.map(SettingsFixture.text) == [message])
        #expect(complaints.first?.help.hasPrefix("did you mean \"\(meant)\"? known here: ") == true)
    }

    @Test("a key that resembles none has only the list of what is known there")
    func unlikeAny() {
        let complaints = SettingsFixture.parse(
            SettingsFixture.good + "[operations2]\nx = 1\n[cases]\nzzz = 1\n"
        ).complaints
        #expect(
            complaints.map(\.help).last
                == "known here: \"level\", \"max_size\", \"max_days\", \"fold_per_minute\"")
    }

    @Test(
        "a wrong type is a mistake with the place of the value",
        arguments: [
            (
                "[limits]\nrecipients = \"many\"\n",
                "22:14+6 limits.recipients must be an integer, not a string"
            ),
            (
                "[limits]\nsessions = 1.5\n",
                "22:12+3 limits.sessions must be an integer, not a number with a fraction"
            ),
            ("[process]\nuser = 7\n", "22:8+1 process.user must be a string, not an integer"),
            (
                "[dns]\nservers = \"192.0.2.1\"\n",
                "22:11+11 dns.servers must be a list of strings, not a string"
            ),
            (
                "[dns]\nservers = [\n  7 ]\n",
                "23:3+1 an element of dns.servers is an integer; it must be a list of strings"
            ),
            ("[cases]\nlevel = true\n", "22:9+4 cases.level must be a string, not true or false"),
            ("[folders]\nx = []\n", "22:5+2 folders.x must be a string, not a list"),
            ("[scanner]\nav = 1\n", "22:1+2 scanner.av must be a table, not an integer"),
            (
                "[queue]\nexpiry = 2026-01-01\n",
                "22:10+10 queue.expiry must be a duration: seconds, or a string such as"
                    + " \"30s\", \"15m\", \"1h\" or \"5d\", not a date or time"
            ),
            (
                "[limits]\nmessage_size = \"10 TB\"\n",
                "22:16+7 limits.message_size must be a size: octets, or a string such as"
                    + " \"512K\", \"10M\" or \"2G\", not \"10 TB\""
            ),
        ])
    func wrongType(text: String, message: String) {
        #expect(SettingsFixture.complaints(appending: text) == [message])
    }

    @Test("a table where a value belongs, and a value where a table belongs")
    func tableOrValue() {
        #expect(
            SettingsFixture.parse("limits = 3\n" + SettingsFixture.good).complaints.map(SettingsFixture.text)
                == [
                    "1:1+6 limits must be a table, not an integer"
                ])
        #expect(
            SettingsFixture.complaints(appending: "[limits.recipients]\n") == [
                "21:1+19 limits.recipients must be an integer, not a table"
            ])
        #expect(
            SettingsFixture.complaints(appending: "[folders.x]\n[cases]\nlevel = [1]\n") == [
                "21:1+11 folders.x must be a string, not a table",
                "23:9+3 cases.level must be a string, not a list",
            ])
    }

    @Test(
        "a value out of its range says what the range is",
        arguments: [
            ("[limits]\nrecipients = 0\n", "22:14+1 limits.recipients is 0; it must be from 1 to 10000"),
            (
                "[limits]\nmessage_size = \"2G\"\n",
                "22:16+4 limits.message_size is 2G; it must be from 64K to 256M"
            ),
            (
                "[limits]\ncontent_time = \"1h\"\n",
                "22:16+4 limits.content_time is 1h; it must be from 1s to 8m"
            ),
            ("[queue]\nretry = [\"15m\", \"0s\"]\n", "22:17+4 queue.retry is 0s; it must be from 1s to 7d"),
            ("[queue]\nretry = []\n", "22:1+5 queue.retry has 0 elements; 1 to 100 are allowed"),
            (
                "[process]\ninbound_workers = -1\n",
                "22:19+2 process.inbound_workers is -1; it must be from 1 to 64"
            ),
        ])
    func range(text: String, message: String) {
        #expect(SettingsFixture.complaints(appending: text) == [message])
    }

    @Test("a word that isn't one of the set is named with the one that was meant")
    func words() {
        let complaints = SettingsFixture.parse(
            SettingsFixture.good + "[cases]\nlevel = \"header\"\n[folders]\nx = \"held\"\n"
        ).complaints
        #expect(
            complaints.map(SettingsFixture.text) == [
                "22:9+8 cases.level can't be \"header\"", "24:5+6 folders.x can't be \"held\"",
            ])
        #expect(
            complaints[0].help == "did you mean \"headers\"? it takes one of \"facts\", \"headers\", \"full\""
        )
    }

    @Test("a channel that doesn't exist is named where it is used")
    func unknownChannels() {
        let text = SettingsFixture.good.replacingFirst("= \"inside\"", "= \"insid\"")
            .replacingFirst("state = \"state\"", "state = \"state\"\noutside_channel = \"tcp_lokal\"")
        let complaints = SettingsFixture.parse(text).complaints
        #expect(
            complaints.map(SettingsFixture.text) == [
                "5:19+11 gateway.outside_channel is \"tcp_lokal\", but there is no such channel",
                "21:17+7 the channel of domain example.net is \"insid\", but there is no such channel",
            ])
        #expect(
            complaints[1].help.hasPrefix(
                "did you mean \"inside\"? channels here: inside, tcp_intranet, tcp_local"))
    }

    @Test("a domain must leave by a channel that has a way out, and the postmaster's too")
    func noRoute() {
        let text = SettingsFixture.good.replacingFirst("maildir = \"maildir\"\n", "")
        #expect(
            SettingsFixture.parse(text).complaints.map(SettingsFixture.text) == [
                "3:14+24 mail for the postmaster has no way out: channel inside has no route",
                "19:17+8 channel inside has no way out, but domain example.net leaves by it",
            ])
    }

    @Test("every domain may be accepted on loopback only")
    func openRelay() {
        #expect(SettingsFixture.complaints(appending: "\".\" = \"inside\"\n").isEmpty)
        let open =
            SettingsFixture.good.replacingFirst("127.0.0.1:2525", "0.0.0.0:25") + "\".\" = \"inside\"\n"
        #expect(
            SettingsFixture.parse(open).complaints.map(SettingsFixture.text) == [
                "21:1+3 \".\" accepts every domain: on a port that is not loopback this is an open relay"
            ])
    }

    @Test(
        "what can't be an address, a host, a record or a name is refused",
        arguments: [
            (
                "[channel.x]\nnext_hop = \"mail.example.net\"\n",
                "22:12+18 channel.x.next_hop is no host and port"
            ),
            ("[channel.x]\nnext_hop = \"a b:25\"\n", "22:12+8 channel.x.next_hop is no host and port"),
            ("[channel.x]\nnext_hop = \"h:0\"\n", "22:12+5 channel.x.next_hop is no host and port"),
            ("[channel.\"a|b\"]\n", "21:10+5 \"a|b\" can't be the name of a channel"),
            (
                "[[service]]\nname = \"b\"\nlisten = \"localhost:1\"\n",
                "23:10+13 service.listen is no address and port"
            ),
            (
                "[[service]]\nname = \"smtp\"\nlisten = \"127.0.0.1:0\"\n",
                "22:8+6 two services are named \"smtp\""
            ),
            ("\"exa mple\" = \"inside\"\n", "21:1+10 \"exa mple\" is no domain"),
            ("\"Example.NET\" = \"inside\"\n", "21:1+13 domain example.net is given twice"),
            ("[dns]\nlocal_data = [\"x\"]\n", "22:15+3 \"x\" is no DNS record"),
            ("[dns]\nlocal_data = [\"x. A ::1\"]\n", "22:15+10 the record's address isn't one for type A"),
            ("[dns]\nlocal_data = [\"x. SRV 1\"]\n", "22:15+10 SRV records can't be given here"),
            ("[tls]\nkey = \"k\"\n", "22:7+3 a certificate needs its key, and a key its certificate"),
            ("[channel.x]\nmaildir = \"\"\n", "22:11+2 channel.x.maildir is no path"),
        ])
    func refused(text: String, message: String) {
        #expect(SettingsFixture.complaints(appending: text) == [message])
    }

    @Test("a channel with two ways out is refused")
    func twoWays() {
        #expect(
            SettingsFixture.complaints(appending: "[channel.x]\nmaildir = \"m\"\nnext_hop = \"h:25\"\n") == [
                "22:11+3 channel.x has both a maildir and a next hop"
            ])
    }

    @Test("what is required and missing is named with the line to add")
    func missing() {
        let complaints = SettingsFixture.parse("[gateway]\n[scanner.av]\n").complaints
        #expect(
            complaints.map(\.message)
                == [
                    "service is missing", "gateway.hostname is missing", "gateway.state is missing",
                    "gateway.postmaster is missing",
                    "gateway.outside_channel is \"tcp_local\", but there is no such channel",
                    "gateway.inside_channel is \"tcp_intranet\", but there is no such channel",
                    "operations.listen is missing",
                    "scanner.av.kind is missing", "scanner.av.signatures is missing",
                ].sortedAs(complaints.map(\.message)))
        #expect(complaints.contains { $0.help == "add hostname = \"gate.example.net\" under [gateway]" })
    }

    @Test("ten mistakes are reported at once, in the order of the file, and nothing is taken over")
    func tenMistakes() {
        let findings = SettingsFixture.parse(
            """
            [gateway]
            hostname = "not a host"
            postmaster = "nobody"
            state = 7
            stat = "x"
            [[service]]
            name = "smtp"
            kind = "lmtp"
            listen = "2525"
            [operations]
            listen = "127.0.0.1:8025"
            [channel.tcp_local]
            [channel.tcp_intranet]
            [channel.inside]
            maildir = "m"
            connections = 0
            [domains]
            "example.net" = "outside"
            [limits]
            message_size = "big"
            [scanner.clamav]
            kind = "clamd"
            signatures = "s"
            """)
        #expect(findings.settings == nil)
        #expect(
            findings.complaints.map { "\($0.line):\($0.column)" } == [
                "2:12", "3:14", "4:9", "5:1", "8:8", "9:10", "16:15", "18:17", "20:16", "22:8",
            ])
    }

    @Test("what is no TOML is one mistake with its place")
    func noTOML() {
        let findings = SettingsFixture.parse("[gateway]\nhostname = gate\n")
        #expect(findings.settings == nil)
        #expect(findings.complaints.map { "\($0.line):\($0.column)" } == ["2:12"])
    }
}

extension String {
    func replacingFirst(_ text: String, _ other: String) -> String {
        guard let range = range(of: text) else { return self }
        return replacingCharacters(in: range, with: other)
    }
}

extension [String] {
    /// The same elements in another list's order, for comparisons where only the elements matter.
    func sortedAs(_ other: [String]) -> [String] { sorted() == other.sorted() ? other : self }
}
