// SPDX-License-Identifier: MIT

import Gates
import Mail
import Telemetry
import Testing

@testable import Inbound

@Suite("A refusal")
struct RefusalTests {
    @Test("of a connection names its case, and the client may still say QUIT")
    func connection() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop, from: "192.0.2.5")
            let greeting = try await client.reply()
            let record = try #require(gateway.cases.all.first)
            #expect(greeting == "550 5.7.1 You are not welcome (case \(record.id))")
            #expect(record.id.hasSuffix(".0"))
            #expect(record.fate == .reject)
            #expect(record.transaction == nil)
            #expect(record.connection.trail.entries.contains { $0.rule?.hasPrefix("mappings:") == true })
            #expect(try await client.say("EHLO client.test").hasPrefix("503 "))
            #expect(try await client.say("QUIT").hasPrefix("221 "))
            #expect(gateway.counters.value(.connectionsRejected) == 1)
        }
    }

    @Test("of a connection for now names no case and ends it")
    func connectionForNow() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop, from: "192.0.2.4")
            #expect(try await client.reply() == "421 4.7.1 Come again later")
            await loop.pass(seconds: 0)
            #expect(try await client.inbox.rest() == [])
            #expect(gateway.cases.all.map(\.fate) == [.defer])
        }
    }

    @Test("of a client on a list comes when the list has answered, early talk waits")
    func listed() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop, from: "192.0.2.3")
            try await client.send("EHLO client.test\r\n")
            #expect(client.inbox.unread == "")
            let listed = try #require(DNSQuestion(name: "3.2.0.192.list.test", type: .a))
            let text = try #require(DNSQuestion(name: "3.2.0.192.list.test", type: .txt))
            try await gateway.on { world in
                #expect(world.carrier.asked == [.dns(listed), .dns(text)])
                world.carrier.answer(.dns(text), .dns(.records(["See list.test"], ttlSeconds: 60)))
                world.carrier.answer(.dns(listed), .dns(.records(["127.0.0.2"], ttlSeconds: 60)))
            }
            let record = try #require(gateway.cases.all.first)
            #expect(try await client.reply() == "554 5.7.1 See list.test (case \(record.id))")
            #expect(try await client.reply().hasPrefix("503 "))
            #expect(record.connection.exchanges.map(\.question) == [.dns(listed), .dns(text)])
        }
    }

    @Test("of a sender names its case and leaves no transaction")
    func sender() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let reply = try await client.say("MAIL FROM:<refused@sender.test>")
            let record = try #require(gateway.cases.all.first)
            #expect(reply == "550 5.1.8 No such sender: refused@sender.test (case \(record.id))")
            #expect(record.fate == .reject)
            #expect(record.transaction?.recipients.isEmpty == true)
            #expect(try await client.say("RCPT TO:<b@example.test>").hasPrefix("503 "))
            #expect(try await client.deliver().hasPrefix("250 2.0.0 "))
            #expect(gateway.cases.all.map(\.fate) == [.reject, .accept])
            #expect(gateway.counters.value(.sendersRejected) == 1)
        }
    }

    @Test("for now, of a sender or a recipient, stays as the rules have it")
    func transient() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(
                try await client.say("MAIL FROM:<later@sender.test>")
                    == "450 4.1.8 Ask again later: later@sender.test")
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(
                try await client.say("RCPT TO:<full@example.test>")
                    == "452 4.2.2 The mailbox is full: full@example.test")
            #expect(try await client.say("DATA").hasPrefix("554 "))
            #expect(try await client.say("RSET") == "250 2.0.0 Ok")
            #expect(gateway.cases.all.map(\.fate) == [.defer, .defer])
        }
    }

    @Test("of a recipient names the case that tells of the whole transaction")
    func recipient() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            let unknown = try await client.say("RCPT TO:<nobody@example.test>")
            let relay = try await client.say("RCPT TO:<b@elsewhere.test>")
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(gateway.cases.all.isEmpty)
            #expect(try await client.say("DATA").hasPrefix("354 "))
            try await client.send(Sample.clean + ".\r\n")
            let settled = try await client.reply()
            let record = try #require(gateway.cases.all.first)
            #expect(gateway.cases.all.count == 1)
            #expect(unknown == "550 5.1.1 No such mailbox: nobody@example.test (case \(record.id))")
            #expect(relay == "550 5.7.1 Relaying not allowed: b@elsewhere.test (case \(record.id))")
            #expect(settled == "250 2.0.0 Message accepted (case \(record.id))")
            #expect(record.fate == .accept)
            #expect(
                record.transaction?.recipients.map(\.recipient.description) == [
                    "nobody@example.test", "b@elsewhere.test", "b@example.test",
                ])
            #expect(gateway.counters.value(.recipientsRejected) == 2)
            #expect(gateway.counters.value(.recipientsAdmitted) == 1)
        }
    }

    @Test(
        "of every recipient is a refusal, however the client leaves",
        arguments: ["RSET", "EHLO again", "QUIT", ""])
    func allRecipients(farewell: String) async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<nobody@example.test>").hasPrefix("550 "))
            if farewell.isEmpty { try await client.hangUp() } else { _ = try await client.say(farewell) }
            #expect(gateway.cases.all.map(\.fate) == [.reject])
        }
    }

    @Test("of a command that the protocol doesn't know costs no case, and is counted")
    func grammar() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("FROB").hasPrefix("500 "))
            try await client.send("NOOP\nNOOP\r\n")
            #expect(try await client.reply().hasPrefix("500 5.5.2 Bare LF"))
            #expect(try await client.say("NO\0OP").hasPrefix("500 "))
            #expect(gateway.cases.all.isEmpty)
            #expect(gateway.counters.value(.badCommands) == 3)
            #expect(gateway.counters.value(.bareNewlines) == 1)
        }
    }

    @Test("of content with a bare line feed is read to the true end, and names its case")
    func bareNewline() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            #expect(try await client.say("MAIL FROM:<a@sender.test>") == "250 2.1.0 Sender ok")
            #expect(try await client.say("RCPT TO:<b@example.test>") == "250 2.1.5 Recipient ok")
            #expect(try await client.say("DATA").hasPrefix("354 "))
            try await client.send("Subject: x\r\n\r\nend\n.\nMAIL FROM:<evil@sender.test>\r\n")
            #expect(client.inbox.unread == "")
            try await client.send(".\r\n")
            let reply = try await client.reply()
            let record = try #require(gateway.cases.all.first)
            #expect(reply.hasPrefix("554 5.6.0 Bare LF in the message"))
            #expect(reply.hasSuffix(" (case \(record.id))"))
            #expect(record.fate == .reject)
            #expect(record.transaction?.content == nil)
            #expect(try await gateway.on { $0.worker.contentOctets } == 0)
            #expect(gateway.counters.value(.bareNewlines) == 1)
            #expect(try await gateway.queued().isEmpty)
        }
    }
}
