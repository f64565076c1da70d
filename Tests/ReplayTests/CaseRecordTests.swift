// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Testing

@testable import Gates
@testable import Replay

@Suite("A case as it is recorded")
struct CaseRecordTests {
    /// Written as cases are, read with a decoder that isn't ours.
    private func roundTrip<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(FactsEncoder().encode(value)))
    }

    @Test("survives being written and read, whatever its fate")
    func fates() throws {
        for (name, record) in House.fates(try House.ruleset()) {
            let read = try roundTrip(record)
            #expect(read == record, "\(name)")
            #expect(try FactsEncoder().encode(read) == FactsEncoder().encode(record), "\(name)")
        }
    }

    @Test("equal records give equal bytes")
    func equalBytes() throws {
        let ruleset = try House.ruleset()
        #expect(
            try FactsEncoder().encode(Recorder(ruleset).record())
                == FactsEncoder().encode(Recorder(ruleset).record()))
    }

    @Test("is one line")
    func oneLine() throws {
        var recorder = Recorder(try House.ruleset())
        recorder.helo = "a\nb\r\u{85}\u{2028}"
        recorder.text = "Subject: x\n\r\n\u{0}"
        let line = try FactsEncoder().encode(recorder.record())
        #expect(!line.contains(0x0A) && !line.contains(0x0D))
        #expect(try roundTrip(recorder.record()) == recorder.record())
    }

    @Test(
        "every kind of decision and mark",
        arguments: [
            Decision.reject(Reply(550, "5.7.1", lines: ["one", "two"])), .reject(Reply(421, nil, "")),
            .admit(Marks()), .admit(Marks(sourceChannel: "tcp_local", holdReason: "x")),
            .admit(
                Marks(
                    destinationChannel: "inside", recipient: Address(localPart: "\"a b\"", domain: "c.test")
                )),
        ])
    func decisions(decision: Decision) throws {
        #expect(try roundTrip(decision) == decision)
    }

    @Test(
        "every kind of verdict, in a settlement",
        arguments: [
            Verdict.relay, .hold("why"), .reject(Reply(554, "5.7.1", "no")), .discard,
            .retryLater(Reply(451, "4.3.0", "later")),
        ])
    func settlements(verdict: Verdict) throws {
        let address = Address(localPart: "a", domain: "example.test")
        let judged = Settlement.Judged(
            recipient: .init(original: address, address: address, channel: "inside", holdReason: nil),
            verdict: verdict,
            copies: [.init(address: address, debt: .deliver(channel: "partner"), edition: 0)],
            rule: "mta.sieve:1")
        let edition = Edition(pieces: [.inserted([0, 255, 13, 10]), .original(3..<9)])
        let settlement = Settlement.fold([judged, judged], edition: edition, mixed: .hold)
        #expect(try roundTrip(settlement) == settlement)
    }

    @Test(
        "every kind of question with every kind of answer",
        arguments: [
            Question.time, .scan(scanner: "clamav"),
            .callout(Callout(image: "dns_verify", routine: "dns_verify", argument: "a|\"b\"\\,c")),
        ])
    func exchanges(question: Question) throws {
        let answers: [Answer] = [
            .time(.max), .time(-1), .callout(nil), .callout(""), .callout("$$N\t"), .unavailable("gone"),
            .dns(.records(["\"", "ü", "\u{1F}"], ttlSeconds: 0)), .dns(.noData(ttlSeconds: 1)),
            .dns(.noSuchName(ttlSeconds: 2)), .dns(.failed("")), .dns(.timedOut),
            .scan(ScanReport(state: .clean, tookMs: 0)),
            .scan(ScanReport(state: .infected(name: "x", part: nil), tookMs: 1)),
            .scan(ScanReport(state: .unscanned(.init("y", isTransient: true)), tookMs: 2)),
        ]
        let judgement = Judgement(
            exchanges: answers.map { Exchange(question: question, answer: $0) },
            outcome: Decision.admit(Marks()), trail: Trail())
        #expect(try roundTrip(judgement) == judgement)
    }
}

@Suite("The rule that decided")
struct DecidingRuleTests {
    private let rules = [
        "clean": "", "infected": "postern.toml [scanner.clamav]", "listed": "mappings:8",
        "relaying": "mappings:18", "sidelined": "mta.sieve:3", "watched": "mappings:13",
    ]

    @Test("is named for each fate, also where other rules spoke after it")
    func fates() throws {
        let fates = House.fates(try House.ruleset())
        #expect(fates.mapValues(\.decidingRule) == rules)
        #expect(
            fates.mapValues(\.fate)
                == [
                    "clean": .accept, "infected": .hold, "listed": .reject, "relaying": .reject,
                    "sidelined": .hold, "watched": .hold,
                ])
    }

    @Test("is the same when the case is judged again")
    func rejudged() throws {
        let ruleset = try House.ruleset()
        for (name, record) in House.fates(ruleset) {
            let again = Rejudgement.judge(record, connection: ruleset, message: ruleset)
            #expect(again.decidingRule == rules[name], "\(name)")
        }
    }

    @Test("is the refusing gate's: the sender's, the built-in relay rule, a script's reject")
    func refusals() throws {
        var recorder = Recorder(try House.ruleset())
        recorder.sender = "x@y.invalid"
        #expect(recorder.record().decidingRule == "mappings:14")
        recorder = Recorder(try House.ruleset(""))
        recorder.recipients = ["x@elsewhere.example"]
        #expect(recorder.record().decidingRule == "postern.toml [domains]")
        recorder = Recorder(try House.ruleset())
        recorder.text = "Subject: forbidden\r\n\r\n"
        #expect(recorder.record().decidingRule == "mta.sieve:6")
    }

    @Test("nothing decided what the client gave up, or what was held unread")
    func none() throws {
        var recorder = Recorder(try House.ruleset())
        recorder.text = nil
        #expect(recorder.record().decidingRule == "")
        recorder.text = House.clean
        recorder.poison = "2 processes died judging this message"
        #expect(recorder.record().fate == .hold)
        #expect(recorder.record().decidingRule == "")
    }
}
