// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("The five fates, with the shipped rules")
    struct FiveFatesTests {
        @Test("a clean message is relayed, with our fields on top and those that only we may write taken out")
        func clean() throws {
            let gateway = try Gateway()
            let reply = try SMTPDialogue.deliver(
                port: gateway.port,
                "Subject: clean one\nFrom: a@outside.example\nX-Virus-Status: forged\n\nHello.\n.dots\n")
            #expect(reply.hasPrefix("250 2.0.0"))
            let message = try #require(try gateway.arrived(1, with: "clean one").first)
            #expect(
                message.contains(
                    "Received: from client.example ([127.0.0.1])\r\n\tby gate.postern.test (Postern)"))
            #expect(
                message.hasSuffix("Subject: clean one\r\nFrom: a@outside.example\r\n\r\nHello.\r\n.dots\r\n"))
            #expect(message.contains("X-Virus-Status: clean (clamav)"))
            #expect(!message.contains("forged"))
            #expect(try gateway.stop() == 0)
        }

        @Test("an EICAR attachment is found, held, nobody told; the case names scanner, part and rule")
        func infected() throws {
            let gateway = try Gateway()
            let reply = try SMTPDialogue.deliver(
                port: gateway.port,
                TestMessage.with(attachment: TestMessage.eicar, named: "prog.com", subject: "have a look"))
            #expect(reply.hasPrefix("250 2.0.0"))
            let explanation = try gateway.explanation(reply)
            #expect(explanation.contains("postern.toml [scanner.clamav]"))
            #expect(explanation.contains("in part 2"))
            #expect(explanation.contains("Postern.Test.EICAR"))
            let held = try #require(try gateway.held(1).first)
            #expect(held["from"] as? String == "a@outside.example")
            #expect(held["to"] as? [String] == ["b@example.test"])
            #expect(held["case"] as? String == (try Gateway.caseID(reply)))
            #expect(try gateway.command("queue", "list", "--json").objects.count == 1)
            #expect(try gateway.arrived().isEmpty)
        }

        @Test("a listed client is refused before it speaks; the case names table, line and list")
        func listed() throws {
            let gateway = try Gateway()
            let reply = try gateway.deliver(from: "127.0.0.9", subject: "no")
            #expect(reply.hasPrefix("554 5.7.1 127.0.0.9 is listed by dnsbl.postern.test"))
            let explanation = try gateway.explanation(reply)
            #expect(explanation.contains("PORT_ACCESS TCP|127.0.0.1|\(gateway.port)|127.0.0.9|"))
            #expect(explanation.contains("mappings:"))
            #expect(explanation.contains("DNS A 9.0.0.127.dnsbl.postern.test: 127.0.0.2"))
        }

        @Test("a relay attempt is refused with 550 5.7.1, and the case names the table")
        func relay() throws {
            let gateway = try Gateway()
            let reply = try SMTPDialogue.deliver(
                port: gateway.port, recipients: ["c@elsewhere.example"], "Subject: no\n\nno\n")
            #expect(reply.hasPrefix("550 5.7.1 Relaying not allowed: c@elsewhere.example (case "))
            #expect(try gateway.explanation(reply).contains("ORIG_SEND_ACCESS"))
        }

        @Test(
            "what a script or a flag holds is listed, and arrives once however often it is released",
            arguments: [
                ("watched@outside.example", "from a watched sender", "mappings:"),
                ("a@outside.example", "[hold-me] please", "mta.sieve:"),
            ])
        func held(sender: String, subject: String, rule: String) throws {
            let gateway = try Gateway()
            let reply = try gateway.deliver(sender: sender, subject: subject)
            #expect(reply.hasPrefix("250 2.0.0"))
            #expect(try gateway.explanation(reply).contains(rule))
            let item = try #require(try gateway.held(1).first)
            let id = try #require(item["id"] as? String)
            #expect(try gateway.arrived().isEmpty)
            let first = try gateway.command("held", "release", id, "--json")
            #expect(first.objects.first?["result"] as? String == "delivered")
            let second = try gateway.command("held", "release", id, "--json")
            #expect(second.objects.first?["result"] as? String != "delivered")
            #expect(try gateway.arrived(1, with: subject).count == 1)
            #expect(try gateway.command("held", "list", "--json").objects.isEmpty)
            try gateway.stop()
            #expect(try gateway.arrived().count == 1)
        }

        @Test("released, then the gateway started again: released once more it doesn't arrive twice")
        func releasedAcrossRestart() throws {
            let gateway = try Gateway()
            #expect(try gateway.deliver(subject: "[hold-me] please").hasPrefix("250"))
            let id = try #require(try gateway.held(1).first?["id"] as? String)
            try gateway.stop()
            try gateway.start()
            #expect(try gateway.held(1).first?["id"] as? String == id)
            #expect(
                try gateway.command("held", "release", id, "--json").objects.first?["result"] as? String
                    == "delivered")
            try gateway.stop()
            try gateway.start()
            #expect(
                try gateway.command("held", "release", id, "--json").objects.first?["result"] as? String
                    != "delivered")
            #expect(try gateway.deliver(subject: "after it").hasPrefix("250"))
            _ = try gateway.arrived(1, with: "after it")
            #expect(try gateway.arrived().count == 2)
        }
    }
}
