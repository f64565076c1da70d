// SPDX-License-Identifier: MIT

import Foundation
import Testing

@Suite("The five fates, with the shipped rules", .serialized)
struct FiveFatesTests {
    @Test("a clean message is relayed, with our Received field on top and nothing else changed")
    func clean() throws {
        let gateway = try Gateway()
        let reply = try SMTPDialogue.deliver(
            port: gateway.port,
            "Subject: clean one\nFrom: a@outside.example\nX-Virus-Status: forged\n\nHello.\n.dots\n")
        #expect(reply.hasPrefix("250 2.0.0"))
        let message = try #require(gateway.arrived(1, with: "clean one").first)
        #expect(
            message.contains(
                "Received: from client.example ([127.0.0.1])\r\n\tby gate.postern.test (Postern)"))
        #expect(message.hasSuffix("Subject: clean one\r\nFrom: a@outside.example\r\n\r\nHello.\r\n.dots\r\n"))
        #expect(message.contains("X-Virus-Status: clean (clamav)"))
        #expect(!message.contains("forged"))
        #expect(gateway.stop() == 0)
    }

    @Test(
        "an EICAR attachment is found, the message held, nobody told, and the case names scanner, part and rule"
    )
    func infected() throws {
        let gateway = try Gateway()
        let message = """
            Subject: have a look
            MIME-Version: 1.0
            Content-Type: multipart/mixed; boundary=limit

            --limit
            Content-Type: text/plain

            See the attachment.
            --limit
            Content-Type: application/octet-stream; name=prog.com
            Content-Transfer-Encoding: base64

            \(Data(Gateway.eicar.utf8).base64EncodedString())
            --limit--
            """
        let reply = try SMTPDialogue.deliver(port: gateway.port, message)
        #expect(reply.hasPrefix("250 2.0.0"))
        let explanation = try gateway.explanation(reply)
        #expect(explanation.contains("postern.toml [scanner.clamav]"))
        #expect(explanation.contains("in part 2"))
        #expect(explanation.localizedCaseInsensitiveContains("eicar"))
        let held = try Waiting.until("the held message") {
            try gateway.command("held", "list", "--json").objects.first
        }
        #expect(held["from"] as? String == "a@outside.example")
        #expect(held["case"] as? String == (try Gateway.caseID(reply)))
        #expect(try gateway.arrived().isEmpty)
    }

    @Test("a listed client is refused, and the reply's case names table, line and list")
    func listed() throws {
        let gateway = try Gateway()
        let reply = try SMTPDialogue.deliver(port: gateway.port, from: "127.0.0.9", "Subject: no\n\nno\n")
        #expect(reply.hasPrefix("554 5.7.1 127.0.0.9 is listed by dnsbl.postern.test"))
        let explanation = try gateway.explanation(reply)
        #expect(explanation.contains("PORT_ACCESS TCP|127.0.0.1|\(gateway.port)|127.0.0.9|"))
        #expect(explanation.contains("mappings:"))
        #expect(explanation.contains("DNS A 9.0.0.127.dnsbl.postern.test: 127.0.0.2"))
    }

    @Test("a relay attempt is refused with 550 5.7.1")
    func relay() throws {
        let gateway = try Gateway()
        let reply = try SMTPDialogue.deliver(
            port: gateway.port, recipients: ["c@elsewhere.example"], "Subject: no\n\nno\n")
        #expect(reply.hasPrefix("550 5.7.1 Relaying not allowed: c@elsewhere.example (case "))
        #expect(try gateway.explanation(reply).contains("ORIG_SEND_ACCESS"))
    }

    @Test(
        "what a script or a flag holds is listed, released once however often it is asked, and arrives once",
        arguments: ["script", "flag"])
    func held(by what: String) throws {
        let gateway = try Gateway()
        let sender = what == "flag" ? "watched@outside.example" : "a@outside.example"
        let subject = what == "flag" ? "from a watched sender" : "[hold-me] please"
        let reply = try SMTPDialogue.deliver(
            port: gateway.port, sender: sender, "Subject: \(subject)\n\nbody\n")
        #expect(reply.hasPrefix("250 2.0.0"))
        let item = try Waiting.until("the held message") {
            try gateway.command("held", "list", "--json").objects.first
        }
        let id = try #require(item["id"] as? String)
        #expect(try gateway.arrived().isEmpty)
        let first = try gateway.command("held", "release", id, "--json")
        #expect(first.objects.first?["result"] as? String == "delivered")
        let second = try gateway.command("held", "release", id, "--json")
        #expect(second.objects.first?["result"] as? String != "delivered")
        #expect(try gateway.arrived(1, with: subject).count == 1)
        #expect(try gateway.command("held", "list", "--json").objects.isEmpty)
        gateway.stop()
        #expect(try gateway.arrived().count == 1)
    }
}
