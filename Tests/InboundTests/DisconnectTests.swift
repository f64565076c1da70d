// SPDX-License-Identifier: MIT

import Gates
import Mail
import Testing

@testable import Inbound

@Suite("A client that goes away")
struct DisconnectTests {
    private static let transaction = "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"

    @Test("at any octet of a session leaves no session, no memory taken and no message")
    func anywhere() async throws {
        let dialogue = Array(("EHLO client.test\r\n" + Self.transaction + Sample.clean).utf8)
        try await Gateway.run { gateway, loop in
            for cut in 0...dialogue.count {
                let client = try await Client(gateway, loop)
                try await client.send(Array(dialogue[..<cut]))
                try await client.hangUp()
                #expect(client.handler.isFreed, "after \(cut) octets")
            }
            #expect(
                try await gateway.on { world in
                    [world.worker.sessions.count, world.worker.contentOctets, world.worker.messagesJudged]
                } == [0, 0, 0])
            #expect(Set(gateway.cases.all.map(\.fate)) == [.abandoned])
            #expect(Set(gateway.cases.all.map(\.id)).count == gateway.cases.all.count)
            #expect(try await gateway.queued().isEmpty)
        }
    }

    @Test("while its connection is being judged is forgotten")
    func duringConnection() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop, from: "192.0.2.3")
            try await client.send("EHLO client.test\r\n")
            try await client.hangUp()
            #expect(client.handler.isFreed)
            try await gateway.on { $0.carrier.answerAll(.dns(.records(["127.0.0.2"], ttlSeconds: 60))) }
            #expect(client.inbox.total == 0)
            #expect(gateway.cases.all.isEmpty)
        }
    }

    @Test("while its sender is being judged leaves no case")
    func duringSender() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send("MAIL FROM:<asked@sender.test>\r\n")
            try await client.hangUp()
            #expect(client.handler.isFreed)
            try await gateway.on { $0.carrier.answerAll(Sample.notListed) }
            #expect(gateway.cases.all.isEmpty)
        }
    }

    @Test("while a recipient is being judged has abandoned its transaction")
    func duringRecipient() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<asked-one@example.test>\r\nDATA\r\n")
            try await client.hangUp()
            #expect(client.handler.isFreed)
            try await gateway.on { $0.carrier.answerAll(Sample.notListed) }
            #expect(gateway.cases.all.map(\.fate) == [.abandoned])
        }
    }

    @Test("while its message is being judged will send it again, so it isn't committed")
    func duringScan() async throws {
        try await Gateway.run({ $0.scanners = [Policy.ScannerPolicy(name: "scan")] }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send(Self.transaction + Sample.clean + ".\r\n")
            try await client.hangUp()
            #expect(client.handler.isFreed)
            #expect(try await gateway.on { $0.worker.contentOctets } == Sample.clean.utf8.count)
            #expect(gateway.cases.all.isEmpty)
            try await gateway.on { $0.carrier.answerAll(.scan(ScanReport(state: .clean, tookMs: 1))) }
            #expect(gateway.cases.all.map(\.fate) == [.abandoned])
            #expect(try await gateway.on { [$0.worker.contentOctets, $0.worker.messagesJudged] } == [0, 0])
            #expect(try await gateway.queued().isEmpty)
        }
    }

    @Test("while its message is being committed does not undo that, and the case says how it ended")
    func duringCommit() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            gateway.disk.holdSyncs()
            try await client.send(Self.transaction + Sample.clean + ".\r\n")
            #expect(gateway.disk.awaitHeldSync())
            try await client.hangUp()
            #expect(client.handler.isFreed)
            #expect(gateway.cases.all.isEmpty)
            gateway.disk.letSyncsGo()
            #expect(try await gateway.queued().map(\.recipients) == [["b@example.test"]])
            #expect(gateway.cases.all.map(\.fate) == [.accept])
            #expect(gateway.cases.all.first?.transaction?.content != nil)
            #expect(try await gateway.on { [$0.worker.contentOctets, $0.worker.messagesJudged] } == [0, 0])
        }
    }

    @Test("after its reply has left nothing behind")
    func afterwards() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            try await client.hangUp()
            #expect(client.handler.isFreed)
            #expect(gateway.cases.all.count == 1)
        }
    }
}
