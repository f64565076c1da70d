// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Users' own scripts on a running gateway")
    struct UserScriptsTests {
        /// A gateway that reads users' scripts in the folder `people` beside its rules.
        private func gateway(edit: [Gateway.Edit] = []) throws -> Gateway {
            let gateway = try Gateway(edit: [Gateway.userFolder] + edit, isStarted: false)
            try gateway.folder.write("", to: "people/.keep")
            try gateway.start()
            return gateway
        }

        private func send(_ gateway: Gateway, to recipient: String = "b@example.test", _ subject: String)
            throws
            -> String
        {
            let reply = try SMTPDialogue.deliver(
                port: gateway.port, recipients: [recipient], "Subject: \(subject)\n\nHello.\n")
            #expect(reply.hasPrefix("250"), "\(reply)")
            return reply
        }

        private func arrival(_ gateway: Gateway, _ subject: String) throws -> String {
            try #require(try gateway.arrived(1, with: "\r\nSubject: \(subject)\r\n").first)
        }

        @Test(
            "what a user writes, and what it includes, counts from the next message on; a link is not followed"
        )
        func live() throws {
            let gateway = try gateway()
            // Every role that reads or runs a script is confined.
            for slot in ["lookups", "inbound-0"] {
                #expect(try gateway.role(slot).confinement.contains { $0.lowercased().contains("landlock") })
            }
            _ = try send(gateway, "before")
            #expect(try !arrival(gateway, "before").contains("X-Friend"))
            try gateway.folder.write(
                #"require "include"; include :personal "friends";"#, to: "people/b@example.test.sieve")
            try gateway.folder.write(
                #"require "editheader"; addheader "X-Friend" "first";"#,
                to: "people/b@example.test/friends.sieve")
            _ = try send(gateway, "second")
            #expect(try arrival(gateway, "second").contains("\r\nX-Friend: first\r\n"))
            try gateway.folder.write(
                #"require "editheader"; addheader "X-Friend" "other";"#,
                to: "people/b@example.test/friends.sieve")
            let third = try send(gateway, "third")
            #expect(try arrival(gateway, "third").contains("\r\nX-Friend: other\r\n"))
            #expect(try gateway.explanation(third).contains("user script is users/b@example.test.sieve"))

            // Out of the folder: to a script that would be one, were it followed.
            try gateway.folder.write("discard;", to: "elsewhere/discard.sieve")
            try FileManager.default.createSymbolicLink(
                atPath: gateway.folder.path + "/people/c@example.test.sieve",
                withDestinationPath: gateway.folder.path + "/elsewhere/discard.sieve")
            let linked = try send(gateway, to: "c@example.test", "linked")
            _ = try arrival(gateway, "linked")
            #expect(try gateway.explanation(linked).contains("is a link, and none is followed there"))
            let notice = try #require(try gateway.arrived(1, with: "To: <c@example.test>\r\n").first)
            #expect(notice.contains("can't be used"))
        }

        @Test("a reload that names another folder of users brings a lookups role that may read it")
        func reload() throws {
            // At its start there is none.
            let gateway = try Gateway()
            let old = try gateway.role("lookups").pid
            let mark = #"require "editheader"; addheader "X-Folder-Of" "%";"#
            for (number, name) in ["people", "others"].enumerated() {
                try gateway.folder.write(
                    mark.replacingOccurrences(of: "%", with: name), to: "\(name)/b@example.test.sieve")
                let edit = number == 0 ? Gateway.userFolder : ("\"../people\"", "\"../others\"")
                try gateway.change("postern.toml", [edit])
                let reload = try gateway.command("reload")
                #expect(reload.status == 0, "\(reload)")
                _ = try send(gateway, "by \(name)")
                #expect(try arrival(gateway, "by \(name)").contains("\r\nX-Folder-Of: \(name)\r\n"))
            }
            // One that changes nothing of the kind leaves it where it is.
            let pid = try gateway.role("lookups").pid
            #expect(pid != old)
            try gateway.change("mappings", [("Relaying$ not$ allowed", "No$ relaying")])
            #expect(try gateway.command("reload").status == 0)
            #expect(try gateway.role("lookups").pid == pid)
            #expect(!gateway.log.contains("event=role.died"))
        }

        @Test("a script with a mistake: the mail comes, the log says what is wrong, and the owner hears once")
        func mistake() throws {
            let gateway = try gateway()
            try gateway.folder.write(
                "require \"fileinto\";\nif heeader \"a\" \"b\" { fileinto \"Junk\"; }\n",
                to: "people/b@example.test.sieve")
            let title = "Subject: Your mail filter does not work: "
            _ = try send(gateway, "first")
            _ = try arrival(gateway, "first")
            let notice = try #require(try gateway.arrived(1, with: title).first)
            #expect(notice.contains("To: <b@example.test>\r\n"))
            #expect(notice.contains("users/b@example.test.sieve:2:4"), "\(notice)")
            #expect(notice.contains("Auto-Submitted: auto-generated\r\n"))
            _ = try send(gateway, "second")
            _ = try arrival(gateway, "second")
            try gateway.wait(until: "both failures in the log") {
                gateway.log.components(separatedBy: "event=script.failed").count == 3
            }
            try gateway.stop()
            #expect(try gateway.arrived().filter { $0.contains(title) }.count == 1)
            #expect(gateway.log.contains("users/b@example.test.sieve:2:4"))
        }

        @Test("a template's rule, put into a user's script, does its work from the next message on")
        func template() throws {
            // Root fills it in; another user reads it.
            let gateway = try gateway(edit: [("# [process]", "[process]\nuser = \"nobody\"")])
            let script = gateway.folder.path + "/people/b@example.test.sieve"
            func fill(_ arguments: String...) throws {
                let finished = try Programs.run(
                    try Programs.built("postern"),
                    ["sieve", "template", "fill"] + arguments + [
                        "--into", script, "--config", gateway.config,
                    ])
                #expect(finished.status == 0, "\(finished)")
            }
            try fill("subject-folder", "--set", "word=sale", "--set", "folder=Junk", "--name", "Sales")
            _ = try send(gateway, "a sale today")
            #expect(try arrival(gateway, "a sale today").contains("\r\nX-Folder: Junk\r\n"))
            try fill(
                "block-sender", "--set", "sender=a@outside.example", "--set", "how=reject", "--order", "2")
            let refused = try SMTPDialogue.deliver(
                port: gateway.port, "From: a@outside.example\nSubject: blocked\n\nHello.\n")
            #expect(refused.hasPrefix("550 5.7.1 The recipient doesn't take mail from this address."))
            // The other rule is still there, and can be switched off.
            try fill(
                "subject-folder", "--set", "word=sale", "--set", "folder=Junk", "--name", "Sales", "--order",
                "0"
            )
            _ = try send(gateway, "another sale")
            #expect(try !arrival(gateway, "another sale").contains("X-Folder"))
        }

        @Test("scripts read text in gb18030 and iso-2022-jp inside the confined role")
        func charsets() throws {
            let gateway = try gateway()
            try gateway.folder.write(
                """
                require ["body", "editheader"];
                if body :text :contains "\u{4F60}\u{597D}\u{4E16}\u{754C}" { addheader "X-Text" "Chinese"; }
                if body :text :contains "\u{65E5}\u{672C}\u{8A9E}" { addheader "X-Text" "Japanese"; }
                if header :contains "Subject" "\u{65E5}\u{672C}\u{8A9E}" { addheader "X-Title" "Japanese"; }
                """, to: "people/b@example.test.sieve")
            let chinese = """
                Subject: gb
                MIME-Version: 1.0
                Content-Type: text/plain; charset=gb18030
                Content-Transfer-Encoding: base64

                xOO6w8rAvec=

                """
            #expect(try SMTPDialogue.deliver(port: gateway.port, chinese).hasPrefix("250"))
            let gb = try arrival(gateway, "gb")
            #expect(gb.contains("\r\nX-Text: Chinese\r\n") && !gb.contains("Japanese"))
            let escape = "\u{1B}"
            let japanese = """
                Subject: =?iso-2022-jp?B?GyRCRnxLXDhsGyhC?=
                MIME-Version: 1.0
                Content-Type: text/plain; charset=iso-2022-jp

                \(escape)$BF|K\\8l\(escape)(B

                """
            #expect(try SMTPDialogue.deliver(port: gateway.port, japanese).hasPrefix("250"))
            let jp = try #require(try gateway.arrived(1, with: "iso-2022-jp").first)
            #expect(jp.contains("\r\nX-Text: Japanese\r\n") && jp.contains("\r\nX-Title: Japanese\r\n"))
        }
    }
}

extension Gateway {
    /// Users' scripts are read in `people`, beside the rules.
    static let userFolder: Edit = ("[folders]", "[sieve]\nuser_folder = \"../people\"\n\n[folders]")
}
