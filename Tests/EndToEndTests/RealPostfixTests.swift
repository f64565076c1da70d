// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("A real Postfix behind; smtp-source and swaks in front")
    struct RealPostfixTests {
        /// A gateway whose one domain is relayed to `postfix`.
        private func gateway(to postfix: Postfix) throws -> Gateway {
            try Gateway(edit: [(#"maildir = "maildir""#, #"next_hop = "127.0.0.1:\#(postfix.port)""#)])
        }

        /// `swaks`, sending `message` as it is.
        private func swaks(_ gateway: Gateway, _ message: Data, _ more: String...) throws -> Programs.Finished
        {
            // It ends the last line itself.
            let data = message.last == 0x0A ? message.dropLast() : message
            let path = try gateway.folder.write(data, to: "message")
            return try Programs.run(
                "/usr/bin/swaks",
                [
                    "--server", "127.0.0.1:\(gateway.port)", "--local-interface", "127.0.0.1", "--helo",
                    "client.example", "--from", "a@outside.example", "--to", "b@example.test", "--data",
                    "@\(path)",
                ] + more)
        }

        @Test("of 300 messages over 10 sessions at a time, each arrives, and once")
        func many() throws {
            let postfix = try Postfix()
            let gateway = try gateway(to: postfix)
            let count = 300
            let source = try Programs.run(
                "/usr/sbin/smtp-source",
                [
                    "-s", "10", "-m", "\(count)", "-l", "2048", "-f", "a@outside.example", "-t",
                    "b@example.test", "127.0.0.1:\(gateway.port)",
                ])
            #expect(source.status == 0, "\(source.errors)")
            let messages = try postfix.arrived(count, with: "Message-Id: <")
            let ids = messages.compactMap { message in
                message.split(separator: "\n").first { $0.hasPrefix("Message-Id: <") }
            }
            #expect(messages.count == count)
            #expect(Set(ids).count == count)
            try gateway.wait(until: "an empty queue") {
                try gateway.command("queue", "list", "--json").objects.isEmpty
            }
            try gateway.stop()
            #expect(try postfix.arrived().count == count)
        }

        @Test("lines of dots and octets beyond ASCII arrive as they were sent")
        func dots() throws {
            let postfix = try Postfix()
            let gateway = try gateway(to: postfix)
            let body = ".\n..\n...dots\n. \n\u{E4}\u{F6}\u{FC} Gr\u{FC}\u{DF}e\n.last\n"
            let message = "Subject: dots\nMIME-Version: 1.0\nContent-Transfer-Encoding: 8bit\n\n" + body
            let sent = try swaks(gateway, try #require(message.data(using: .isoLatin1)))
            #expect(sent.status == 0, "\(sent.output)")
            let arrived = try #require(try postfix.arrived(1, with: "Subject: dots").first)
            // Postfix writes its files with LF.
            #expect(Maildir.body(arrived) == body)
            #expect(arrived.contains("X-Virus-Status: clean (clamav)"))
        }

        @Test("five megabytes, which get a file of their own in the spool, arrive whole")
        func large() throws {
            let postfix = try Postfix()
            let gateway = try gateway(to: postfix)
            var random = SystemRandomNumberGenerator()
            let octets = (0..<3_900_000 / 8).flatMap { _ in
                withUnsafeBytes(of: random.next()) { Array($0) }
            }
            let attachment = Data(octets)
            let message = TestMessage.with(
                attachment: attachment, named: "noise.bin", subject: "five megabytes")
            #expect(message.utf8.count > 5_000_000)
            let sent = try swaks(gateway, Data(message.utf8))
            #expect(sent.status == 0, "\(sent.output.suffix(500))")
            let arrived = try #require(try postfix.arrived(1, with: "five megabytes").first)
            #expect(
                arrived.hasSuffix(try #require(message.range(of: "\n\n").map { message[$0.lowerBound...] })))
            let bodies = gateway.state + "/spool"
            try gateway.wait(until: "the body's file to be gone") {
                try !FileManager.default.subpathsOfDirectory(atPath: bodies).contains {
                    $0.contains("bodies/")
                }
            }
        }

        @Test("while Postfix is away mail waits, and the queue says why; when it is back, mail arrives once")
        func away() throws {
            let postfix = try Postfix()
            let gateway = try gateway(to: postfix)
            postfix.stop()
            #expect(try gateway.deliver(subject: "for later").hasPrefix("250"))
            let row = try gateway.awaited("the reason in the queue's list") {
                try gateway.command("queue", "list", "--json").objects.first {
                    ($0["reason"] as? String)?.isEmpty == false
                }
            }
            #expect((row["reason"] as? String)?.contains("127.0.0.1 port \(postfix.port)") == true, "\(row)")
            #expect(gateway.log.contains("event=next_hop.resting channel=inside"))
            try postfix.start()
            #expect(try postfix.arrived(1, with: "for later").count == 1)
            try gateway.wait(until: "an empty queue") {
                try gateway.command("queue", "list", "--json").objects.isEmpty
            }
            try gateway.stop()
            #expect(try postfix.arrived().count == 1)
        }

        @Test("swaks speaks STARTTLS with the certificate of the first start, and says what was agreed")
        func startTLS() throws {
            let postfix = try Postfix()
            let gateway = try gateway(to: postfix)
            let sent = try swaks(gateway, Data("Subject: by TLS\n\nquietly\n".utf8), "--tls")
            #expect(sent.status == 0, "\(sent.output)")
            #expect(sent.output.contains("TLS started with cipher TLSv1.3"))
            let arrived = try #require(try postfix.arrived(1, with: "by TLS").first)
            #expect(arrived.contains("with ESMTPS"))
            let key = try FileManager.default.contentsOfDirectory(atPath: gateway.state + "/tls")
                .filter { $0.contains("key") }
            #expect(!key.isEmpty)
            for name in key {
                let about = try FileManager.default.attributesOfItem(atPath: gateway.state + "/tls/" + name)
                #expect((about[.posixPermissions] as? Int).map { $0 & 0o077 } == 0)
            }
            #expect(try gateway.metric("tls_handshakes_total") == 1)
        }
    }
}
