// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Bad input, through a real socket")
    struct BadInputTests {
        @Test(
            "commands too long, broken, out of order or of nonsense are each refused, and the session goes on"
        )
        func commands() throws {
            let gateway = try Gateway()
            let client = try SMTPDialogue(port: gateway.port)
            #expect(try client.reply()?.hasPrefix("220") == true)
            let long = String(repeating: "x", count: 3_000)
            let exchanges = [
                ("MAIL FROM:<a@outside.example>", "503 5.5.1"), ("DATA", "503 5.5.1"),
                ("EHLO client.example", "250"), ("RCPT TO:<b@example.test>", "503 5.5.1"),
                ("NOOP \(long)", "500 5.5.2"), ("MAIL FROM:<\(long)@outside.example>", "500 5.5.2"),
                ("NOOP\0", "500 5.5.2"), ("MAIL FROM:<a\0@outside.example>", "50"),
                ("NOOP x\ry", "500 5.5.2"),
                ("FLY ME TO:<the@moon>", "500 5.5.2"), ("MAIL FROM:a b c", "501"),
                ("MAIL FROM:<a@outside.example> COLOUR=green", "555 5.5.4"), ("NOOP", "250"),
            ]
            for (command, expected) in exchanges {
                let reply = try client.say(command)
                #expect(reply.hasPrefix(expected), "\(command.prefix(40)): \(reply)")
            }
            #expect(try client.deliver(Array("Subject: after all\n\ntext\n".utf8)).hasPrefix("250"))
            #expect(try gateway.arrived(1, with: "after all").count == 1)
            #expect(try gateway.metric("bad_commands_total") == 11)
        }

        @Test("a command line that ends in LF alone is refused, and what follows it is no command of its own")
        func bareNewline() throws {
            let gateway = try Gateway()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            try client.send("NOOP\nMAIL FROM:<a@outside.example>\r\n")
            #expect(try client.reply()?.hasPrefix("500 5.5.2 Bare LF") == true)
            #expect(try client.say("RCPT TO:<b@example.test>").hasPrefix("503 5.5.1 Say MAIL first"))
        }

        @Test("a line without an end closes the connection after a while, and costs little memory")
        func endlessLine() throws {
            let gateway = try Gateway()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            var replies: [String] = []
            do {
                for _ in 0..<1_000 { try client.send([UInt8](repeating: 0x78, count: 10_000)) }
            } catch is HarnessError {
                // It hung up on us, as it should.
            }
            while let reply = try client.reply() { replies.append(reply) }
            #expect(replies.count <= 2)
            #expect(try gateway.deliver(subject: "the next client").hasPrefix("250"))
        }

        /// Ends of content that some server once took for one, and we don't.
        private static let smuggles: [[UInt8]] = [
            Array("\n.\n".utf8), Array("\n.\r".utf8), Array("\r.\n".utf8), Array("\r.\r".utf8),
            Array("\n.\r\n".utf8), Array("\r.\r\n".utf8), Array("\r\n.\r\r\n".utf8),
            Array("\r\r\n.\r\r\n".utf8), Array("\r\n\0.\r\n".utf8),
        ]

        @Test("none of nine false ends of content smuggles a second message in", arguments: 0..<9)
        func smuggling(number: Int) throws {
            let gateway = try Gateway()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            try client.begin()
            let second =
                "MAIL FROM:<smuggler@outside.example>\r\nRCPT TO:<b@example.test>\r\nDATA\r\n"
                + "Subject: smuggled\r\n\r\nboo\r\n.\r\n"
            try client.send(
                Array("Subject: first\r\n\r\ntext".utf8) + Self.smuggles[number] + Array(second.utf8))
            let reply = try #require(try client.reply())
            let hasNUL = Self.smuggles[number].contains(0)
            #expect(reply.hasPrefix(hasNUL ? "250 2.0.0" : "554 5.6.0 Bare "), "\(reply)")
            // One content, one reply: this is NOOP's.
            #expect(try client.say("NOOP").hasPrefix("250 2.0.0 Ok"))
            let envelopes = try gateway.cases(1) { _ in true }
            #expect(envelopes.map { $0["from"] as? String } == ["a@outside.example"])
            if hasNUL {
                let message = try #require(try gateway.arrived(1, with: "Subject: first").first)
                #expect(message.contains("RCPT TO:<b@example.test>"))
            }
            client.close()
            #expect(try gateway.stop() == 0)
            #expect(try gateway.arrived().count == (hasNUL ? 1 : 0))
        }

        @Test("what is sent in the clear behind STARTTLS is not obeyed, and the connection ends")
        func plaintextBehindTLS() throws {
            let gateway = try Gateway()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            try client.send("STARTTLS\r\nMAIL FROM:<a@outside.example>\r\nRCPT TO:<b@example.test>\r\n")
            #expect(try client.reply()?.hasPrefix("554 5.5.1 Octets behind STARTTLS") == true)
            #expect(try client.reply() == nil)
        }

        @Test("garbage, in the clear and as a TLS handshake: a few refusals, then the end of the connection")
        func garbage() throws {
            let gateway = try Gateway()
            var random = SystemRandomNumberGenerator()
            let noise = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &random) }
            for isTLS in [false, true] {
                let client = try SMTPDialogue.greeted(port: gateway.port)
                if isTLS { #expect(try client.say("STARTTLS").hasPrefix("220")) }
                do {
                    try client.send(noise)
                    try client.send(noise)
                } catch is HarnessError {
                    // It hung up on us, as it may.
                }
                client.finishSending()
                var count = 0
                while try client.reply() != nil { count += 1 }
                #expect(count <= 22)
            }
            #expect(try gateway.deliver(subject: "the next client").hasPrefix("250"))
            #expect(try gateway.roles().allSatisfy { $0.restarts == 0 })
        }

        @Test("a hundred megabytes against a limit of ten: refused by the size declared, or while it comes")
        func tooLarge() throws {
            let gateway = try Gateway(edit: [Gateway.oneWorker])
            let worker = try gateway.role("inbound-0").pid
            let client = try SMTPDialogue.greeted(port: gateway.port)
            #expect(
                try client.say("MAIL FROM:<a@outside.example> SIZE=104857600").hasPrefix("552 5.3.4"))
            try client.begin()
            let before = try #require(Int(try Processes.status(worker, "VmHWM")[0]))
            let line = [UInt8](repeating: 0x78, count: 998) + [0x0D, 0x0A]
            let megabyte = Array([[UInt8]](repeating: line, count: 1_049).joined())
            do {
                for _ in 0..<100 { try client.send(megabyte) }
            } catch is HarnessError {
                // It hung up on us; the reply is there all the same.
            }
            if let reply = try client.reply() { #expect(reply.hasPrefix("552 5.3.4"), "\(reply)") }
            let after = try #require(Int(try Processes.status(worker, "VmHWM")[0]))
            #expect(after - before < 64_000, "\(before) kB before, \(after) kB after")
            // A little over the limit is read to its end, and refused then.
            let other = try SMTPDialogue.greeted(port: gateway.port)
            try other.begin()
            for _ in 0..<11 { try other.send(megabyte) }
            #expect(try other.say(".").hasPrefix("552 5.3.4 Message too big"))
            #expect(try other.deliver(Array("Subject: small\n\ntext\n".utf8)).hasPrefix("250"))
            #expect(try gateway.arrived(1, with: "Subject: ").count == 1)
        }

        @Test("a client that sends an octet now and then doesn't hold a session for ever")
        func slow() throws {
            let gateway = try Gateway(edit: [
                ("recipients = 1000", "recipients = 1000\ncommand_time = \"1s\"")
            ])
            let client = try SMTPDialogue.greeted(port: gateway.port)
            var isOpen = true
            let noop = Array("NOOP ".utf8) + [UInt8](repeating: 0x78, count: 1_000)
            for octet in noop where isOpen {
                isOpen = !client.hasReply(withinMs: 200)
                if isOpen { try client.send([octet]) }
            }
            #expect(try client.reply()?.hasPrefix("421 4.4.2") == true)
            #expect(try client.reply() == nil)
        }

        @Test(
            "the disk full: 452 to MAIL and 4yz to content, nothing lost; with room again, mail flows again")
        func fullDisk() throws {
            let disk = try SmallDisk(megabytes: 200)
            let gateway = try Gateway(
                edit: [
                    Gateway.oneWorker, (#"reserve = "256M""#, #"reserve = "2M""#),
                    (#"spool_size = "16G""#, #"spool_size = "150M""#),
                ], state: disk.path)
            #expect(try gateway.deliver(subject: "while there is room").hasPrefix("250"))
            _ = try gateway.arrived(1, with: "while there is room")
            let client = try SMTPDialogue.greeted(port: gateway.port)
            try client.begin()
            try disk.fill()
            // Too large for memory alone, so that it needs the disk before it is whole.
            let line = [UInt8](repeating: 0x78, count: 998) + [0x0D, 0x0A]
            let reply = try client.content(Array([[UInt8]](repeating: line, count: 4_000).joined()))
            #expect(reply.hasPrefix("45"), "\(reply)")
            client.close()
            try gateway.wait(until: "452") {
                try gateway.deliver(subject: "too early").hasPrefix("452 4.3.1")
            }
            #expect(gateway.log.contains("event=queue.refusing"))
            try disk.empty()
            try gateway.wait(until: "room") { try gateway.deliver(subject: "room again").hasPrefix("250") }
            #expect(try gateway.arrived(1, with: "room again").count == 1)
            #expect(try gateway.arrived().filter { $0.contains("while there is room") }.count == 1)
            #expect(try gateway.roles().allSatisfy { $0.restarts == 0 })
            #expect(try gateway.stop() == 0)
        }

        @Test("a next hop that takes connections and never answers: its mail stays, other mail flows")
        func silentNextHop() throws {
            let silent = try LocalPort.Listener()
            let gateway = try Gateway(
                edit: [
                    ("[domains]", "[channel.silent]\nnext_hop = \"127.0.0.1:\(silent.port)\"\n\n[domains]"),
                    (#"".example.test" = "inside""#, #""silent.example.test" = "silent""#),
                ])
            let client = try SMTPDialogue.greeted(port: gateway.port)
            let message = Array("Subject: for the silent one\n\ntext\n".utf8)
            #expect(try client.deliver(recipients: ["b@silent.example.test"], message).hasPrefix("250"))
            client.close()
            #expect(try gateway.deliver(subject: "for the other").hasPrefix("250"))
            #expect(try gateway.arrived(1, with: "for the other").count == 1)
            let rows = try gateway.command("queue", "list", "--json").objects
            #expect(rows.map { $0["to"] as? [String] } == [["b@silent.example.test"]])
            #expect(rows.first?["state"] as? String == "in_flight")
            try silent.hangUp()
            let row = try gateway.awaited("the reason in the queue's list") {
                try gateway.command("queue", "list", "--json").objects.first {
                    ($0["reason"] as? String)?.isEmpty == false
                }
            }
            #expect((row["reason"] as? String)?.contains("127.0.0.1 port \(silent.port)") == true, "\(row)")
            #expect(try gateway.stop() == 0)
            try gateway.start()
            #expect(try gateway.command("queue", "list", "--json").objects.count == 1)
        }
    }
}
