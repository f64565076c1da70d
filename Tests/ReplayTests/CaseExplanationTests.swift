// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates
@testable import Replay

@Suite("A case in words")
struct CaseExplanationTests {
    private func lines(_ fate: String) throws -> [String] {
        CaseExplanation(try #require(House.fates(try House.ruleset())[fate])).lines
    }

    @Test("a clean message: who, what was asked, how it ended")
    func clean() throws {
        let expected = [
            "Case A1-1.1: accepted and relayed",
            "",
            "A client connected from 192.0.2.7 port 4711 to 198.51.100.1 port 25.",
            "    asked  DNS A 7.2.0.192.list.test: no such name",
            "    asked  DNS TXT 7.2.0.192.list.test: no such name",
            "    mapping  mappings:9  PORT_ACCESS TCP|198.51.100.1|25|192.0.2.7|4711  "
                + "[$0=TCP|198.51.100.1|25|192.0.2.7|4711]  flags Y",
            "    mapping  -  INTERNAL_IP 192.0.2.7: no entry gave a result",
            "  => admitted by channel tcp_local",
            "It said EHLO client.example, and MAIL FROM:<alice@sender.example>.",
            "    mapping  -  FROM_ACCESS TCP|198.51.100.1|25|192.0.2.7|4711|SMTP/client.example|MAIL|"
                + "tcp_local|alice@sender.example|: no entry gave a result",
            "  => admitted",
            "It said RCPT TO:<bob@example.test>.",
            "    mapping  -  ORIG_SEND_ACCESS tcp_local|alice@sender.example|inside|bob@example.test: "
                + "no entry gave a result",
            "    mapping  -  ORIG_MAIL_ACCESS TCP|198.51.100.1|25|192.0.2.7|4711|SMTP/client.example|MAIL|"
                + "tcp_local|alice@sender.example|inside|bob@example.test: no entry gave a result",
            "  => admitted for channel inside",
            "It sent 61 octets, SHA-256 5555555555555555....",
            "    asked  scan by clamav: clean, after 4 ms",
            "    scanner  postern.toml [scanner.clamav]  clamav: clean",
            "    settlement  -  bob@example.test: relay",
            "    settlement  -  reply: 250 2.0.0 Message accepted",
            "  => 250 2.0.0 Message accepted",
            "",
            "Judged by ruleset aaaaaaaaaaaa; the connection by aaaaaaaaaaaa.",
        ]
        let lines = try lines("clean")
        for (line, wanted) in zip(lines, expected) { #expect(line == wanted) }
        #expect(lines.count == expected.count)
    }

    @Test("an infected message: which scanner, which part, which rule")
    func infected() throws {
        let lines = try lines("infected")
        #expect(
            lines.first
                == "Case A1-2.1: accepted and held for the postmaster, by postern.toml [scanner.clamav]")
        #expect(
            lines.contains(
                "    asked  scan by clamav: infected with Eicar-Test in part 2, after 12 ms"))
        #expect(
            lines.contains(
                "    scanner  postern.toml [scanner.clamav]  clamav: infected: Eicar-Test in part 2, so hold")
        )
        #expect(
            lines.contains(
                "    settlement  postern.toml [scanner.clamav]  bob@example.test: hold: clamav found "
                    + "Eicar-Test in part 2"))
    }

    @Test("a listed client: the mapping entry, its line and the list's answer")
    func listed() throws {
        let lines = try lines("listed")
        #expect(lines.first == "Case A1-3.0: refused, by mappings:8")
        #expect(lines.contains("    asked  DNS A 9.2.0.192.list.test: 127.0.0.2 (for 300 s)"))
        #expect(
            lines.contains {
                $0.hasPrefix("    mapping  mappings:8  PORT_ACCESS TCP|") && $0.contains("flags N")
                    && $0.hasSuffix("(list.test answered 127.0.0.2)")
            })
        #expect(lines.last == "  => 554 5.7.1 listed for trying out")
    }

    @Test("a relay attempt: the line that refused, though another table had nothing against it")
    func relaying() throws {
        let lines = try lines("relaying")
        #expect(lines.first == "Case A1-4.1: refused, by mappings:18")
        #expect(
            lines.contains(
                "  => 550 5.7.1 Relaying not allowed: postmaster@elsewhere.example"))
        #expect(lines.contains("    mapping  mappings:18  ORIG_SEND_ACCESS: rejected first, so it decides"))
    }

    @Test("a sidelined message: the script's line, or the mapping entry that set $H")
    func sidelined() throws {
        let script = try lines("sidelined")
        #expect(script.first == "Case A1-5.1: accepted and held for the postmaster, by mta.sieve:3")
        #expect(script.contains(#"    sieve  mta.sieve:3  bob@example.test: MTA script: fileinto "Review""#))
        #expect(
            script.contains("    settlement  mta.sieve:3  bob@example.test: hold: filed into Review"))
        let flag = try lines("watched")
        #expect(flag.first == "Case A1-6.1: accepted and held for the postmaster, by mappings:13")
        #expect(flag.contains("  => admitted, to be held: FROM_ACCESS mappings:13 set $H"))
    }

    @Test("a folded case says how many refusals it stands for")
    func folded() throws {
        var record = try #require(House.fates(try House.ruleset())["listed"])
        record.foldedCount = 31
        #expect(
            CaseExplanation(record).lines[1]
                == "  It stands for 31 refusals of this kind within a minute.")
    }

    @Test("nothing from outside moves a cursor, ends a line or turns the direction of writing")
    func hostile() throws {
        let hostile = "\u{1B}[2J\n\r\u{7}\u{9B}1m\u{202E}\u{2028}\u{200B}\u{FEFF}"
        var record = try #require(House.fates(try House.ruleset())["watched"])
        record.id += hostile
        record.transaction?.session.helo = hostile
        record.transaction?.session.tls = hostile
        record.transaction?.ruleset = hostile
        record.transaction?.sender.sender = Address(localPart: hostile, domain: hostile)
        record.transaction?.content?.judgement.exchanges[0].answer = .unavailable(hostile)
        record.transaction?.content?.judgement.trail.entries[0] = Trail.Entry(
            .scanner, rule: hostile, about: hostile, captures: [hostile], flags: [hostile], result: hostile)
        record.connection.exchanges[0].answer = .dns(.records([hostile], ttlSeconds: 1))
        let lines = CaseExplanation(record).lines
        #expect(
            lines[0].hasPrefix(
                #"Case A1-6.1\u{1b}[2J\u{a}\u{d}\u{7}\u{9b}1m\u{202e}\u{2028}\u{200b}\u{feff}:"#))
        for line in lines {
            #expect(line.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7F })
        }
    }

    @Test("a long value is cut")
    func long() throws {
        var record = try #require(House.fates(try House.ruleset())["clean"])
        record.transaction?.session.helo = String(repeating: "x", count: 100_000)
        let line = try #require(CaseExplanation(record).lines.first { $0.hasPrefix("It said EHLO") })
        #expect(line.count < 2_200)
        #expect(line.contains("xxx..., and MAIL FROM"))
    }
}
