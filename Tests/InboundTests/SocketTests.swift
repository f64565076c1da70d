// SPDX-License-Identifier: MIT

import Gates
import Mail
import NIOCore
import SMTPProtocol
import Telemetry
import Testing

@testable import Inbound

@Suite("A client on a socket")
struct SocketTests {
    @Test("brings a message through, and its addresses are those of the connection")
    func clean() async throws {
        try await SocketGateway.run { server in
            let client = try await SocketClient(server)
            #expect(try await client.begin() == Self.capabilities)
            let port = client.channel.localAddress?.port
            try await client.send(
                "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n")
            for code in ["250", "250", "354"] { #expect(try await client.reply().hasPrefix(code)) }
            try await client.send(Sample.clean + ".\r\nQUIT\r\n")
            #expect(try await client.inbox.rest().map { String($0.prefix(3)) } == ["250", "221"])
            let peer = try #require(server.gateway.cases.all.first).peer
            #expect(peer.clientAddress.description == "127.0.0.1")
            #expect(peer.serverAddress.description == "127.0.0.1")
            #expect(peer.serverPort == server.port)
            #expect(peer.clientPort == port)
            #expect(try await server.gateway.queued().count == 1)
        }
    }

    private static let capabilities =
        "250-mx.test\n250-SIZE 10485760\n250-PIPELINING\n250-8BITMIME\n250 ENHANCEDSTATUSCODES"

    @Test(
        "that sends 100 MB against a limit of 10 MB costs one megabyte and hears 552, though it never stops")
    func tooLarge() async throws {
        try await SocketGateway.run { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            try await client.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n")
            for code in ["250", "250", "354"] { #expect(try await client.reply().hasPrefix(code)) }
            let megabyte = String(repeating: String(repeating: "x", count: 62) + "\r\n", count: 16_384)
            for _ in 1...100 {
                guard await client.pour(megabyte, times: 1) else { break }
                #expect(try await server.gateway.on { $0.worker.contentOctets } <= 1 << 20)
            }
            let replies = try await client.inbox.rest()
            let record = try #require(server.gateway.cases.all.first)
            #expect(replies == ["552 5.3.4 Message too big: at most 10485760 octets (case \(record.id))"])
            #expect(record.fate == .reject)
            #expect(try await server.gateway.queued().isEmpty)
        }
    }

    @Test("that announces too much is refused before it sends")
    func declared() async throws {
        try await SocketGateway.run { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test> SIZE=104857600").hasPrefix("552 5.3.4 "))
            #expect(
                try await client.say("MAIL FROM:<a@sender.test> SIZE=99999999999999999999").hasPrefix(
                    "552 5.3.4 "))
        }
    }

    @Test("that sends a line without an end is cut off")
    func endlessLine() async throws {
        try await SocketGateway.run { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            _ = await client.pour(String(repeating: "x", count: 1 << 20), times: 50)
            let replies = try await client.inbox.rest()
            #expect(replies.map { String($0.prefix(3)) } == ["500", "421"])
        }
    }

    @Test("that says BDAT hears why before the connection ends, whatever it sends behind it")
    func chunking() async throws {
        try await SocketGateway.run { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            _ = await client.pour("BDAT 9223372036854775807 LAST\r\n" + Sample.clean, times: 1)
            _ = await client.pour(String(repeating: "x", count: 1 << 20), times: 8)
            #expect(try await client.inbox.rest() == ["502 5.5.1 BDAT is not offered, closing"])
        }
    }

    @Test("that reads nothing for a while gets every reply in the end")
    func slowReader() async throws {
        try await SocketGateway.run({ $0.settings.limits.recipientsMax = 1 }) { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            try await client.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\n")
            for _ in 1...2 { #expect(try await client.reply().hasPrefix("250 ")) }
            try await client.channel.setOption(.autoRead, value: false).get()
            let commands = String(repeating: "RCPT TO:<c@example.test>\r\n", count: 10_000)
            let pouring = Task { await client.pour(commands, times: 11) }
            // Once the server has stopped reading, all of it can't have been sent.
            try await Self.eventually {
                try await server.gateway.on { $0.worker.sessions.all.first?.isHoldingOff == true }
            }
            try await client.channel.setOption(.autoRead, value: true).get()
            #expect(await pouring.value)
            for _ in 1...110_000 {
                let reply = try await client.reply()
                guard reply.hasPrefix("452 4.2.3 ") else { throw Unexpected(reply: reply) }
            }
        }
    }

    private struct Unexpected: Error { let reply: String }

    /// Looks until it is so, or the deadline passes.
    private static func eventually(_ condition: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(Inbox.secondsMax)
        while try await !condition() {
            guard ContinuousClock.now < deadline else { throw Inbox.TimedOut(seen: "") }
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    @Test("is served by a service that drains until its message is through, and nobody new is")
    func drain() async throws {
        try await SocketGateway.run { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>").hasPrefix("250 "))
            let service = server.service
            try await server.gateway.on { _ in service.value.drain {} }
            await #expect(throws: (any Error).self) { _ = try await SocketClient(server) }
            #expect(try await client.say("RCPT TO:<b@example.test>").hasPrefix("250 "))
            #expect(try await client.say("DATA").hasPrefix("354 "))
            try await client.send(Sample.clean + ".\r\n")
            #expect(try await client.inbox.rest().map { String($0.prefix(3)) } == ["250", "421"])
        }
    }
}
