// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Wishes for reports, and copies that go elsewhere, to a real Postfix")
    struct DeliveryWishesTests {
        @Test("DSN is offered where it is switched on; scripts see the wishes, and the next hop fulfils them")
        func notifications() throws {
            let known = ["ann@example.test", "b@example.test", "c@example.test"]
            let postfix = try Postfix(recipients: known, bouncesUnknown: true)
            let gateway = try Gateway(
                edit: [
                    (#"maildir = "maildir""#, #"next_hop = "127.0.0.1:\#(postfix.port)""#),
                    ("source_script = \"tcp_local\"", "dsn = true\nsource_script = \"tcp_local\""),
                ], isStarted: false)
            try gateway.folder.write(
                """
                require ["envelope", "envelope-dsn", "editheader", "copy", "redirect-dsn"];
                if envelope "notify" ["SUCCESS"] { addheader "X-Notify" "success"; }
                if envelope "ret" "HDRS" { addheader "X-Ret" "header"; }
                if envelope "envid" "ab+c" { addheader "X-Envid" "yes"; }
                if envelope :contains "orcpt" "first@example.test" { addheader "X-Orcpt" "yes"; }
                redirect :copy :notify "SUCCESS" :ret "FULL" "c@example.test";
                """, to: "sieve/users/b@example.test.sieve")
            try gateway.start()
            let client = try SMTPDialogue(port: gateway.port)
            _ = try client.reply()
            let offered = try client.say("EHLO client.example")
            #expect(offered.components(separatedBy: "\n").contains { $0.dropFirst(4) == "DSN" }, "\(offered)")
            #expect(
                try client.say("MAIL FROM:<ann@example.test> RET=HDRS ENVID=ab+2Bc").hasPrefix("250"))
            #expect(
                try client.say(
                    "RCPT TO:<b@example.test> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;first@example.test"
                ).hasPrefix("250"))
            try client.say("DATA", expecting: "354")
            let reply = try client.content(Array("Subject: wished\n\nThe text of it.\n".utf8))
            #expect(reply.hasPrefix("250"), "\(reply)")
            let arrived = try #require(
                try postfix.arrived(2, with: "Subject: wished").first { $0.contains("Delivered-To: b@") })
            for line in ["X-Notify: success", "X-Ret: header", "X-Envid: yes", "X-Orcpt: yes"] {
                #expect(arrived.contains("\n\(line)\n"), "\(line) in \(arrived)")
            }
            // Who reports is Postfix: it was told of the wishes, in their first form.
            let report = try #require(
                try postfix.arrived(1, with: "Original-Recipient: rfc822;first@example.test").first)
            #expect(report.contains("Original-Envelope-Id: ab+c\n"), "\(report)")
            #expect(report.contains("Action: delivered"))
            #expect(report.contains("text/rfc822-headers") && !report.contains("The text of it."))
            // The script's own wish for its copy.
            #expect(try postfix.arrived(1, with: "Final-Recipient: rfc822; c@example.test").count == 1)

            // Of a failure Postfix would return the whole message, had it not been told otherwise.
            for (ret, isWhole) in [("HDRS", false), ("FULL", true)] {
                let text = "The text for \(ret)."
                #expect(
                    try client.say("MAIL FROM:<ann@example.test> RET=\(ret) ENVID=\(ret)").hasPrefix("250"))
                #expect(try client.say("RCPT TO:<nobody@example.test> NOTIFY=FAILURE").hasPrefix("250"))
                try client.say("DATA", expecting: "354")
                #expect(try client.content(Array("Subject: failing\n\n\(text)\n".utf8)).hasPrefix("250"))
                let failed = try #require(
                    try postfix.arrived(1, with: "Original-Envelope-Id: \(ret)\n").first)
                #expect(failed.contains("Action: failed") && failed.contains(text) == isWhole, "\(failed)")
            }
            // And nobody is told who wants to hear nothing.
            #expect(try client.say("MAIL FROM:<ann@example.test> ENVID=silent").hasPrefix("250"))
            #expect(try client.say("RCPT TO:<nobody@example.test> NOTIFY=NEVER").hasPrefix("250"))
            try client.say("DATA", expecting: "354")
            #expect(try client.content(Array("Subject: never\n\nx\n".utf8)).hasPrefix("250"))
            try postfix.waitForLog("status=bounced", count: 3)
            #expect(try postfix.arrived().filter { $0.contains("Original-Envelope-Id: silent") }.isEmpty)
        }

        @Test("DSN is not offered unless it is switched on")
        func silence() throws {
            let gateway = try Gateway()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            let offered = try client.say("EHLO client.example")
            #expect(!offered.contains("DSN"))
            #expect(try client.say("MAIL FROM:<a@outside.example> RET=HDRS").hasPrefix("555"))
        }

        @Test(
            "a folder is a detail of the address or a channel of its own; a redirect leaves with the sender that is set"
        )
        func copies() throws {
            let postfix = try Postfix(domains: ["example.test", "far.example"])
            let hop = #"next_hop = "127.0.0.1:\#(postfix.port)""#
            let gateway = try Gateway(
                edit: [
                    (#"maildir = "maildir""#, hop),
                    ("source_script = \"tcp_local\"", "\(hop)\nsource_script = \"tcp_local\""),
                    ("\"example.test\" = \"inside\"\n", ""),
                    (
                        "[folders]",
                        """
                        [channel.archive]
                        maildir = "archive"

                        [domain."example.test"]
                        channel = "inside"
                        detail_separator = "+"

                        [sieve]
                        redirect_sender = "recipient"

                        [folders]
                        "Lists/*" = "subaddress"
                        "Archive" = "channel:archive"
                        """
                    ),
                ], isStarted: false)
            try gateway.folder.write(
                """
                require ["fileinto", "copy"];
                if header :is "subject" "list" { fileinto "Lists/swift"; }
                if header :is "subject" "old" { fileinto "Archive"; }
                if header :contains "subject" "away" { redirect "c@far.example"; }
                """, to: "sieve/users/b@example.test.sieve")
            try gateway.start()
            #expect(try gateway.deliver(subject: "list").hasPrefix("250"))
            let list = try postfix.arrived(1, with: "Subject: list\n")
            #expect(list.count == 1)
            #expect(list[0].contains("Delivered-To: b+Lists/swift@example.test\n"), "\(list)")
            #expect(try gateway.deliver(subject: "old").hasPrefix("250"))
            try gateway.wait(until: "mail in the archive") {
                try Maildir.messages(gateway.state + "/archive/new").contains {
                    $0.contains("Subject: old\r\n")
                }
            }
            #expect(try gateway.deliver(subject: "away one").hasPrefix("250"))
            let away = try #require(try postfix.arrived(1, with: "Subject: away one\n").first)
            #expect(
                away.contains("Delivered-To: c@far.example\n")
                    && away.contains("Return-Path: <b@example.test>"))
            #expect(away.contains("X-Sieve-Redirected-From: b@example.test\n"))
            try gateway.change(
                "postern.toml", [("redirect_sender = \"recipient\"", "redirect_sender = \"nobody\"")])
            #expect(try gateway.command("reload").status == 0)
            #expect(try gateway.deliver(subject: "away two").hasPrefix("250"))
            let nobodys = try #require(try postfix.arrived(1, with: "Subject: away two\n").first)
            #expect(nobodys.contains("Return-Path: <>"), "\(nobodys)")
            #expect(try postfix.arrived().filter { $0.contains("Subject: old\n") }.isEmpty)
        }
    }
}
