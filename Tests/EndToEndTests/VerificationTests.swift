// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Who may send, and to whom: verified by those who know")
    struct VerificationTests {
        /// The line of the shipped configuration that takes mail for anybody at example.test.
        private static let anybody = "\"example.test\" = \"inside\"\n"

        private static func domain(_ lines: String) -> Gateway.Edit {
            ("[folders]", "[domain.\"example.test\"]\nchannel = \"inside\"\n\(lines)\n[folders]")
        }

        @Test("the next hop is asked who exists: unknown recipients hear 550, and while it is gone 451")
        func callAhead() throws {
            let postfix = try Postfix(recipients: ["b@example.test"])
            let gateway = try Gateway(
                edit: [
                    (#"maildir = "maildir""#, #"next_hop = "127.0.0.1:\#(postfix.port)""#),
                    (Self.anybody, ""),
                    Self.domain("recipients = \"call_ahead\"\n"),
                ])
            let client = try SMTPDialogue.greeted(port: gateway.port)
            #expect(try client.say("MAIL FROM:<a@outside.example>").hasPrefix("250"))
            let unknown = try client.say("RCPT TO:<nobody@example.test>")
            #expect(unknown.hasPrefix("550 5.1.1"), "\(unknown)")
            #expect(try client.say("RCPT TO:<b@example.test>").hasPrefix("250"))
            #expect(try client.say("RCPT TO:<postmaster@example.test>").hasPrefix("250"))
            #expect(try client.say("RSET").hasPrefix("250"))
            client.close()
            #expect(try gateway.explanation(unknown).contains("call-ahead by inside for nobody@example.test"))
            #expect(try gateway.deliver(subject: "for who exists").hasPrefix("250"))
            #expect(try postfix.arrived(1, with: "Subject: for who exists").count == 1)
            postfix.stop()
            // What was learnt is remembered; of anybody else nobody can say now.
            let later = try SMTPDialogue.greeted(port: gateway.port)
            #expect(try later.say("MAIL FROM:<a@outside.example>").hasPrefix("250"))
            #expect(try later.say("RCPT TO:<b@example.test>").hasPrefix("250"))
            #expect(try later.say("RCPT TO:<other@example.test>").hasPrefix("451 4.4.3"))
        }

        @Test("recipients out of a text database: a change of the file counts without a reload")
        func database() throws {
            let gateway = try Gateway(isStarted: false)
            try gateway.change(
                "postern.toml",
                [
                    (Self.anybody, ""),
                    Self.domain(
                        """
                        recipients = "database:users"
                        detail_separator = "+"

                        [database.users]
                        file = "users.txt"
                        live = true

                        """),
                ])
            let path = gateway.rules + "/users.txt"
            try Data("b@example.test  yes\n".utf8).write(to: URL(filePath: path))
            try gateway.start()
            func recipient(_ address: String) throws -> String {
                let client = try SMTPDialogue.greeted(port: gateway.port)
                defer { client.close() }
                #expect(try client.say("MAIL FROM:<a@outside.example>").hasPrefix("250"))
                return try client.say("RCPT TO:<\(address)>")
            }
            #expect(try recipient("B+news@Example.test").hasPrefix("250"))
            #expect(try recipient("new@example.test").hasPrefix("550 5.1.1"))
            try Data("b@example.test  yes\nnew@example.test  yes\n".utf8).write(
                to: URL(filePath: path + ".new"))
            try FileManager.default.removeItem(atPath: path)
            try FileManager.default.moveItem(atPath: path + ".new", toPath: path)
            try gateway.wait(until: "the new recipient") {
                try recipient("new@example.test").hasPrefix("250")
            }
        }

        @Test(
            "who authenticates over TLS comes in by another channel, and may relay; a wrong password may not")
        func authentication() throws {
            let postfix = try Postfix()
            let gateway = try Gateway(isStarted: false)
            let hash = try Programs.run("/usr/bin/openssl", ["passwd", "-6", "correct horse"])
            let passwords = try gateway.folder.write(
                Data(
                    "ann:\(hash.output.trimmingCharacters(in: .whitespacesAndNewlines)):ann@example.test\n"
                        .utf8),
                to: "passwords")
            try gateway.change(
                "postern.toml",
                [
                    (
                        "source_script = \"tcp_local\"",
                        "sasl = \"may\"\nsasl_switch_channel = \"tcp_auth\"\nsource_script = \"tcp_local\""
                    ),
                    (
                        "[folders]",
                        "[channel.out]\nnext_hop = \"127.0.0.1:\(postfix.port)\"\n\n"
                            + "[authentication]\npasswords = \"\(passwords)\"\n\n[folders]"
                    ),
                    (
                        "\".example.test\" = \"inside\"",
                        "\"elsewhere.example.test\" = \"out\"\n\".example.test\" = \"inside\""
                    ),
                ])
            try gateway.start()
            func swaks(_ password: String) throws -> Programs.Finished {
                try Programs.run(
                    "/usr/bin/swaks",
                    [
                        "--server", "127.0.0.1:\(gateway.port)", "--local-interface", "127.0.0.1", "--tls",
                        "--auth", "PLAIN", "--auth-user", "ann", "--auth-password", password, "--from",
                        "ann@example.test", "--to", "b@example.test", "--header", "Subject: from ann",
                        "--hide-all",
                    ])
            }
            #expect(try swaks("wrong").status != 0)
            #expect(try swaks("correct horse").status == 0)
            let arrived = try #require(try gateway.arrived(1, with: "Subject: from ann").first)
            #expect(arrived.contains("with ESMTPSA"))
            let cases = try gateway.command("case", "list", "--json").objects
            let accepted = try #require(cases.last { $0["fate"] as? String == "accept" })
            let id = try #require(accepted["id"] as? String)
            let shown = try gateway.command("case", "show", id, "--json").output
            #expect(shown.contains("tcp_auth"))
            // What proved it is nowhere: not in the case, not in the log.
            #expect(!shown.contains("correct horse") && !gateway.log.contains("correct horse"))
            #expect(!shown.contains("AGFubgBjb3JyZWN0") && !gateway.log.contains("AGFubgBjb3JyZWN0"))
        }

        @Test(
            "a stranger's first attempt is put off, the second is taken, and so is the next after a restart")
        func greylisting() throws {
            let gateway = try Gateway(edit: [
                ("block_time = \"5m\" ", "block_time = \"1s\" "),
                ("# [greylist]", "[greylist]\nmeter = \"grey\"\n\n# [greylist]"),
            ])
            #expect(try gateway.deliver(subject: "first").hasPrefix("451 4.7.1"))
            try gateway.wait(until: "the time to be over") {
                try gateway.deliver(subject: "again").hasPrefix("250")
            }
            let lookups = try gateway.role("lookups")
            kill(lookups.pid, SIGKILL)
            _ = try gateway.successor(of: lookups.pid, in: "lookups")
            #expect(try gateway.deliver(subject: "after the restart").hasPrefix("250"))
            // Our own hosts never wait.
            let inside = try SMTPDialogue.greeted(port: gateway.port, from: "127.0.0.2")
            #expect(
                try inside.deliver(
                    sender: "new@inside.example", Array("Subject: from inside\n\ntext\n".utf8)
                ).hasPrefix("250"))
        }

        @Test("ETRN runs the mail that waits for a next hop which was gone")
        func queueRun() throws {
            let postfix = try Postfix(isStarted: false)
            let gateway = try Gateway(edit: [
                (#"maildir = "maildir""#, #"next_hop = "127.0.0.1:\#(postfix.port)""#),
                ("source_script = \"tcp_local\"", "etrn = true\nsource_script = \"tcp_local\""),
            ])
            #expect(try gateway.deliver(subject: "waits").hasPrefix("250"))
            try gateway.wait(until: "a first attempt that failed") {
                let row = try gateway.command("queue", "list", "--json").objects.first
                return (row?["reason"] as? String)?.contains("Connection refused") == true
            }
            try postfix.start()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            let reply = try client.say("ETRN example.test")
            #expect(reply.hasPrefix("25"), "\(reply)")
            #expect(try postfix.arrived(1, with: "Subject: waits").count == 1)
        }
    }
}
