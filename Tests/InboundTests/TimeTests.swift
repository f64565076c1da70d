// SPDX-License-Identifier: MIT

import Gates
import NIOCore
import Testing

@testable import Inbound

@Suite("RFC 5321 §4.5.3.2: time-outs")
struct TimeTests {
    private static let timedOut = "421 4.4.2 Timeout, closing"

    @Test("a silent client hears 421 after the time for a command, and not before")
    func silent() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            await loop.pass(seconds: 299)
            #expect(client.inbox.unread == "")
            #expect(try await client.say("NOOP") == "250 2.0.0 Ok")
            await loop.pass(seconds: 299)
            #expect(client.inbox.unread == "")
            await loop.pass(seconds: 3)
            #expect(try await client.inbox.rest() == [Self.timedOut])
        }
    }

    @Test("one octet of a command a minute is no command")
    func drip() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            for octet in "MAIL FROM:<a".utf8 where client.isOpen {
                try await client.send([octet])
                await loop.pass(seconds: 60)
            }
            #expect(try await client.inbox.rest() == [Self.timedOut])
            #expect(client.handler.isFreed)
        }
    }

    @Test("a client that was turned away has ten seconds to say QUIT")
    func turnedAway() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop, from: "192.0.2.5")
            #expect(try await client.reply().hasPrefix("550 "))
            await loop.pass(seconds: 12)
            #expect(try await client.inbox.rest() == [Self.timedOut])
        }
    }

    @Test("a pause in the content ends the session, and the message is not taken")
    func pause() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await client.say("DATA").hasPrefix("354 "))
            try await client.send(Sample.clean)
            await loop.pass(seconds: 179)
            try await client.send("More.\r\n")
            await loop.pass(seconds: 179)
            #expect(client.inbox.unread == "")
            await loop.pass(seconds: 3)
            #expect(try await client.inbox.rest() == [Self.timedOut])
            #expect(gateway.cases.all.map(\.fate) == [.abandoned])
            #expect(try await gateway.on { $0.worker.contentOctets } == 0)
        }
    }

    @Test("content at one octet a minute ends after the time for all of it")
    func slowContent() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await client.say("DATA").hasPrefix("354 "))
            var minutes = 0
            while client.isOpen, minutes < 100 {
                try await client.send("x")
                await loop.pass(seconds: 60)
                minutes += 1
            }
            #expect(minutes == 60 || minutes == 61)
            #expect(try await client.inbox.rest() == [Self.timedOut])
        }
    }

    @Test("the time for content begins anew with each message")
    func eachContent() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let transaction = "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"
            try await client.send(transaction)
            for _ in 1...3 {
                for _ in 1...25 {
                    try await client.send("Content.\r\n")
                    await loop.pass(seconds: 100)
                }
                // One message ends and the next begins between two looks at the clock.
                try await client.send(".\r\n" + transaction)
                for _ in 1...4 { #expect(try await client.reply().first != "4") }
            }
            #expect(client.isOpen)
        }
    }

    @Test("a client isn't timed out while it waits for us")
    func waiting() async throws {
        try await Gateway.run({ $0.settings.commandSeconds = 1_000 }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send("MAIL FROM:<asked@sender.test>\r\n")
            await loop.pass(seconds: 900)
            #expect(client.inbox.unread == "")
            try await gateway.on { $0.carrier.answerAll(Sample.notListed) }
            #expect(try await client.reply() == "250 2.1.0 Sender ok")
            // Its own time begins with our answer.
            await loop.pass(seconds: 299)
            #expect(client.inbox.unread == "")
            await loop.pass(seconds: 3)
            #expect(try await client.inbox.rest() == [Self.timedOut])
        }
    }

    @Test("a worker without sessions has no timer")
    func noTimer() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("QUIT").hasPrefix("221 "))
            await loop.pass(seconds: 2)
            #expect(client.handler.isFreed)
            let other = try await Client(gateway, loop)
            try await other.begin()
            await loop.pass(seconds: 302)
            #expect(try await other.inbox.rest() == [Self.timedOut])
        }
    }
}
