// SPDX-License-Identifier: MIT

import Mail
import NIOCore
import NIOEmbedded
import SMTPProtocol
import Testing

@testable import Inbound

@Suite("A client that doesn't wait")
struct BackPressureTests {
    @Test("for its answers is read only so far ahead")
    func readAhead() async throws {
        try await Gateway.run({ $0.settings.limits.idleCommandsMax = 1_000_000 }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await Self.reads(client, gateway) == 1)
            try await client.send("MAIL FROM:<asked@sender.test>\r\n")
            #expect(try await Self.reads(client, gateway) == 2)
            try await client.send(String(repeating: "NOOP\r\n", count: 20_000))
            #expect(try await Self.reads(client, gateway) == 2)
            #expect(client.inbox.unread == "")
            try await gateway.on { $0.carrier.answerAll(Sample.notListed) }
            #expect(try await client.reply() == "250 2.1.0 Sender ok")
            // The read that was held back is asked for now, and reading goes on.
            #expect(try await Self.reads(client, gateway) == 4)
            for _ in 1...20_000 {
                let reply = try await client.reply()
                if reply != "250 2.0.0 Ok" { Issue.record("\(reply)") }
            }
        }
    }

    @Test("and has more questions in what it sent, is not read again before they are answered")
    func stillAsking() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await Self.reads(client, gateway)
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            let many = (0..<3_000).map { "RCPT TO:<asked-list\($0)@example.test>\r\n" }.joined()
            try await client.send(many)
            #expect(try await Self.reads(client, gateway) == 1)
            for _ in 1...10 {
                try await gateway.on { world in
                    let round = world.carrier.waiting.map(\.question)
                    for question in round { world.carrier.answer(question, Sample.notListed) }
                }
                #expect(try await client.reply() == "250 2.1.5 Recipient ok")
            }
            #expect(try await Self.reads(client, gateway) == 1)
        }
    }

    @Test("for its replies to leave gets no more of them before they have")
    func unread() async throws {
        try await Gateway.run({ $0.settings.limits.recipientsMax = 1 }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            try await Self.tap(client, gateway) { tap, _ in tap.windowOctets = 1 }
            let before = client.inbox.total
            // Each of these is refused in more octets than it has.
            let count = 20_000
            for _ in 1...10 {
                try await client.send(String(repeating: "RCPT TO:<c@example.test>\r\n", count: count / 10))
            }
            let burst = SessionHandler.repliesOctetsMax + 200
            #expect(client.inbox.total - before <= burst)
            #expect(try await Self.reads(client, gateway) == 0)

            var seen = 0
            while seen < count {
                try await Self.tap(client, gateway) { tap, context in
                    tap.windowOctets = 1
                    tap.setWritable(true, context: context)
                }
                while client.inbox.unread != "" {
                    #expect(try await client.reply().hasPrefix("452 4.2.3 "))
                    seen += 1
                }
            }
            #expect(seen == count)
            #expect(try await Self.tap(client, gateway) { tap, _ in tap.largestWrite } <= burst)
        }
    }

    @Test("and reads nothing at all is let go when its time is up")
    func neverReads() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await Self.tap(client, gateway) { tap, context in tap.setWritable(false, context: context) }
            try await client.send("NOOP\r\n")
            await loop.pass(seconds: 302)
            await loop.pass(seconds: 7)
            #expect(client.inbox.isClosed)
            #expect(client.handler.isFreed)
        }
    }

    @Test("for our goodbye, and goes on sending, is not heard any more, and let go a few seconds later")
    func lingers() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await Self.tap(client, gateway) { tap, _ in tap.keepsItsHalfOpen = true }
            #expect(try await client.say("BDAT 1 LAST").hasPrefix("502 "))
            for _ in 1...5 {
                try await client.send("NOOP\r\n")
                await loop.pass(seconds: 1)
            }
            #expect(client.isOpen)
            await loop.pass(seconds: 3)
            #expect(try await client.inbox.rest() == [])
            #expect(client.handler.isFreed)
        }
    }

    @Test("for our goodbye, and sends without end, is let go at once")
    func lingersTooMuch() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await Self.tap(client, gateway) { tap, _ in tap.keepsItsHalfOpen = true }
            #expect(try await client.say("BDAT 1 LAST").hasPrefix("502 "))
            let megabyte = [UInt8](repeating: 0x78, count: 1 << 20)
            for _ in 0...SessionHandler.lingerOctetsMax >> 20 { try await client.send(megabyte) }
            #expect(client.handler.isFreed)
        }
    }

    /// How often the server has asked for bytes, after being offered to once more.
    private static func reads(_ client: Client, _ gateway: Gateway) async throws -> Int {
        client.channel.read()
        return try await tap(client, gateway) { tap, _ in tap.reads }
    }

    private static func tap<Value: Sendable>(
        _ client: Client, _ gateway: Gateway,
        _ body: @escaping @Sendable (OutboundTap, ChannelHandlerContext) -> Value
    ) async throws -> Value {
        let channel = client.channel
        return try await gateway.on { _ in
            let context = try channel.pipeline.syncOperations.context(handlerType: OutboundTap.self)
            let tap = try channel.pipeline.syncOperations.handler(type: OutboundTap.self)
            return body(tap, context)
        }
    }
}
