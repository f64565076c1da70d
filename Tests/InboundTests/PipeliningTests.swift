// SPDX-License-Identifier: MIT

import Gates
import Mail
import NIOCore
import Testing

@testable import Inbound

@Suite("RFC 2920: pipelining")
struct PipeliningTests {
    /// A whole session as a client might send it without waiting, mistakes included.
    private static let dialogue = """
        EHLO client.test\r
        MAIL FROM:<a@sender.test>\r
        RCPT TO:<b@example.test>\r
        RCPT TO:<nobody@example.test>\r
        DATA\r
        Subject: one\r
        \r
        ..\r
        .\r
        FROB\r
        MAIL FROM:<refused@sender.test>\r
        RCPT TO:<b@example.test>\r
        MAIL FROM:<>\r
        RCPT TO:<c@example.test>\r
        RSET\r
        MAIL FROM:<a@sender.test>\r
        RCPT TO:<b@elsewhere.test>\r
        DATA\r
        RCPT TO:<c@example.test>\r
        DATA\r
        Subject: refuse me\r
        \r
        .\r
        QUIT\r
        NOOP\r

        """

    private static let codes = [
        "220", "250", "250", "250", "550", "354", "250", "500", "550", "503", "250", "250", "250", "250",
        "550",
        "554", "250", "354", "550", "221",
    ]

    /// Session ids differ from run to run.
    private static func masked(_ replies: [String]) -> [String] {
        replies.map { reply in
            guard let start = reply.firstRange(of: " (case ") else { return reply }
            return String(reply[..<start.upperBound]) + String(reply.suffix(3))
        }
    }

    @Test("a whole session in one piece gets its replies in order, and nothing behind QUIT is read")
    func whole() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.send(Self.dialogue)
            let replies = try await client.inbox.rest()
            #expect(replies.map { String($0.prefix(3)) } == Self.codes)
            #expect(try await gateway.queued().map(\.recipients) == [["b@example.test"]])
            #expect(
                gateway.cases.all.map { [$0.id.suffix(2).description, $0.fate.rawValue] } == [
                    [".1", "accept"], [".2", "reject"], [".3", "abandoned"], [".4", "reject"],
                ])
        }
    }

    @Test("cut anywhere in two, it gets the same replies")
    func cuts() async throws {
        let bytes = Array(Self.dialogue.utf8)
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.send(bytes)
            let expected = Self.masked(try await client.inbox.rest())
            for cut in 1..<bytes.count {
                let client = try await Client(gateway, loop)
                try await client.send(Array(bytes[..<cut]))
                try await client.send(Array(bytes[cut...]))
                #expect(Self.masked(try await client.inbox.rest()) == expected, "cut at \(cut)")
            }
        }
    }

    @Test("octet by octet, it gets the same replies")
    func octets() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            for octet in Self.dialogue.utf8 { try await client.send([octet]) }
            #expect(try await client.inbox.rest().map { String($0.prefix(3)) } == Self.codes)
        }
    }

    @Test("commands behind an open question wait for its answer, and keep their order")
    func lateAnswers() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            try await client.send(
                """
                MAIL FROM:<asked@sender.test>\r
                RCPT TO:<asked-one@example.test>\r
                RCPT TO:<b@example.test>\r
                RCPT TO:<asked-two@example.test>\r
                NOOP\r

                """)
            #expect(client.inbox.unread == "")
            try await Self.answer(gateway, "sender.test", Sample.notListed)
            #expect(try await client.reply() == "250 2.1.0 Sender ok")
            #expect(client.inbox.unread == "")
            // Meanwhile more comes.
            try await client.send("RSET\r\n")
            #expect(client.inbox.unread == "")
            try await Self.answer(
                gateway, "one.test", .dns(.records(["127.0.0.2"], ttlSeconds: 60)))
            #expect(try await client.reply().hasPrefix("550 5.7.1 "))
            #expect(try await client.reply() == "250 2.1.5 Recipient ok")
            #expect(client.inbox.unread == "")
            try await Self.answer(gateway, "two.test", Sample.notListed)
            #expect(try await client.reply() == "250 2.1.5 Recipient ok")
            #expect(try await client.reply() == "250 2.0.0 Ok")
            #expect(try await client.reply() == "250 2.0.0 Ok")
        }
    }

    @Test("transactions behind a late scan are judged in their order")
    func lateScans() async throws {
        try await Gateway.run({ $0.scanners = [Policy.ScannerPolicy(name: "scan")] }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            let transaction = "MAIL FROM:<a@sender.test>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"
            for subject in ["one", "two", "three"] {
                try await client.send(transaction + Sample.message(subject) + ".\r\n")
            }
            for _ in 1...3 {
                #expect(try await client.reply() == "250 2.1.0 Sender ok")
                #expect(try await client.reply() == "250 2.1.5 Recipient ok")
                #expect(try await client.reply().hasPrefix("354 "))
                #expect(client.inbox.unread == "")
                #expect(try await gateway.on { $0.carrier.waiting.count } == 1)
                try await gateway.on { world in
                    world.carrier.answer(
                        .scan(scanner: "scan"), .scan(ScanReport(state: .clean, tookMs: 1)))
                }
                #expect(try await client.reply().hasPrefix("250 2.0.0 "))
            }
            let subjects = try await gateway.queued().compactMap { queued in
                queued.message.split(separator: "\r\n").first { $0.hasPrefix("Subject: ") }
            }
            #expect(subjects == ["Subject: one", "Subject: two", "Subject: three"])
        }
    }

    private static func answer(_ gateway: Gateway, _ list: String, _ answer: Answer) async throws {
        let questions = [try Sample.question(list, .a), try Sample.question(list, .txt)]
        try await gateway.on { world in
            for question in questions { world.carrier.answer(question, answer) }
        }
    }
}
