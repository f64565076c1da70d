// SPDX-License-Identifier: MIT

import DurableQueue
import Gates
import Mail
import Telemetry
import Testing

@testable import Inbound

@Suite("A judged message")
struct SettlementTests {
    @Test("that is held is committed as held, and its sender hears 250")
    func held() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let reply = try await client.deliver(Sample.message("hold me"))
            let record = try #require(gateway.cases.all.first)
            #expect(reply == "250 2.0.0 Message accepted (case \(record.id))")
            #expect(record.fate == .hold)
            #expect(try await gateway.queued().map(\.state) == ["held"])
            #expect(gateway.counters.value(.messagesHeld) == 1)
        }
    }

    @Test("from a sender that a table marks is held")
    func heldBySender() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await client.deliver(from: "watched@sender.test")
            let record = try #require(gateway.cases.all.first)
            #expect(record.fate == .hold)
            #expect(
                record.transaction?.content?.facts.recipients.first?.holdReason?.contains("FROM_ACCESS")
                    == true)
        }
    }

    @Test("that is rejected hears 550 with its case, and nothing is queued")
    func rejected() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let reply = try await client.deliver(Sample.message("refuse me"))
            let record = try #require(gateway.cases.all.first)
            #expect(reply == "550 5.7.1 We don't want this (case \(record.id))")
            #expect(record.fate == .reject)
            #expect(record.transaction?.content != nil)
            #expect(try await gateway.queued().isEmpty)
            #expect(gateway.counters.value(.messagesRejected) == 1)
        }
    }

    @Test("that is discarded hears 250 with its case, and nothing is queued")
    func discarded() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let reply = try await client.deliver(Sample.message("drop me"))
            let record = try #require(gateway.cases.all.first)
            #expect(reply == "250 2.0.0 Message accepted (case \(record.id))")
            #expect(record.fate == .discard)
            #expect(try await gateway.queued().isEmpty)
            #expect(gateway.counters.value(.messagesDiscarded) == 1)
        }
    }

    @Test("that some recipients reject is relayed to the others, and held for those")
    func mixed() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let reply = try await client.deliver(
                Sample.message("mixed"), to: ["picky@example.test", "b@example.test"])
            #expect(reply.hasPrefix("250 2.0.0 "))
            #expect(gateway.cases.all.map(\.fate) == [.accept])
            let queued = try await gateway.queued()
            #expect(Set(queued.map { [$0.state] + $0.recipients }).count == 2)
            #expect(queued.contains { $0.state == "held" && $0.recipients == ["picky@example.test"] })
            #expect(queued.contains { $0.state != "held" && $0.recipients == ["b@example.test"] })
        }
    }

    @Test("that is infected is held, and its case names scanner and part")
    func infected() async throws {
        try await Gateway.run({ $0.scanners = [Policy.ScannerPolicy(name: "scan")] }) { gateway, loop in
            try await gateway.on { world in
                world.carrier.known[.scan(scanner: "scan")] = .scan(
                    ScanReport(state: .infected(name: "Eicar", part: "2"), tookMs: 1))
            }
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            let record = try #require(gateway.cases.all.first)
            #expect(record.fate == .hold)
            let trail = try #require(record.transaction?.content?.judgement.trail)
            #expect(trail.entries.contains { $0.kind == .scanner && $0.result.contains("Eicar in part 2") })
        }
    }

    @Test("whose scanner is gone hears 451 without a case id, and nothing is committed")
    func unscanned() async throws {
        try await Gateway.run({ $0.scanners = [Policy.ScannerPolicy(name: "scan")] }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let transaction = "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"
            try await client.send(transaction + Sample.clean + ".\r\n")
            for _ in 1...3 { _ = try await client.reply() }
            try await gateway.on { $0.carrier.answerAll(.unavailable("the scanner is gone")) }
            #expect(try await client.reply() == "451 4.3.0 Content check is not available, try again later")
            #expect(gateway.cases.all.map(\.fate) == [.defer])
            #expect(try await gateway.queued().isEmpty)
            #expect(gateway.counters.value(.messagesDeferred) == 1)
        }
    }

    @Test("whose scanner says nothing until the time is spent hears 451; the late answer changes nothing")
    func late() async throws {
        try await Gateway.run({ $0.scanners = [Policy.ScannerPolicy(name: "scan")] }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let transaction = "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"
            try await client.send(transaction + Sample.clean + ".\r\nNOOP\r\n")
            for _ in 1...3 { _ = try await client.reply() }
            await loop.pass(seconds: 59)
            #expect(client.inbox.unread == "")
            await loop.pass(seconds: 2)
            #expect(try await client.reply() == "451 4.3.0 Content check is not available, try again later")
            #expect(try await client.reply() == "250 2.0.0 Ok")
            try await gateway.on { $0.carrier.answerAll(.scan(ScanReport(state: .clean, tookMs: 1))) }
            #expect(client.inbox.unread == "")
            let content = try #require(gateway.cases.all.first?.transaction?.content)
            #expect(
                content.judgement.exchanges.last
                    == Exchange(
                        question: .scan(scanner: "scan"), answer: .unavailable("no answer within 60 s")))
            #expect(gateway.counters.value(.questionsUnavailable) == 1)
            #expect(try await gateway.queued().isEmpty)
        }
    }
}
