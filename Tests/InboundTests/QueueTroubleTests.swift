// SPDX-License-Identifier: MIT

import DurableQueue
import Gates
import Glibc
import Telemetry
import Testing

@testable import Inbound

@Suite("Trouble with the queue")
struct QueueTroubleTests {
    @Test("a commit that fails is 451, and the next message is taken", arguments: [EIO, ENOSPC, EROFS])
    func commitFails(number: Int32) async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            gateway.disk.fail(.sync, with: number)
            #expect(try await client.deliver() == "451 4.3.0 Local error, try again later")
            #expect(gateway.cases.all.map(\.fate) == [.defer])
            #expect(gateway.cases.all.first?.transaction?.content != nil)
            gateway.disk.heal()
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            #expect(gateway.cases.all.map(\.fate) == [.defer, .accept])
            #expect(gateway.counters.value(.queueCommitFailures) == 1)
            #expect(try await gateway.on { [$0.worker.contentOctets, $0.worker.messagesJudged] } == [0, 0])
            #expect(try await gateway.queued().count == 1)
        }
    }

    @Test("a full disk is 452 at MAIL FROM, and RCPT finds no transaction")
    func diskFull() async throws {
        try await Gateway.run({
            $0.disk = ControlledDisk(freeOctets: 1_000_000)
            $0.limits.reserveOctets = 900_000
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(
                try await client.say("MAIL FROM:<a@sender.test> SIZE=100001")
                    == "452 4.3.1 Insufficient system storage")
            #expect(try await client.say("RCPT TO:<b@example.test>").hasPrefix("503 "))
            #expect(try await client.say("MAIL FROM:<a@sender.test> SIZE=99999") == "250 2.1.0 Sender ok")
            #expect(gateway.cases.all.isEmpty)
        }
    }

    @Test("what fits no longer while its content comes in is 452 at the end, and never read as commands")
    func diskFills() async throws {
        try await Gateway.run({
            $0.disk = ControlledDisk(freeOctets: 1_000_000)
            $0.limits.reserveOctets = 900_000
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let line = "MAIL FROM:<evil@sender.test>\r\n"
            let reply = try await client.deliver(String(repeating: line, count: 100_000))
            #expect(reply == "452 4.3.1 Insufficient system storage")
            #expect(gateway.cases.all.map(\.fate) == [.defer])
            #expect(try await client.say("NOOP") == "250 2.0.0 Ok")
            #expect(try await gateway.on { $0.worker.contentOctets } == 0)
        }
    }

    @Test(
        "a held message at the quota of held mail is 452, or refused where the operator says so",
        arguments: [true, false])
    func heldFull(defers: Bool) async throws {
        try await Gateway.run({
            $0.limits.heldOctetsMax = 10
            $0.settings.defersWhenHeldFull = defers
        }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let reply = try await client.deliver(Sample.message("hold me"))
            let record = try #require(gateway.cases.all.first)
            #expect(
                reply
                    == (defers
                        ? "452 4.3.1 Insufficient system storage"
                        : "552 5.3.4 Message refused (case \(record.id))"))
            #expect(record.fate == (defers ? .defer : .reject))
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            #expect(try await gateway.queued().map(\.state) == ["in_flight"])
        }
    }

    @Test("a draft that can't be written is 451 at the end, and its content never read as commands")
    func draftFails() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            gateway.disk.fail(.openUnnamed, with: ENOSPC)
            let line = "MAIL FROM:<evil@sender.test>\r\n"
            let reply = try await client.deliver(String(repeating: line, count: 100_000))
            #expect(reply == "451 4.3.0 Local error, try again later")
            let record = try #require(gateway.cases.all.first)
            #expect(gateway.cases.all.count == 1)
            #expect(record.fate == .defer)
            #expect(record.transaction?.content == nil)
            gateway.disk.heal()
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            #expect(try await gateway.on { [$0.worker.contentOctets, $0.worker.messagesJudged] } == [0, 0])
        }
    }

    @Test("a draft that can't be read back is 451")
    func draftUnreadable() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            gateway.disk.fail(.map, with: ENOMEM)
            let reply = try await client.deliver(String(repeating: Sample.clean, count: 40_000))
            #expect(reply == "451 4.3.0 Local error, try again later")
            #expect(gateway.cases.all.map(\.fate) == [.defer])
            gateway.disk.heal()
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            #expect(try await gateway.on { [$0.worker.contentOctets, $0.worker.messagesJudged] } == [0, 0])
        }
    }

    @Test("content beyond the memory for it is 451, whoever asks for it, until it is settled")
    func memory() async throws {
        try await Gateway.run({ $0.settings.contentMemoryOctetsMax = 50_000 }) { gateway, loop in
            let slow = try await Client(gateway, loop)
            try await slow.begin()
            #expect(try await slow.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await slow.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await slow.say("DATA").hasPrefix("354 "))
            try await slow.send(String(repeating: Sample.clean, count: 900))
            let used = try await gateway.on { $0.worker.contentOctets }
            #expect(used == 900 * Sample.clean.utf8.count)

            let other = try await Client(gateway, loop)
            try await other.begin()
            #expect(
                try await other.deliver(String(repeating: Sample.clean, count: 900))
                    == "451 4.3.2 Too many messages at once, try again later")
            #expect(try await gateway.on { $0.worker.contentOctets } == used)
            try await slow.send(String(repeating: Sample.clean, count: 20))
            try await slow.send(".\r\n")
            #expect(try await slow.reply().hasPrefix("250 2.0.0 "))
            #expect(try await other.deliver().hasPrefix("250 2.0.0 "))
            #expect(try await gateway.on { $0.worker.contentOctets } == 0)
            #expect(gateway.cases.all.map(\.fate) == [.defer, .accept, .accept])
        }
    }

    @Test("a slow disk holds back only the replies that wait for it")
    func slow() async throws {
        try await Gateway.run { gateway, loop in
            let slow = try await Client(gateway, loop)
            try await slow.begin()
            gateway.disk.holdSyncs()
            let transaction = "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"
            try await slow.send(transaction + Sample.clean + ".\r\nNOOP\r\n")
            for _ in 1...3 { _ = try await slow.reply() }
            #expect(gateway.disk.awaitHeldSync())
            let other = try await Client(gateway, loop)
            try await other.begin()
            // However long it takes: whoever waits for us isn't silent.
            await loop.pass(seconds: 4_000)
            #expect(slow.inbox.unread == "")
            #expect(!slow.inbox.isClosed)
            gateway.disk.letSyncsGo()
            #expect(try await slow.reply().hasPrefix("250 2.0.0 "))
            #expect(try await slow.reply() == "250 2.0.0 Ok")
        }
    }
}
