// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Reload: a good change is taken over, a bad one changes nothing")
    struct ReloadTests {
        /// Refuses the usual recipient.
        private static let refusal: Gateway.Edit = (
            "! Names that never exist",
            "  *|*|*|b@example.test   $X5.7.1|$NNot$ today\n! Names that never exist"
        )

        @Test(
            "a change is in force when reload answers, for new messages; one that is under way keeps its rules"
        )
        func good() throws {
            let gateway = try Gateway()
            let before = try #require(try gateway.status()?["ruleset"] as? String)
            let client = try SMTPDialogue.greeted(port: gateway.port)
            try client.say("MAIL FROM:<a@outside.example>", expecting: "250")
            try gateway.change("mappings", [Self.refusal])
            let reload = try gateway.command("reload")
            #expect(reload.status == 0)
            let answer = try #require(reload.objects.first)
            #expect(answer["result"] as? String == "loaded")
            let after = try #require(answer["ruleset"] as? String)
            #expect(after != before)
            #expect(try gateway.status()?["ruleset"] as? String == after)
            #expect(try gateway.roles().filter { $0.name == "inbound" }.map(\.ruleset) == [after, after])
            // Judged to its end by the rules with which it began.
            try client.say("RCPT TO:<b@example.test>", expecting: "250")
            try client.say("DATA", expecting: "354")
            let reply = try client.content(Array("Subject: under way\n\ntext\n".utf8))
            #expect(reply.hasPrefix("250"))
            let id = try Gateway.caseID(reply)
            let record = try gateway.awaited("case \(id)") {
                try gateway.command("case", "show", id).objects.first
            }
            #expect((record["transaction"] as? [String: Any])?["ruleset"] as? String == before)
            // The next one, in the same session, by the new ones.
            try client.say("MAIL FROM:<a@outside.example>", expecting: "250")
            #expect(try client.say("RCPT TO:<b@example.test>").hasPrefix("550 5.7.1 Not today"))
            #expect(try gateway.arrived(1, with: "under way").count == 1)
        }

        @Test("a worker that is replaced comes back with the rules in force, whatever is being edited")
        func replacedWorker() throws {
            let gateway = try Gateway(edit: [Gateway.oneWorker])
            let ruleset = try #require(try gateway.status()?["ruleset"] as? String)
            try gateway.change("mappings", [("ORIG_SEND_ACCESS", "ORIG_SEND_ACCESS half an edi")])
            let worker = try gateway.role("inbound-0")
            try Processes.signal(SIGKILL, [worker.pid])
            #expect(try gateway.successor(of: worker.pid, in: "inbound-0").ruleset == ruleset)
            #expect(try gateway.deliver(subject: "as before").hasPrefix("250"))
        }

        @Test("SIGHUP reloads")
        func signal() throws {
            let gateway = try Gateway()
            let before = try #require(try gateway.status()?["ruleset"] as? String)
            try gateway.change("mappings", [Self.refusal])
            kill(gateway.pid, SIGHUP)
            try gateway.wait(until: "another ruleset in every worker") {
                let rulesets = Set(try gateway.roles().filter { $0.name == "inbound" }.map(\.ruleset))
                return rulesets.count == 1 && !rulesets.contains(before)
            }
            #expect(try gateway.deliver(subject: "no").hasPrefix("550 5.7.1 Not today"))
        }

        /// Four in the configuration, four in the tables, two in the script.
        private func makeTenMistakes(_ gateway: Gateway) throws {
            try gateway.change(
                "postern.toml",
                [
                    ("recipients = 1000", "recipients = \"many\""), ("sessions = 1000", "sesions = 1000"),
                    ("expiry = \"5d\"", "expiry = \"5 fortnights\""), ("max_days = 14", "max_days = 0"),
                ])
            try gateway.change(
                "mappings",
                [
                    ("  127.0.0.2             $Y", "  127.0.0.2"),
                    ("  $(192.168.0.0/16)     $Y", "  $(192.168.0.0/33)     $Y"),
                    ("  *                     $N", "  *                     $N$B"),
                    ("  tcp_local|*|tcp_local|*   ", "  tcp_local|*|tcp_local|*   $|NO_SUCH_TABLE;x|"),
                ])
            let script = gateway.folder.path + "/sieve/mta.sieve"
            var text = try String(contentsOfFile: script, encoding: .utf8)
            text = text.replacingOccurrences(of: "    discard;", with: "    discrad;")
            text = text.replacingOccurrences(of: "header :matches", with: "header :matched")
            try Data(text.utf8).write(to: URL(filePath: script))
        }

        @Test("ten mistakes in three files: reload and check name all ten with file, line and column")
        func tenMistakes() throws {
            let gateway = try Gateway()
            let before = try #require(try gateway.status()?["ruleset"] as? String)
            try gateway.change("mappings", [Self.refusal])
            try makeTenMistakes(gateway)
            let reload = try gateway.command("reload")
            #expect(reload.status == 1)
            let answer = try #require(reload.objects.first)
            #expect(answer["result"] as? String == "refused")
            #expect(answer["errors"] as? Int == 10)
            let text = try #require(answer["text"] as? String)
            let places = text.matches(of: #/(?m)^\S+\/(postern\.toml|mappings|mta\.sieve):\d+:\d+: error: /#)
            #expect(places.count == 10, "\(text)")
            #expect(reload.errors.contains(text))
            // As if nothing had been edited.
            #expect(try gateway.status()?["ruleset"] as? String == before)
            #expect(Set(try gateway.roles().filter { $0.name == "inbound" }.map(\.ruleset)) == [before])
            #expect(try gateway.deliver(subject: "as before").hasPrefix("250"))
            #expect(try gateway.metric("reloads_refused_total") == 1)
            // The same from `check`, a line each.
            let check = try gateway.command("check")
            #expect(check.status == 1)
            let errors = check.objects.filter { $0["severity"] as? String == "error" }
            #expect(errors.count == 10)
            for error in errors {
                #expect((error["line"] as? Int ?? 0) > 1, "\(error)")
                #expect((error["column"] as? Int ?? 0) >= 1, "\(error)")
                #expect((error["message"] as? String)?.isEmpty == false)
                #expect((error["help"] as? String)?.isEmpty == false, "\(error)")
            }
        }

        @Test("with mistakes in its rules the gateway does not start, and says each")
        func start() throws {
            let gateway = try Gateway(isStarted: false)
            try makeTenMistakes(gateway)
            let serve = try gateway.command("serve")
            #expect(serve.status == 1)
            #expect(serve.errors.matches(of: #/(?m)^\S+:\d+:\d+: error: /#).count == 10, "\(serve.errors)")
        }
    }
}
