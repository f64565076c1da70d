// SPDX-License-Identifier: MIT

import Gates
import Mail
import SMTPProtocol
import Synchronization
import Telemetry
import Testing

@testable import Inbound

@Suite("A worker's service")
struct ServiceTests {
    @Test("one client too many hears 421, and one that leaves makes room")
    func sessionsFull() async throws {
        try await Gateway.run({ $0.settings.sessionsMax = 2 }) { gateway, loop in
            let first = try await Client(gateway, loop)
            let second = try await Client(gateway, loop)
            try await first.begin()
            try await second.begin()
            let third = try await Client(gateway, loop)
            await loop.pass(seconds: 0)
            #expect(try await third.inbox.rest() == ["421 4.3.2 Too many sessions, try again later"])
            try await first.hangUp()
            let fourth = try await Client(gateway, loop)
            try await fourth.begin()
            #expect(gateway.counters.value(.sessionsOpen) == 2)
        }
    }

    @Test("that ends says 421 to who has no transaction, and lets the others finish theirs")
    func drain() async throws {
        try await Gateway.run { gateway, loop in
            let idle = try await Client(gateway, loop)
            let busy = try await Client(gateway, loop)
            try await idle.begin()
            try await busy.begin()
            #expect(try await busy.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            let end = Ending()
            try await gateway.on { world in world.worker.drain { end.note() } }
            await loop.pass(seconds: 0)
            #expect(try await idle.inbox.rest() == ["421 4.3.2 Service shutting down, try again later"])
            #expect(try await busy.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await busy.say("DATA").hasPrefix("354 "))
            #expect(end.count == 0)
            try await busy.send(Sample.clean + ".\r\n")
            let last = try await busy.inbox.rest()
            #expect(last.map { String($0.prefix(3)) } == ["250", "421"])
            #expect(end.count == 1)
            #expect(try await gateway.queued().count == 1)
        }
    }

    @Test("that ends waits for a commit whose client has gone")
    func drainCommit() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            gateway.disk.holdSyncs()
            try await client.send(
                "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n" + Sample.clean + ".\r\n")
            #expect(gateway.disk.awaitHeldSync())
            try await client.hangUp()
            let end = Ending()
            try await gateway.on { world in world.worker.drain { end.note() } }
            #expect(end.count == 0)
            gateway.disk.letSyncsGo()
            // Closing waits until everything handed in is committed; the turn after that has heard of it.
            try await gateway.on { $0.hub.close() }
            try await gateway.on { _ in }
            #expect(end.count == 1)
            #expect(gateway.cases.all.map(\.fate) == [.accept])
        }
    }

    @Test("that has no sessions ends at once")
    func drainNobody() async throws {
        try await Gateway.run { gateway, _ in
            let end = Ending()
            try await gateway.on { world in world.worker.drain { end.note() } }
            #expect(end.count == 1)
        }
    }

    @Test("judges a message by the ruleset of its MAIL FROM, whatever is loaded meanwhile")
    func reload() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            let strict = try Sample.ruleset(
                hash: "b", mappings: Sample.mappings + "\nSEND_ACCESS\n\n  *   $NClosed\n",
                script: "require \"reject\"; reject \"Closed\";")
            try await gateway.on { $0.rulesets.replace(by: strict) }
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await client.say("DATA").hasPrefix("354 "))
            try await client.send(Sample.clean + ".\r\n")
            #expect(try await client.reply().hasPrefix("250 2.0.0 "))
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@example.test>").hasPrefix("550 5.7.1 Closed"))
            #expect(try await client.say("QUIT").hasPrefix("221 "))
            #expect(
                gateway.cases.all.map {
                    $0.connectionRuleset.prefix(1) + ($0.transaction?.ruleset.prefix(1) ?? "")
                }
                    == ["aa", "ab"])
        }
    }

    @Test("a client's questions are limited, and a message that is accepted lifts that")
    func questions() async throws {
        try await Gateway.run { gateway, loop in
            let budget = try await gateway.on { world in
                let budget = QuestionBudget()
                for _ in 0..<QuestionLimits.perMessageMax { #expect(budget.take()) }
                #expect(!budget.take())
                budget.refill()
                return budget.take()
            }
            #expect(budget)
        }
    }

    @Test("a message that killed two processes is held whole, unparsed and unscanned")
    func poison() async throws {
        let root = "/tmp/pi-\(UInt64.random(in: 0 ... .max))"
        let scanner = Policy.ScannerPolicy(name: "scan")
        for _ in 1...2 {
            // A process that dies: its table is never told how the judging ended.
            try await Self.dying(root: root, scanner)
        }
        try await Gateway.run({
            $0.scanners = [scanner]
            $0.root = root
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            let record = try #require(gateway.cases.all.first)
            #expect(record.fate == .hold)
            #expect(record.transaction?.content?.facts.poison == "2 processes died judging this message")
            #expect(record.transaction?.content?.judgement.exchanges.map(\.question) == [.time])
            #expect(gateway.counters.value(.messagesPoisoned) == 1)
            // It is dealt with: should it come again, it is looked at.
            try await client.send(
                "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n" + Sample.clean + ".\r\n")
            #expect(try await gateway.on { $0.carrier.waiting.map(\.question) } == [.scan(scanner: "scan")])
            #expect(
                try await gateway.on { world in
                    world.carrier.answerAll(.scan(ScanReport(state: .clean, tookMs: 1)))
                    return true
                })
            #expect(try await gateway.queued().map(\.state).sorted() == ["held", "in_flight"])
        }
    }

    @Test("a message that overran its time three times is held whole when it comes again")
    func overruns() async throws {
        try await Gateway.run({ $0.scanners = [Policy.ScannerPolicy(name: "scan")] }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            for _ in 1...3 {
                try await client.send(
                    "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n" + Sample.clean
                        + ".\r\n")
                for _ in 1...3 { #expect(try await client.reply().first != "4") }
                await loop.pass(seconds: 60)
                #expect(try await client.reply().hasPrefix("451 4.3.0 "))
            }
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            let record = try #require(gateway.cases.all.last)
            #expect(record.fate == .hold)
            #expect(
                record.transaction?.content?.facts.poison == "judging this message overran its time 3 times")
            #expect(try await gateway.queued().map(\.state) == ["held"])
        }
    }

    /// A gateway whose only message is never judged to its end, as the next one finds it.
    private static func dying(root: String, _ scanner: Policy.ScannerPolicy) async throws {
        let copy = root + "-kept"
        try await Gateway.run({
            $0.scanners = [scanner]
            $0.root = root
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send(
                "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n" + Sample.clean + ".\r\n")
            #expect(try await gateway.on { $0.carrier.waiting.count } == 1)
            try FolderCopy.copy(root + "/attempts", to: copy)
        }
        try FolderCopy.restore(copy, to: root + "/attempts")
    }

    private final class Ending: Sendable {
        private let state = Mutex(0)
        func note() { state.withLock { $0 += 1 } }
        var count: Int { state.withLock { $0 } }
    }
}
