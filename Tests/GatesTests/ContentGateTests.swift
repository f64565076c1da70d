// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("The content gate")
struct ContentGateTests {
    @Test("the time and every scanner are asked at once")
    func questions() throws {
        let ruleset = try Rules.make(policy: Rules.scanning("one", "two"))
        let trial = ContentTrial(ruleset: ruleset)
        #expect(trial.driven.rounds == [[.time, .scan(scanner: "one"), .scan(scanner: "two")]])
    }

    @Test("without scanners and scripts a message is relayed, with one line of ours on top")
    func plain() throws {
        let trial = ContentTrial(ruleset: try Rules.make())
        #expect(trial.reply == Reply(250, "2.0.0", "Message accepted"))
        #expect(
            trial.settlement.entries
                == [
                    Settlement.Entry(
                        recipients: [Rules.mailbox("bob@example.test")], debt: .deliver(channel: "inside"),
                        edition: 0)
                ])
        let received = """
            Received: from client.example ([192.0.2.7])\r
            \tby gate.example.test (Postern) with ESMTP id A1-1.1\r
            \tfor <bob@example.test>;\r
            \tMon, 26 Oct 2026 00:53:20 +0000\r

            """
        #expect(trial.delivered == received + ContentTrial.plain)
    }

    @Test("facts without a recipient are an error, never accepted and never a crash")
    func nobody() throws {
        let trial = ContentTrial(ruleset: try Rules.make(), facts: Rules.facts([]))
        #expect(trial.reply == Reply(554, "5.5.1", "No valid recipients"))
        #expect(trial.settlement.entries.isEmpty)
    }

    @Test("a message that killed its judges is held whole: not scanned, not parsed, not filtered")
    func poison() throws {
        let ruleset = try Rules.make(
            mta: #"reject "no";"#, users: ["bob@example.test": "jettison;"],
            policy: Rules.scanning("clamav"))
        let text = "X-Virus-Status: clean (clamav)\r\n\r\n"
        let trial = ContentTrial(
            text, ruleset: ruleset, facts: Rules.facts(poison: "2 processes died judging this message"))
        #expect(trial.driven.rounds == [[.time]])
        let reason = "2 processes died judging this message; held without looking inside"
        #expect(trial.debts == [.hold(channel: "inside", reason: reason)])
        #expect(trial.reply.code == 250)
        #expect(trial.delivered.hasSuffix(text))
        #expect(trial.top.allSatisfy { !$0.hasPrefix("X-Virus") })
    }

    @Test("a message with too many Received fields loops, and is held")
    func loop() throws {
        let fields = { (count: Int) in
            String(repeating: "received: from a by b; Mon, 26 Oct 2026 00:53:20 +0000\r\n", count: count)
        }
        let ruleset = try Rules.make(mta: "discard;")
        let held = ContentTrial(fields(51) + "\r\nx\r\n", ruleset: ruleset)
        #expect(
            held.debts == [
                .hold(channel: "inside", reason: "more than 50 Received fields: the message loops")
            ])
        #expect(ContentTrial(fields(50) + "\r\nx\r\n", ruleset: ruleset).verdicts == [.discard])
    }

    @Test("a header longer than is read is held: its last fields could be forgeries of ours")
    func longHeader() throws {
        let many = String(repeating: "X-A: b\r\n", count: 2_001) + "X-Virus-Status: clean\r\n\r\nx\r\n"
        let long =
            "X-A: " + String(repeating: "b\r\n ", count: 300_000) + "\r\nX-Virus-Status: clean\r\n\r\nx\r\n"
        for text in [many, long] {
            let trial = ContentTrial(text, ruleset: try Rules.make(mta: "keep;"))
            #expect(trial.verdicts.map(\.word) == ["hold"])
        }
    }

    @Test("a gate's mark holds the message for its recipient alone")
    func marks() throws {
        let facts = Rules.facts([
            Rules.recipient("bob@example.test", hold: "MAIL_ACCESS mappings:3 set $H"),
            Rules.recipient("eve@example.test"),
        ])
        let trial = ContentTrial(ruleset: try Rules.make(), facts: facts)
        #expect(
            trial.debts == [
                .hold(channel: "inside", reason: "MAIL_ACCESS mappings:3 set $H"),
                .deliver(channel: "inside"),
            ])
        let dropped = ContentTrial(ruleset: try Rules.make(mta: "jettison;"), facts: facts)
        #expect(dropped.verdicts.map(\.word) == ["hold", "discard"])
        let refused = ContentTrial(ruleset: try Rules.make(mta: #"reject "no";"#), facts: facts)
        #expect(refused.verdicts.map(\.word) == ["reject", "reject"])
    }

    @Test("postmaster of a domain of ours is not refused content, but held")
    func postmaster() throws {
        let facts = Rules.facts([Rules.recipient("PostMaster@example.test")])
        let script = ContentTrial(ruleset: try Rules.make(mta: #"reject "no spam";"#), facts: facts)
        #expect(
            script.debts == [
                .hold(
                    channel: "inside", reason: "postmaster is not refused content: 550 5.7.1 no spam")
            ])
        var world = World()
        world.scans["clamav"] = .scan(ScanReport(state: .infected(name: "Eicar", part: "1"), tookMs: 1))
        let infected = ContentTrial(
            ruleset: try Rules.make(policy: Rules.scanning("clamav", infected: .reject)), facts: facts,
            world: world)
        #expect(infected.verdicts.map(\.word) == ["hold"])
        let elsewhere = ContentTrial(
            ruleset: try Rules.make(mta: #"reject "no spam";"#),
            facts: Rules.facts([Rules.recipient("postmaster@other.example", channel: "tcp_local")]))
        #expect(elsewhere.reply.code == 550)
    }

    @Test("each settled recipient and the reply stand in the trail, with the rule")
    func trail() throws {
        let trial = ContentTrial(ruleset: try Rules.make(mta: #"hold "odd";"#))
        #expect(
            trial.driven.trail.entries.suffix(2)
                == [
                    Trail.Entry(
                        .settlement, rule: "mta.sieve:2", about: "bob@example.test", result: "hold: odd"),
                    Trail.Entry(
                        .settlement, rule: nil, about: "reply", result: "250 2.0.0 Message accepted"),
                ])
    }

    @Test("the same facts and answers give the same outcome and trail, byte for byte")
    func deterministic() throws {
        let ruleset = try Rules.make(
            mta: #"if header :contains "subject" "o" { fileinto :copy "x"; }"#,
            channels: ["to-inside": #"redirect :copy "copy@partner.test";"#],
            policy: Rules.scanning("one", "two", permanent: .relay))
        var world = World()
        world.scans["one"] = .scan(ScanReport(state: .clean, tookMs: 3))
        world.scans["two"] = .scan(
            ScanReport(state: .unscanned(.init("encrypted", isTransient: false)), tookMs: 3))
        let facts = Rules.facts([
            Rules.recipient("a@example.test"), Rules.recipient("b@partner.test", channel: "partner"),
        ])
        let encoder = FactsEncoder()
        let runs = try (0..<3).map { _ in
            let trial = ContentTrial(ruleset: ruleset, facts: facts, world: world)
            return try encoder.encode(trial.settlement) + encoder.encode(trial.driven.trail)
        }
        #expect(runs[0] == runs[1] && runs[1] == runs[2])
        #expect(runs[0].count > 500)
    }
}

@Suite("Scanners at the content gate")
struct ScanningTests {
    private func trial(
        _ answer: Answer?, policy: Policy, text: String = ContentTrial.plain,
        facts: ContentFacts = Rules.facts()
    ) throws -> ContentTrial {
        var world = World()
        world.scans["clamav"] = answer
        return ContentTrial(text, ruleset: try Rules.make(policy: policy), facts: facts, world: world)
    }

    private func report(_ state: ScanReport.State) -> Answer { .scan(ScanReport(state: state, tookMs: 7)) }
    private let eicar = ScanReport.State.infected(name: "Eicar-Test", part: "1.2")
    private let gone = ScanReport.State.unscanned(.init("worker crashed", isTransient: true))
    private let locked = ScanReport.State.unscanned(.init("encrypted", isTransient: false))

    @Test("clean: relayed, and the header says so")
    func clean() throws {
        let trial = try trial(report(.clean), policy: Rules.scanning("clamav"))
        #expect(trial.verdicts == [.relay])
        #expect(trial.top.last == "X-Virus-Status: clean (clamav)")
        #expect(
            trial.driven.trail.entries.first
                == Trail.Entry(
                    .scanner, rule: "postern.toml [scanner.clamav]", about: "clamav", result: "clean"))
    }

    @Test("infected: held, refused or discarded, as the policy says; the trail names virus and part")
    func infected() throws {
        let held = try trial(report(eicar), policy: Rules.scanning("clamav"))
        #expect(
            held.debts == [.hold(channel: "inside", reason: "clamav found Eicar-Test in part 1.2")])
        #expect(held.results.first == "infected: Eicar-Test in part 1.2, so hold")
        #expect(held.top.last == "X-Virus-Status: infected (clamav)")
        #expect(held.settlement.verdicts.first?.rule == "postern.toml [scanner.clamav]")
        let refused = try trial(report(eicar), policy: Rules.scanning("clamav", infected: .reject))
        #expect(refused.reply == Reply(554, "5.7.1", "Message refused: it contains malware"))
        #expect(refused.settlement.entries.isEmpty)
        let dropped = try trial(report(eicar), policy: Rules.scanning("clamav", infected: .discard))
        #expect(dropped.reply.code == 250)
        #expect(dropped.settlement.entries.isEmpty)
        #expect(dropped.settlement.editions.isEmpty)
    }

    @Test("unscanned for now: deferred or held, as the policy says")
    func transient() throws {
        let deferred = try trial(report(gone), policy: Rules.scanning("clamav"))
        #expect(deferred.reply == Reply(451, "4.3.0", "Content check is not available, try again later"))
        #expect(deferred.settlement.entries.isEmpty)
        let held = try trial(report(gone), policy: Rules.scanning("clamav", transient: .hold))
        #expect(held.debts == [.hold(channel: "inside", reason: "unscanned by clamav: worker crashed")])
        #expect(held.top.last == "X-Virus-Status: unscanned (clamav)")
    }

    @Test("unscanned for good: held, refused, or relayed with a mark, as the policy says")
    func permanent() throws {
        let held = try trial(report(locked), policy: Rules.scanning("clamav"))
        #expect(held.debts == [.hold(channel: "inside", reason: "unscanned by clamav: encrypted")])
        let refused = try trial(report(locked), policy: Rules.scanning("clamav", permanent: .reject))
        #expect(refused.reply == Reply(554, "5.7.1", "Message content could not be checked"))
        let relayed = try trial(report(locked), policy: Rules.scanning("clamav", permanent: .relay))
        #expect(relayed.verdicts == [.relay])
        #expect(relayed.top.last == "X-Virus-Status: unscanned (clamav)")
    }

    @Test(
        "no answer of another kind is ever taken for clean",
        arguments: [
            Answer.unavailable("clamav is gone"), .time(5), .callout("clean"), .callout(nil),
            .dns(.records(["clean"], ttlSeconds: 1)), .dns(.noSuchName(ttlSeconds: 1)),
        ])
    func wrongKind(answer: Answer) throws {
        let trial = try trial(answer, policy: Rules.scanning("clamav", permanent: .relay))
        #expect(trial.reply.code == 451)
        #expect(trial.settlement.entries.isEmpty)
    }

    @Test("a scanner that got no answer at all hasn't said clean either")
    func missing() throws {
        let ruleset = try Rules.make(policy: Rules.scanning("one", "two", permanent: .relay))
        for answers in [[], [.time(0)], [.time(0), report(.clean)]] as [[Answer]] {
            var gate = ContentGate(
                ruleset: ruleset, facts: Rules.facts(), bytes: MessageBytes(Array("\r\n".utf8)))
            _ = gate.next([])
            guard case .done(let settlement, _) = gate.next(answers) else {
                Issue.record("asked again")
                continue
            }
            #expect(settlement.reply.code == 451)
        }
    }

    @Test("of several scanners an infection weighs most, then one that asks for time")
    func several() throws {
        let verdict = { (states: [ScanReport.State]) throws -> String in
            var world = World()
            for (index, state) in states.enumerated() { world.scans["s\(index)"] = self.report(state) }
            let policy = Rules.scanning("s0", "s1", "s2")
            let trial = ContentTrial(ruleset: try Rules.make(policy: policy), world: world)
            if case .hold(let reason)? = trial.verdicts.first { return reason }
            return trial.verdicts.first?.word ?? ""
        }
        #expect(try verdict([locked, gone, eicar]) == "s2 found Eicar-Test in part 1.2")
        #expect(try verdict([locked, gone, .clean]) == "retry later")
        #expect(try verdict([.clean, locked, .clean]) == "unscanned by s1: encrypted")
        #expect(try verdict([.clean, .clean, .clean]) == "relay")
    }

    @Test("the header's mark is there only where something was scanned")
    func mark() throws {
        #expect(ContentTrial(ruleset: try Rules.make()).top.allSatisfy { !$0.hasPrefix("X-Virus") })
        var world = World()
        world.scans["one"] = report(.clean)
        world.scans["two"] = report(locked)
        let both = ContentTrial(
            ruleset: try Rules.make(policy: Rules.scanning("one", "two", permanent: .relay)), world: world)
        #expect(both.top.last == "X-Virus-Status: clean (one), unscanned (two)")
    }

    @Test("an infected message is not filtered: no script has a say about it")
    func notFiltered() throws {
        var world = World()
        world.scans["clamav"] = report(eicar)
        let trial = ContentTrial(
            ruleset: try Rules.make(mta: "keep;", policy: Rules.scanning("clamav")), world: world)
        #expect(trial.verdicts.map(\.word) == ["hold"])
        #expect(!trial.driven.trail.entries.contains { $0.kind == .sieve })
    }
}
