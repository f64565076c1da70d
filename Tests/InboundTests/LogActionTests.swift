// SPDX-License-Identifier: MIT

import Gates
import Mail
import Testing

@testable import Inbound

/// What `LOG_ACTION` is told while mail comes in.
@Suite("Records of what happens, put to LOG_ACTION")
struct LogActionTests {
    private static let table = """

        LOG_ACTION

          *   $<seen$ $0

        """

    /// Every record as its probe begins: channels, action, then sender, recipients and reason.
    private func notes(_ gateway: Gateway) -> [String] {
        gateway.cases.tables.compactMap { record in
            guard case .log(let facts, _) = record.consultation else { return nil }
            return
                "\(facts.action.rawValue)\(facts.modifiers) \(facts.sourceChannel)>\(facts.destinationChannel)"
                + " \(facts.originalRecipient)>\(facts.recipient) \(facts.reason)"
        }
    }

    @Test("E for each recipient that something is owed to, once the message has its reply")
    func accepted() async throws {
        try await Gateway.run({ $0.mappings = Self.table }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await client.deliver(to: ["b@example.test", "c@example.test"])
            #expect(
                notes(gateway) == [
                    "EE tcp_local>inside rfc822;b@example.test>b@example.test ",
                    "EE tcp_local>inside rfc822;c@example.test>c@example.test ",
                ])
            let record = try #require(gateway.cases.tables.first)
            #expect(record.caseID == gateway.cases.all.first?.id)
            #expect(record.consultation.rule.hasPrefix("mappings:"))
            guard case .log(let facts, let judgement) = record.consultation else { return }
            #expect(facts.octets == Sample.clean.utf8.count)
            #expect(facts.sender == Address("a@sender.test"))
            #expect(facts.system == "192.0.2.1")
            // An argument ends at a bar.
            #expect(judgement.outcome.notices == ["seen tcp_local"])
        }
    }

    @Test("J for a recipient that is refused, at RCPT or with the content, with the reason")
    func refused() async throws {
        try await Gateway.run({ $0.mappings = Self.table }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await client.say("MAIL FROM:<a@sender.test>")
            _ = try await client.say("RCPT TO:<nobody@example.test>")
            #expect(
                notes(gateway) == [
                    "JE tcp_local> rfc822;nobody@example.test>nobody@example.test "
                        + "550 5.1.1 No such mailbox: nobody@example.test"
                ])
            _ = try await client.say("RSET")
            _ = try await client.deliver(Sample.message("refuse me"))
            #expect(notes(gateway).count == 2)
            #expect(notes(gateway).last?.hasPrefix("JE tcp_local>inside rfc822;b@example.test>") == true)
            // What is thrown away is neither.
            _ = try await client.deliver(Sample.message("drop me"))
            #expect(notes(gateway).count == 2)
        }
    }

    @Test("B for a bad command, by its verb alone, ten of a session at most")
    func badCommands() async throws {
        try await Gateway.run({ $0.mappings = Self.table }) { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await client.say("RCPT TO:<b@example.test>")
            _ = try await client.say("c2VjcmV0 my password")
            let bad = gateway.cases.tables.compactMap { record -> String? in
                guard case .log(let facts, _) = record.consultation else { return nil }
                return "\(facts.action.rawValue) \(facts.recipient) \(facts.diagnostic.prefix(3))"
            }
            #expect(bad == ["B RCPT 503", "B  500"])
            for _ in 0..<8 { _ = try await client.say("DATA") }
            #expect(gateway.cases.tables.count == 10)
            _ = try await client.say("DATA")
            #expect(gateway.cases.tables.count == 10)
        }
    }

    @Test("nothing, where the rules have no such table")
    func noTable() async throws {
        try await Gateway.run { gateway, loop in
            let client = try await Client(gateway, loop)
            try await client.begin()
            _ = try await client.deliver()
            _ = try await client.say("RCPT TO:<b@example.test>")
            #expect(gateway.cases.tables.isEmpty)
        }
    }
}
