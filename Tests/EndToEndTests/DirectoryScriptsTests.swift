// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Scripts from a real directory and by filter URLs")
    struct DirectoryScriptsTests {
        /// Ann's mail is filtered by herself, by who heads her household, and by her domain.
        private static let entries = #"""
            dn: ou=people,dc=example
            objectClass: organizationalUnit
            ou: people

            dn: uid=ann,ou=people,dc=example
            objectClass: inetOrgPerson
            uid: ann
            cn: Ann
            sn: Ann
            mail: b@example.test
            description: require "editheader"; addheader "X-Level" "user";
            seeAlso: uid=head,ou=people,dc=example
            employeeType: Yes

            dn: uid=head,ou=people,dc=example
            objectClass: inetOrgPerson
            uid: head
            cn: Head
            sn: Head
            mail: head@example.test
            description: # $Rule Info: Order=2 Name=second$require "editheader"; addheader "X-Level" "head two";
            description: # $Rule Info: Order=1 Name=first$require ["editheader", "fileinto"]; addheader "X-Level" "head"; if header :contains "subject" "forbidden" { fileinto "Review"; }

            dn: dc=example.test,dc=example
            objectClass: domain
            dc: example.test
            description: require "editheader"; addheader "X-Level" "domain";

            """#

        /// LDIF of `entries`: `$` within a value of several lines stands for the line's end.
        private static var ldif: String {
            entries.split(separator: "\n", omittingEmptySubsequences: false).map { line in
                guard line.hasPrefix("description: ") else { return String(line) }
                var value = String(line.dropFirst("description: ".count))
                value = value.replacingOccurrences(of: "$require", with: "\nrequire")
                return "description:: " + Data(value.utf8).base64EncodedString()
            }.joined(separator: "\n")
        }

        private static func settings(_ slapd: Slapd) -> Gateway.Edit {
            (
                "[folders]",
                """
                [sieve.directory]
                attribute = "description"
                domain_filter = "(&(objectClass=domain)(dc=%d))"
                domain_attribute = "description"
                household_reference = "seeAlso"
                household_switch = "employeeType"
                household_attribute = "description"

                [directory.default]
                servers = ["ldap://127.0.0.1:\(slapd.port)"]
                base = "dc=example"
                timeout_ms = 1000
                retry_after = "1s"
                cache_seconds = 0
                cache_negative_seconds = 0

                [channel.other]
                maildir = "other"
                filter = "ldap:///dc=example?description?sub?(uid=$U)"

                [sieve]
                on_unreachable = "defer"

                [folders]
                """
            )
        }

        @Test(
            "user, household and domain: each has its say out of the directory, and when it is gone, as is set"
        )
        func directory() throws {
            let slapd = try Slapd(entries: Self.ldif)
            let gateway = try Gateway(edit: [
                Self.settings(slapd),
                (
                    "\".example.test\" = \"inside\"",
                    "\"other.test\" = \"other\"\n\".example.test\" = \"inside\""
                ),
            ])
            let reply = try gateway.deliver(subject: "all of them")
            #expect(reply.hasPrefix("250"), "\(reply)")
            let arrived = try #require(try gateway.arrived(1, with: "Subject: all of them\r\n").first)
            let levels = arrived.components(separatedBy: "\r\n").filter { $0.hasPrefix("X-Level: ") }
            #expect(levels == ["X-Level: user", "X-Level: head two", "X-Level: head", "X-Level: domain"])
            // A user who wants nothing of it is still told what to see by who heads his household.
            let forbidden = try gateway.deliver(subject: "forbidden things")
            #expect(try gateway.explanation(forbidden).contains("household script: fileinto \"Review\""))
            #expect(try gateway.held(1).count == 1)
            // A channel's URL into the directory, by the local part.
            #expect(
                try SMTPDialogue.deliver(
                    port: gateway.port, recipients: ["ann@other.test"], "Subject: by URL\n\nHello.\n"
                ).hasPrefix("250"))
            try gateway.wait(until: "mail by the other channel") {
                try Maildir.messages(gateway.state + "/other/new").contains {
                    $0.contains("\r\nX-Level: user\r\n") && $0.contains("Subject: by URL\r\n")
                }
            }

            try slapd.freeze()
            let frozen = try gateway.deliver(subject: "while it stands still")
            #expect(frozen.hasPrefix("451 4.3.0"), "\(frozen)")
            let row = try #require(try gateway.cases(1) { $0["fate"] as? String == "defer" }.first)
            let explained = try gateway.command("case", "explain", try #require(row["id"] as? String)).output
            #expect(explained.contains("can't be had now"), "\(explained)")
            try slapd.thaw()
            try gateway.wait(until: "the directory to be asked again") {
                try gateway.deliver(subject: "once it moves").hasPrefix("250")
            }
            slapd.stop()
            #expect(try gateway.deliver(subject: "while it is gone").hasPrefix("451 4.3.0"))
            try gateway.change("postern.toml", [("on_unreachable = \"defer\"", "on_unreachable = \"skip\"")])
            #expect(try gateway.command("reload").status == 0)
            let skipped = try gateway.deliver(subject: "without it")
            #expect(skipped.hasPrefix("250"), "\(skipped)")
            #expect(try gateway.explanation(skipped).contains("can't be had now, and is skipped"))
            let plain = try #require(try gateway.arrived(1, with: "Subject: without it\r\n").first)
            #expect(!plain.contains("X-Level"))
        }

        @Test(
            "what a channel's filter URLs lead to: each recipient's file, and a script with his address in it"
        )
        func urls() throws {
            let gateway = try Gateway(
                edit: [
                    (
                        "maildir = \"maildir\"",
                        #"""
                        maildir = "maildir"
                        filter = "file:people/$D/$L.sieve"
                        destination_filter = "data:,require \"editheader\"; addheader \"X-For\" \"$A, $S at $H\";"
                        """#
                    ),
                    ("\"example.test\" = \"inside\"\n", ""),
                    (
                        "[folders]",
                        "[domain.\"example.test\"]\nchannel = \"inside\"\ndetail_separator = \"+\"\n\n[folders]"
                    ),
                ], isStarted: false)
            try gateway.folder.write("", to: "sieve/people/.keep")
            try gateway.start()
            // Made after the start: it is read when mail comes.
            try gateway.folder.write(
                #"require "editheader"; addheader "X-File" "hers";"#,
                to: "sieve/people/example.test/eve+news.sieve")
            for recipient in ["eve+news@example.test", "bob+x@example.test"] {
                let reply = try SMTPDialogue.deliver(
                    port: gateway.port, recipients: [recipient], "Subject: for \(recipient)\n\nHello.\n")
                #expect(reply.hasPrefix("250"), "\(reply)")
            }
            let hers = try #require(try gateway.arrived(1, with: "Subject: for eve+news@example.test").first)
            #expect(hers.contains("\r\nX-File: hers\r\n"))
            #expect(hers.contains("\r\nX-For: eve+news@example.test, news at example\r\n"), "\(hers)")
            let his = try #require(try gateway.arrived(1, with: "Subject: for bob+x@example.test").first)
            #expect(!his.contains("X-File"))
            #expect(his.contains("\r\nX-For: bob+x@example.test, x at example\r\n"))
        }
    }
}
