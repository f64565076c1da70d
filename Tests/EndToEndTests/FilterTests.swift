// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Sieve on a running gateway")
    struct FilterTests {
        /// A gateway with these scripts, by their path below `sieve/`.
        private func gateway(_ scripts: [String: String], edit: [Gateway.Edit] = []) throws -> Gateway {
            let gateway = try Gateway(edit: edit, isStarted: false)
            for (path, script) in scripts {
                try Data(script.utf8).write(to: URL(filePath: gateway.folder.path + "/sieve/" + path))
            }
            try gateway.start()
            return gateway
        }

        @Test("scripts of two levels edit one message, and a part that one of them replaced is gone")
        func edits() throws {
            let gateway = try gateway([
                "mta.sieve": #"""
                require ["editheader", "mime", "foreverypart", "replace", "vnd.postern.gateway"];
                addheader "X-Seen" "by the gateway";
                addtag "[ext]";
                foreverypart {
                    if header :mime :param "name" :matches "Content-Type" "*.exe" {
                        replace "An attachment was taken out.";
                    }
                }
                """#,
                "users/b@example.test.sieve": #"""
                require "editheader";
                if header "X-Seen" "by the gateway" { addheader "X-User" "saw it"; }
                """#,
            ])
            let message = TestMessage.with(
                attachment: Data("harmless".utf8), named: "prog.exe", subject: "two levels")
            #expect(try SMTPDialogue.deliver(port: gateway.port, message).hasPrefix("250"))
            let arrived = try #require(try gateway.arrived(1, with: "two levels").first)
            #expect(arrived.contains("\r\nX-Virus-Status: clean (clamav)\r\nX-User: saw it\r\n"))
            #expect(arrived.contains("\r\nX-User: saw it\r\nX-Seen: by the gateway\r\n"))
            #expect(arrived.contains("\r\nSubject: [ext] two levels\r\n"))
            #expect(arrived.contains("An attachment was taken out.") && !arrived.contains("prog.exe"))
            #expect(try gateway.stop() == 0)
        }

        @Test("an answer goes out once, and what was answered is known after a restart")
        func vacation() throws {
            let gateway = try gateway([
                "users/b@example.test.sieve": #"require "vacation"; vacation "I am away.";"#
            ])
            func send(_ subject: String) throws {
                let reply = try SMTPDialogue.deliver(
                    port: gateway.port, sender: "ann@branch.example.test",
                    "From: ann@branch.example.test\nTo: b@example.test\nSubject: \(subject)\n\nHello.\n")
                #expect(reply.hasPrefix("250"), "\(reply)")
                _ = try gateway.arrived(1, with: "Subject: \(subject)\r\n")
            }
            try send("first")
            let answer = try #require(try gateway.arrived(1, with: "I am away.").first)
            #expect(answer.contains("To: ann@branch.example.test\r\n"))
            #expect(answer.contains("Auto-Submitted: auto-replied (vacation)\r\n"))
            try send("second")
            try gateway.stop()
            try gateway.start()
            try send("third")
            try gateway.stop()
            #expect(try gateway.arrived().filter { $0.contains("I am away.") }.count == 1)
        }

        @Test("the same message twice is a duplicate the second time")
        func duplicate() throws {
            let gateway = try gateway([
                "mta.sieve": #"require "duplicate"; if duplicate { discard; }"#
            ])
            let message = "Message-ID: <once@outside.example>\nSubject: only once\n\nHello.\n"
            let first = try SMTPDialogue.deliver(port: gateway.port, message)
            #expect(first.hasPrefix("250"))
            _ = try gateway.arrived(1, with: "only once")
            // What is remembered is there once the first message has gone its way.
            try gateway.wait(until: "the second is a duplicate") {
                let reply = try SMTPDialogue.deliver(port: gateway.port, message)
                return try gateway.explanation(reply).contains("MTA script: discard")
            }
        }

        @Test("a redirected copy comes back once, not for ever")
        func redirect() throws {
            let gateway = try gateway([
                "users/b@example.test.sieve": #"require "copy"; redirect :copy "c@example.test";"#
            ])
            #expect(try gateway.deliver(subject: "sent on").hasPrefix("250"))
            let arrived = try gateway.arrived(2, with: "Subject: sent on\r\n")
            #expect(arrived.filter { $0.contains("X-Sieve-Redirected-From: b@example.test\r\n") }.count == 1)
        }

        @Test("a folder's name stands on top of what is filed into it")
        func folder() throws {
            let gateway = try gateway([
                "users/b@example.test.sieve": #"require "fileinto"; fileinto "Junk";"#
            ])
            #expect(try gateway.deliver(subject: "bulk").hasPrefix("250"))
            let arrived = try #require(try gateway.arrived(1, with: "Subject: bulk").first)
            #expect(arrived.contains("\r\nX-Folder: Junk\r\n"))
        }

        @Test("a message with two content types is held as misshapen; with a NUL it is written anew")
        func misshapen() throws {
            let gateway = try Gateway()
            let twice = "Content-Type: text/plain\nContent-Type: text/html\nSubject: two types\n\n<b>x</b>\n"
            let reply = try SMTPDialogue.deliver(port: gateway.port, twice)
            #expect(reply.hasPrefix("250"))
            #expect(try gateway.explanation(reply).contains("duplicateContentType"))
            #expect(try gateway.held(1).first?["from"] as? String == "a@outside.example")
            let nul = "Subject: with a nul\n\nbefore\u{0}after\n"
            #expect(try SMTPDialogue.deliver(port: gateway.port, nul).hasPrefix("250"))
            let arrived = try #require(try gateway.arrived(1, with: "with a nul").first)
            #expect(!arrived.utf8.contains(0) && arrived.contains("before"))
        }

        @Test("scripts judged again from a case come to the same")
        func replay() throws {
            let gateway = try gateway(
                [
                    "users/b@example.test.sieve": #"""
                    require ["editheader", "vacation"]; addheader "X-Away" "yes"; vacation "I am away.";
                    """#
                ], edit: [(#"level = "headers""#, #"level = "full""#)])
            let reply = try SMTPDialogue.deliver(
                port: gateway.port, sender: "ann@branch.example.test",
                "From: ann@branch.example.test\nTo: b@example.test\nSubject: judged again\n\nHello.\n")
            #expect(reply.hasPrefix("250"))
            _ = try gateway.cases(1) { $0["fate"] as? String == "accept" }
            let report = try gateway.command("replay", "--since", "1h", "--rules", gateway.rules, "--json")
            #expect(report.status == 0, "\(report)")
            let found = try #require(report.objects.first)
            #expect(found["unchanged"] as? Int == found["cases"] as? Int, "\(report)")
        }
    }
}
