// SPDX-License-Identifier: MIT

import Gates
import Mail
import Telemetry
import Testing

@testable import Inbound

@Suite("A clean message")
struct CleanMessageTests {
    @Test("is committed byte for byte below our Received field, and its 250 names its case")
    func committed() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let reply = try await client.deliver("Subject: dots\r\n\r\n.one\r\n..two\r\n")
            let record = try #require(gateway.cases.all.first)
            #expect(reply == "250 2.0.0 Message accepted (case \(record.id))")
            #expect(record.fate == .accept)
            #expect(try await client.say("QUIT") == "221 2.0.0 Bye")
            #expect(try await client.inbox.rest() == [])

            let queued = try await gateway.queued()
            #expect(queued.map(\.sender) == ["a@sender.test"])
            #expect(queued.map(\.recipients) == [["b@example.test"]])
            let message = try #require(queued.first).message
            #expect(message.hasSuffix("\r\nSubject: dots\r\n\r\n.one\r\n..two\r\n"))
            #expect(message.hasPrefix("Received: from client.test ([192.0.2.1])\r\n"))
            #expect(message.contains("id \(record.id)\r\n\tfor <b@example.test>;"))
        }
    }

    @Test("leaves a case with everything that was judged, exchanges in order")
    func exchanges() async throws {
        try await Gateway.run({ $0.scanners = [Policy.ScannerPolicy(name: "first"), .init(name: "second")] })
        {
            gateway, loop in
            try await gateway.on { world in
                for name in ["first", "second"] {
                    world.carrier.known[.scan(scanner: name)] = .scan(ScanReport(state: .clean, tookMs: 1))
                }
                for type in [DNSQuestion.RecordType.a, .txt] {
                    let question = try #require(DNSQuestion(name: "7.2.0.192.one.test", type: type))
                    world.carrier.known[.dns(question)] = Sample.notListed
                }
            }
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await client.deliver(to: ["asked-one@example.test", "b@example.test"])

            #expect(gateway.cases.all.count == 1)
            let record = try #require(gateway.cases.all.first)
            let transaction = try #require(record.transaction)
            let content = try #require(transaction.content)
            #expect(record.connectionRuleset == String(repeating: "a", count: 64))
            #expect(transaction.ruleset == record.connectionRuleset)
            #expect(transaction.session.helo == "client.test")
            #expect(transaction.session.sourceChannel == "tcp_local")
            #expect(transaction.sender.sender?.description == "a@sender.test")
            #expect(transaction.senderJudgement.exchanges.isEmpty)
            #expect(
                transaction.recipients.map { $0.judgement.exchanges.map(\.question) } == [
                    [try Sample.question("one.test", .a), try Sample.question("one.test", .txt)], [],
                ])
            #expect(
                content.judgement.exchanges == [
                    Exchange(question: .time, answer: .time(FakeCarrier.seconds)),
                    Exchange(
                        question: .scan(scanner: "first"), answer: .scan(ScanReport(state: .clean, tookMs: 1))
                    ),
                    Exchange(
                        question: .scan(scanner: "second"),
                        answer: .scan(ScanReport(state: .clean, tookMs: 1))),
                ])
            #expect(content.octets == Sample.clean.utf8.count)
            #expect(
                String(decoding: try #require(content.headerBytes).octets, as: UTF8.self)
                    == "Subject: hello\r\nFrom: a@sender.test\r\n\r\n")
            #expect(content.bytes == nil)
        }
    }

    @Test("of a level keeps that much of it", arguments: CaseLevel.allCases)
    func level(level: CaseLevel) async throws {
        try await Gateway.run({ $0.level = level }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await client.deliver("\r\nNo header at all.\r\n\r\nMore.\r\n")
            let content = try #require(gateway.cases.all.first?.transaction?.content)
            let header = content.headerBytes.map { String(decoding: $0.octets, as: UTF8.self) }
            let whole = content.bytes.map { String(decoding: $0.octets, as: UTF8.self) }
            #expect(header == (level == .headers ? "\r\n" : nil))
            #expect(whole == (level == .full ? "\r\nNo header at all.\r\n\r\nMore.\r\n" : nil))
        }
    }

    @Test("after another in one session has a case of its own")
    func several() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            for _ in 1...3 { #expect(try await client.deliver().hasPrefix("250 2.0.0 ")) }
            let ids = gateway.cases.all.map(\.id)
            #expect(ids.map { $0.suffix(2) } == [".1", ".2", ".3"])
            #expect(Set(ids.map { $0.dropLast(2) }).count == 1)
            #expect(try await gateway.queued().count == 3)
            #expect(gateway.counters.value(.messagesAccepted) == 3)
            #expect(gateway.counters.value(.octetsAccepted) == UInt64(3 * Sample.clean.utf8.count))
        }
    }

    @Test("from the null sender, with bytes beyond ASCII, comes through whole")
    func eightBit() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<> BODY=8BITMIME SIZE=100") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await client.say("DATA").hasPrefix("354 "))
            try await client.send("Subject: Grüße\r\n\r\nä\0ö\r\n.\r\n")
            #expect(try await client.reply().hasPrefix("250 2.0.0 "))
            let queued = try #require(try await gateway.queued().first)
            #expect(queued.sender == "")
            #expect(queued.message.hasSuffix("Subject: Grüße\r\n\r\nä\0ö\r\n"))
            #expect(gateway.cases.all.first?.transaction?.sender.isEightBit == true)
            #expect(gateway.cases.all.first?.transaction?.sender.declaredOctets == 100)
        }
    }

    @Test("of more than the queue takes inline is linked, not copied, and comes through whole")
    func large() async throws {
        try await Gateway.run { gateway, loop in
            let line = String(repeating: "x", count: 998) + "\r\n"
            let message = "Subject: large\r\n\r\n" + String(repeating: line, count: 3_000)
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.deliver(message).hasPrefix("250 2.0.0 "))
            #expect(try #require(try await gateway.queued().first).message.hasSuffix(message))
            #expect(try await gateway.on { $0.worker.contentOctets } == 0)
        }
    }
}
