// SPDX-License-Identifier: MIT

import Gates
import Telemetry
import Testing

@testable import Inbound

@Suite("RFC 3207: STARTTLS")
struct StartTLSTests {
    @Test("after the handshake the session begins anew, in TLS")
    func clean() async throws {
        let tls = try SocketGateway.tlsContext()
        try await SocketGateway.run({ $0.tls = tls }) { server in
            let client = try await SocketClient(server)
            #expect(try await client.begin().hasSuffix("\n250 STARTTLS"))
            #expect(try await client.say("MAIL FROM:<before@sender.test>").hasPrefix("250 "))
            #expect(try await client.say("STARTTLS").hasPrefix("220 "))
            #expect(server.gateway.cases.all.map(\.fate) == [.abandoned])
            try await client.startTLS()
            #expect(try await client.say("MAIL FROM:<a@sender.test>").hasPrefix("503 "))
            #expect(try await client.say("EHLO inside.test").hasSuffix("\n250 ENHANCEDSTATUSCODES"))
            #expect(try await client.say("STARTTLS").hasPrefix("503 "))
            #expect(try await client.say("RCPT TO:<b@example.test>").hasPrefix("503 "))
            try await client.send("MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n")
            for code in ["250", "250", "354"] { #expect(try await client.reply().hasPrefix(code)) }
            let large = String(repeating: Sample.clean, count: 2_000)
            try await client.send(large + ".\r\nQUIT\r\n")
            #expect(try await client.inbox.rest().map { String($0.prefix(3)) } == ["250", "221"])
            let record = try #require(server.gateway.cases.all.last)
            #expect(record.transaction?.session.tls == "TLSv1.3")
            #expect(record.transaction?.session.helo == "inside.test")
            #expect(server.gateway.counters.value(.tlsHandshakes) == 1)
            #expect(server.gateway.counters.value(.tlsFailures) == 0)
            let queued = try #require(try await server.gateway.queued().first)
            #expect(queued.message.contains("with ESMTPS id "))
            #expect(queued.message.hasSuffix(large))
        }
    }

    @Test("a session that we end in TLS says why, and both ends close")
    func endedByUs() async throws {
        let tls = try SocketGateway.tlsContext()
        try await SocketGateway.run({ $0.tls = tls }) { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            #expect(try await client.say("STARTTLS").hasPrefix("220 "))
            try await client.startTLS()
            try await client.send("GET / HTTP/1.1\r\nHost: mx.test\r\n\r\n")
            #expect(try await client.inbox.rest() == ["500 5.5.1 HTTP is not spoken here, closing"])
        }
    }

    @Test("octets in the clear behind it, in the same piece, end the session")
    func injectedTogether() async throws {
        let tls = try SocketGateway.tlsContext()
        try await SocketGateway.run({ $0.tls = tls }) { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            try await client.send("STARTTLS\r\nMAIL FROM:<evil@sender.test>\r\n")
            #expect(
                try await client.inbox.rest() == ["554 5.5.1 Octets behind STARTTLS in plaintext, closing"])
        }
    }

    @Test("octets in the clear behind it, in a later piece, are no command, before or after the handshake")
    func injectedLater() async throws {
        let tls = try SocketGateway.tlsContext()
        try await SocketGateway.run({ $0.tls = tls }) { server in
            let client = try await SocketClient(server)
            _ = try await client.begin()
            #expect(try await client.say("STARTTLS").hasPrefix("220 "))
            try await client.send("MAIL FROM:<evil@sender.test>\r\n")
            // What comes back is no reply: TLS says goodbye, or nothing at all.
            #expect(try await client.inbox.rest().filter { $0.first?.isNumber == true } == [])
            #expect(server.gateway.cases.all.isEmpty)
            #expect(server.gateway.counters.value(.tlsFailures) == 1)
            #expect(server.gateway.counters.value(.tlsHandshakes) == 0)
        }
    }

    @Test("octets that waited in our buffer with it, while an answer was awaited, end the session")
    func injectedWaiting() async throws {
        let tls = try SocketGateway.tlsContext()
        try await Gateway.run({ $0.tls = tls }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send("MAIL FROM:<asked@sender.test>\r\nSTARTTLS\r\n")
            try await client.send("MAIL FROM:<evil@sender.test>\r\n")
            try await gateway.on { $0.carrier.answerAll(Sample.notListed) }
            #expect(try await client.reply().hasPrefix("250 "))
            await loop.pass(seconds: 0)
            let record = try #require(gateway.cases.all.first)
            #expect(
                try await client.inbox.rest() == [
                    "554 5.5.1 Octets behind STARTTLS in plaintext, closing (case \(record.id))"
                ])
        }
    }

    @Test("a handshake that never comes ends the connection after half a minute")
    func silent() async throws {
        let tls = try SocketGateway.tlsContext()
        try await Gateway.run({ $0.tls = tls }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("STARTTLS").hasPrefix("220 "))
            await loop.pass(seconds: 28)
            #expect(client.isOpen)
            await loop.pass(seconds: 4)
            #expect(client.inbox.isClosed)
            #expect(client.handler.isFreed)
            #expect(gateway.counters.value(.tlsFailures) == 1)
        }
    }

    @Test("a client that goes away in the middle of a handshake, or when we end, leaves nothing")
    func leaves() async throws {
        let tls = try SocketGateway.tlsContext()
        try await Gateway.run({ $0.tls = tls }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("STARTTLS").hasPrefix("220 "))
            try await client.hangUp()
            #expect(client.handler.isFreed)
            let other = try await Client(gateway, loop)
            try await other.begin()
            #expect(try await other.say("STARTTLS").hasPrefix("220 "))
            try await gateway.on { $0.worker.drain {} }
            await loop.pass(seconds: 0)
            #expect(other.inbox.isClosed)
            #expect(other.handler.isFreed)
        }
    }

    @Test("it isn't offered without a certificate")
    func notOffered() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("STARTTLS") == "502 5.5.1 STARTTLS is not offered")
        }
    }
}
