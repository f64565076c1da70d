// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Replay of the five fates")
    struct ReplayOfFatesTests {
        /// Six cases of the five fates, kept whole; the gateway stopped, its rules and scripts moved away.
        private func recorded() throws -> (gateway: Gateway, flagged: String, listed: String) {
            let gateway = try Gateway(edit: [(#"level = "headers""#, #"level = "full""#)])
            let replies = [
                try gateway.deliver(subject: "clean one"),
                try SMTPDialogue.deliver(
                    port: gateway.port,
                    TestMessage.with(attachment: TestMessage.eicar, named: "a.com", subject: "infected")),
                try gateway.deliver(from: "127.0.0.9", subject: "listed"),
                try SMTPDialogue.deliver(
                    port: gateway.port, recipients: ["c@elsewhere.example"], "Subject: relay\n\nno\n"),
                try gateway.deliver(subject: "[hold-me] please"),
                try gateway.deliver(sender: "watched@outside.example", subject: "flagged"),
            ]
            let cases = try replies.map(Gateway.caseID)
            #expect(Set(cases).count == 6)
            #expect(try gateway.stop() == 0)
            try FileManager.default.createDirectory(
                atPath: gateway.folder.path + "/away", withIntermediateDirectories: false)
            for name in ["rules", "sieve"] {
                try FileManager.default.moveItem(
                    atPath: gateway.folder.path + "/" + name, toPath: gateway.folder.path + "/away/" + name)
            }
            return (gateway, cases[5], cases[2])
        }

        /// In a network of its own, where not even loopback is up.
        private func replay(_ gateway: Gateway, cases: String? = nil, _ more: String...) throws -> [String:
            Any]
        {
            try HarnessError.requireRoot(for: "a network without anybody in it")
            let finished = try Programs.run(
                "/usr/bin/unshare",
                [
                    "--net", try Programs.built("postern"), "replay", "--json", "--cases",
                    cases ?? gateway.state + "/cases", "--rulesets", gateway.state + "/rulesets",
                ] + more)
            #expect(finished.status == 0)
            #expect(finished.errors == "")
            return try #require(finished.objects.first)
        }

        private func count(_ report: [String: Any], _ key: String) -> Int? { report[key] as? Int }

        @Test("without network, scanner and rules folder, every case is judged again and equal byte for byte")
        func identical() throws {
            let (gateway, _, _) = try recorded()
            let report = try replay(gateway)
            #expect(count(report, "cases") == 6)
            #expect(count(report, "unchanged") == 6)
            #expect(count(report, "identical") == 6)
            #expect((report["changed"] as? [Any])?.isEmpty == true)
            #expect((report["unanswered"] as? [Any])?.isEmpty == true)
            for key in ["needs_content", "other_evaluator", "ruleset_missing"] {
                #expect(count(report, key) == 0)
            }
        }

        @Test("one changed line of a table gives exactly the difference that it makes")
        func changedLine() throws {
            let (gateway, flagged, _) = try recorded()
            let rules = gateway.folder.path + "/away/rules"
            var text = try String(contentsOfFile: rules + "/mappings", encoding: .utf8)
            let shipped = "watched@*|*        $Y$H"
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let line = try #require(lines.firstIndex { $0.contains(shipped) }) + 1
            text = text.replacingOccurrences(of: shipped, with: "watched@*|*        $Y")
            try Data(text.utf8).write(to: URL(filePath: rules + "/mappings"))
            let report = try replay(gateway, "--rules", rules)
            #expect(count(report, "cases") == 6)
            #expect(count(report, "unchanged") == 5)
            let changed = try #require(report["changed"] as? [[String: Any]])
            try #require(changed.count == 1)
            #expect(changed[0]["from"] as? String == "hold")
            #expect(changed[0]["to"] as? String == "accept")
            #expect(changed[0]["entry"] as? String == "mappings:\(line)")
            #expect(changed[0]["count"] as? Int == 1)
            #expect(changed[0]["examples"] as? [String] == [flagged])
            #expect((report["unanswered"] as? [Any])?.isEmpty == true)
        }

        @Test("one answer taken out of a case: it is reported as unanswered, and in no other count")
        func missingAnswer() throws {
            let (gateway, _, listed) = try recorded()
            let copies = try copyCases(of: gateway) { record in
                guard record["id"] as? String == listed else { return }
                var connection = record["connection"] as? [String: Any] ?? [:]
                let exchanges = connection["exchanges"] as? [[String: Any]] ?? []
                #expect(exchanges.count == 2)
                connection["exchanges"] = exchanges.filter { !"\($0)".contains("TXT") }
                record["connection"] = connection
            }
            let report = try replay(gateway, cases: copies)
            #expect(count(report, "cases") == 6)
            #expect(count(report, "unchanged") == 5)
            #expect(count(report, "identical") == 5)
            #expect((report["changed"] as? [Any])?.isEmpty == true)
            let unanswered = try #require(report["unanswered"] as? [[String: Any]])
            try #require(unanswered.count == 1)
            #expect(unanswered[0]["question"] as? String == "DNS TXT 9.0.0.127.dnsbl.postern.test")
            #expect(unanswered[0]["count"] as? Int == 1)
            #expect(count(report, "needs_content") == 0)

            // Only where it is asked for is the question put again; the sample's list answers from its own
            // data.
            let asked = try replay(
                gateway, cases: copies, "--ask", "--config",
                gateway.folder.path + "/away/rules/postern.toml")
            #expect(count(asked, "unchanged") == 6)
            #expect((asked["unanswered"] as? [Any])?.isEmpty == true)
        }

        /// The case segments, each line changed by `edit`, in another folder.
        private func copyCases(
            of gateway: Gateway, _ edit: (inout [String: Any]) throws -> Void
        ) throws -> String {
            let folder = gateway.state + "/cases"
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                var lines: [String] = []
                let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
                for line in text.split(separator: "\n") {
                    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    var record = try #require(value as? [String: Any])
                    try edit(&record)
                    lines.append(
                        String(decoding: try JSONSerialization.data(withJSONObject: record), as: UTF8.self))
                }
                try gateway.folder.write(lines.map { $0 + "\n" }.joined(), to: "copies/\(name)")
            }
            return gateway.folder.path + "/copies"
        }
    }
}
