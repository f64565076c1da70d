// SPDX-License-Identifier: MIT

import Foundation
import Mail
import Telemetry
import Testing

@testable import Lookups

@Suite("DNS lists test themselves (RFC 5782 §5)")
struct ListWatchTests {
    private let counters = CounterPage()
    private let log = HeardLog()

    private func watch(_ lists: ListSettings...) -> ListWatch {
        ListWatch(lists, counters: counters, logger: log.logger)
    }

    private static let addresses = ListSettings(name: "bl", zone: "bl.example", kind: .address)
    private static let names = ListSettings(name: "dbl", zone: "dbl.example", kind: .domain)

    private static let listed = DNSAnswer.records(["127.0.0.2"], ttlSeconds: 60)
    private static let unlisted = DNSAnswer.noSuchName(ttlSeconds: 60)

    private func asked(_ name: String) throws -> DNSQuestion {
        try #require(DNSQuestion(name: name, type: .a))
    }

    /// One test at minute `minute`: what the two entries are answered with.
    private func test(_ watch: ListWatch, minute: Int64, _ good: DNSAnswer, _ bad: DNSAnswer) throws {
        let now = minute * ListWatch.intervalMs + 1
        let questions = watch.due(nowMs: now)
        try #require(questions.count == 2)
        watch.hear(good, to: questions[0], nowMs: now)
        watch.hear(bad, to: questions[1], nowMs: now)
    }

    @Test("each list is asked once a minute for the entry it must have and the one it must not")
    func questions() throws {
        let watch = watch(Self.addresses, Self.names)
        #expect(
            watch.due(nowMs: 1_000).map(\.name) == [
                "2.0.0.127.bl.example", "1.0.0.127.bl.example", "test.dbl.example", "invalid.dbl.example",
            ])
        #expect(watch.due(nowMs: 2_000) == [])
        #expect(watch.due(nowMs: 60_999) == [])
        #expect(watch.due(nowMs: 61_000).count == 4)
    }

    @Test(
        "a list that lists everything, nothing, or refuses us is muted at once, with the reason",
        arguments: [
            (listed, listed, "it lists 1.0.0.127.bl.example, which no list may"),
            (unlisted, unlisted, "it doesn't list 2.0.0.127.bl.example, which every list must"),
            (DNSAnswer.noData(ttlSeconds: 1), unlisted, "it doesn't list"),
            (
                DNSAnswer.records(["127.255.255.254"], ttlSeconds: 1), unlisted,
                "it refuses us with 127.255.255.254"
            ),
            (
                DNSAnswer.records(["127.255.255.254"], ttlSeconds: 1),
                DNSAnswer.records(["127.255.255.254"], ttlSeconds: 1), "it refuses us"
            ),
            (DNSAnswer.records(["203.0.113.9"], ttlSeconds: 1), unlisted, "it answers with 203.0.113.9"),
        ])
    func sick(_ good: DNSAnswer, _ bad: DNSAnswer, _ reason: String) throws {
        let watch = watch(Self.addresses)
        let question = try asked("9.2.0.192.bl.example")
        #expect(watch.objection(to: question) == nil)
        try test(watch, minute: 1, good, bad)
        let objection = try #require(watch.objection(to: question))
        #expect(objection.hasPrefix("list bl is muted: "))
        #expect(objection.contains(reason))
        // Its own zone and nothing else.
        #expect(watch.objection(to: try asked("bl.example")) != nil)
        #expect(watch.objection(to: try asked("xbl.example")) == nil)
        #expect(watch.objection(to: try asked("bl.example.net")) == nil)
        #expect(counters.value(.listsMuted) == 1)
        try test(watch, minute: 2, good, bad)
        #expect(counters.value(.listMutings) == 1)
        #expect(log.all.count { $0.contains("dns_list.muted") } == 1)
        // It recovers by itself.
        try test(watch, minute: 3, Self.listed, Self.unlisted)
        #expect(watch.objection(to: question) == nil)
        #expect(counters.value(.listsMuted) == 0)
        #expect(log.all.count { $0.contains("dns_list.back") } == 1)
    }

    @Test("one test without an answer is a lost packet, two are a list that doesn't answer")
    func silence() throws {
        let watch = watch(Self.addresses)
        let question = try asked("9.2.0.192.bl.example")
        try test(watch, minute: 1, .timedOut, Self.unlisted)
        #expect(watch.objection(to: question) == nil)
        try test(watch, minute: 2, Self.listed, Self.unlisted)
        try test(watch, minute: 3, Self.listed, .failed("SERVFAIL"))
        #expect(watch.objection(to: question) == nil)
        try test(watch, minute: 4, Self.listed, .failed("SERVFAIL"))
        #expect(watch.objection(to: question)?.contains("SERVFAIL") == true)
        try test(watch, minute: 5, Self.listed, Self.unlisted)
        #expect(watch.objection(to: question) == nil)
        // Answers that don't come at all count as well.
        _ = watch.due(nowMs: 6 * 60_000 + 1)
        _ = watch.due(nowMs: 7 * 60_000 + 1)
        _ = watch.due(nowMs: 8 * 60_000 + 1)
        #expect(watch.objection(to: question) != nil)
    }

    @Test("served by a real resolver, a sick list is muted for the workers, and the sound one goes on")
    func served() async throws {
        let folder = try TemporaryFolder()
        let unbound = try Unbound.start(
            in: folder.path,
            localData: [
                "2.0.0.127.good.example. 300 IN A 127.0.0.2", "9.2.0.192.good.example. 300 IN A 127.0.0.2",
                "2.0.0.127.parked.example. 300 IN A 203.0.113.9",
                "9.2.0.192.parked.example. 300 IN A 203.0.113.9",
                "1.0.0.127.parked.example. 300 IN A 203.0.113.9", "test.names.example. 300 IN A 127.0.1.2",
                "spam.names.example. 300 IN A 127.0.1.2",
            ], localZones: ["good.example", "parked.example", "names.example"])
        defer { unbound.stop() }
        let path = "\(folder.path)/lookups.sock"
        let (counters, log) = (counters, log)
        let server = try await RunningServer.start(
            path, settings: LookupSettings(servers: ["127.0.0.1@\(unbound.port)"]),
            senses: {
                var senses = Senses()
                senses.nameWatch = ListWatch(
                    [
                        ListSettings(name: "good", zone: "good.example", kind: .address),
                        ListSettings(name: "parked", zone: "parked.example", kind: .address),
                        ListSettings(name: "names", zone: "names.example", kind: .domain),
                    ], counters: counters, logger: log.logger)
                return senses
            })
        try await Worker.with(path) { worker async throws in
            let deadline = Date(timeIntervalSinceNow: 30)
            // Each time another name: a worker remembers what it was told.
            var number = 0
            while counters.value(.listsMuted) == 0, Date() < deadline {
                _ = try await worker.ask("n\(number).parked.example")
                number += 1
            }
            guard case .failed(let reason) = try await worker.ask("9.2.0.192.parked.example") else {
                Issue.record("a sick list was believed")
                return
            }
            #expect(reason.hasPrefix("list parked is muted: it lists 1.0.0.127.parked.example"))
            for name in ["9.2.0.192.good.example", "spam.names.example"] {
                guard case .records(_, let ttl) = try await worker.ask(name) else {
                    Issue.record("\(name) is not listed")
                    continue
                }
                // Testing has not made the resolver of the workers forget.
                #expect(ttl > 0)
            }
        }
        await server.stop()
        #expect(counters.value(.listsMuted) == 1)
        #expect(log.all.contains { $0.contains("dns_list.muted list=parked zone=parked.example") })
    }

    @Test("a real list that was sick and is mended is heard again at its next test")
    func mended() throws {
        let folder = try TemporaryFolder()
        let watch = watch(ListSettings(name: "bl", zone: "bl.example", kind: .address))
        let question = try asked("9.2.0.192.bl.example")
        for (minute, data, isMuted) in [
            (Int64(1), ["9.2.0.192.bl.example. 300 IN A 127.0.0.2"], true),
            (2, ["2.0.0.127.bl.example. 300 IN A 127.0.0.2"], false),
        ] {
            let unbound = try Unbound.start(in: folder.path, localData: data, localZones: ["bl.example"])
            defer { unbound.stop() }
            let lookup = try OneTimeLookup(
                settings: LookupSettings(servers: ["127.0.0.1@\(unbound.port)"]), budgetMs: 60_000)
            let now = minute * ListWatch.intervalMs + 1
            let questions = watch.due(nowMs: now)
            for (question, answer) in zip(questions, lookup.answers(questions)) {
                watch.hear(answer, to: question, nowMs: now)
            }
            #expect((watch.objection(to: question) != nil) == isMuted)
        }
    }
}
