// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("Replay of what scripts decided")
    struct ReplayOfScriptsTests {
        private func count(_ report: [String: Any], _ key: String) -> Int? { report[key] as? Int }

        private func replay(_ gateway: Gateway, _ more: String...) throws -> [String: Any] {
            let finished = try Programs.run(
                try Programs.built("postern"),
                ["replay", "--json", "--rulesets", gateway.state + "/rulesets"] + more)
            #expect(finished.status == 0 && finished.errors == "", "\(finished)")
            return try #require(finished.objects.first)
        }

        /// The cases, without what the folder of users said.
        private func withoutScripts(_ gateway: Gateway) throws -> String {
            let folder = gateway.state + "/cases"
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
                let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
                let lines = try text.split(separator: "\n").map { line in
                    let value = try JSONSerialization.jsonObject(with: Data(line.utf8))
                    return String(
                        decoding: try JSONSerialization.data(withJSONObject: Self.stripped(value)),
                        as: UTF8.self)
                }
                try gateway.folder.write(lines.map { $0 + "\n" }.joined(), to: "copies/\(name)")
            }
            return gateway.folder.path + "/copies"
        }

        /// Every list of exchanges in it, without those about `.sieve` files.
        private static func stripped(_ value: Any) -> Any {
            if let list = value as? [Any] { return list.map(stripped) }
            guard let object = value as? [String: Any] else { return value }
            var result = object.mapValues(stripped)
            if let exchanges = object["exchanges"] as? [[String: Any]] {
                result["exchanges"] = exchanges.filter { !"\($0["question"] ?? "")".contains(".sieve") }
            }
            return result
        }

        @Test(
            "recorded scripts judge as they did; a changed one, changed rules and what nobody knows are told apart"
        )
        func scripts() throws {
            let gateway = try Gateway(
                edit: [Gateway.userFolder, (#"level = "headers""#, #"level = "full""#)], isStarted: false)
            let script = "people/b@example.test.sieve"
            try gateway.folder.write(
                #"require "fileinto"; if header :contains "subject" "bulk" { fileinto "Junk"; }"#, to: script)
            try gateway.start()
            let bulk = try gateway.deliver(subject: "bulk mail")
            let other = try gateway.deliver(subject: "other mail")
            #expect(bulk.hasPrefix("250") && other.hasPrefix("250"))
            let ids = [try Gateway.caseID(bulk), try Gateway.caseID(other)]
            _ = try gateway.cases(2) { ids.contains($0["id"] as? String ?? "") }
            #expect(try gateway.stop() == 0)

            // Whatever stands there now: the case knows what stood there then.
            try gateway.folder.write("if header :contains \"subject\" \"bulk\" { discard; }\n", to: script)
            let cases = gateway.state + "/cases"
            let same = try replay(gateway, "--cases", cases)
            #expect(count(same, "cases") == 2 && count(same, "identical") == 2, "\(same)")

            // A case that doesn't know can't be judged, unless the folder may be asked again.
            let copies = try withoutScripts(gateway)
            let unknown = try replay(gateway, "--cases", copies)
            #expect(count(unknown, "unchanged") == 0, "\(unknown)")
            let missing = try #require(unknown["unanswered"] as? [[String: Any]])
            #expect(missing.map { $0["count"] as? Int } == [2])
            #expect(missing.first?["question"] as? String == "script b@example.test.sieve of users")
            let asked = try replay(gateway, "--cases", copies, "--ask", "--config", gateway.config)
            #expect(count(asked, "unchanged") == 1, "\(asked)")
            let changed = try #require(asked["changed"] as? [[String: Any]])
            #expect(changed.map { $0["to"] as? String } == ["discard"])
            #expect(changed.first?["examples"] as? [String] == [ids[0]])
            #expect(
                (changed.first?["entry"] as? String)?.hasSuffix("b@example.test.sieve:1") == true,
                "\(changed)")

            // Another rule of the operator's.
            let mta = gateway.folder.path + "/sieve/mta.sieve"
            var text = try String(contentsOfFile: mta, encoding: .utf8)
            text += "if header :contains \"Subject\" \"other\" { hold; }\n"
            try Data(text.utf8).write(to: URL(filePath: mta))
            let ruled = try replay(gateway, "--cases", cases, "--rules", gateway.rules)
            #expect(count(ruled, "unchanged") == 1, "\(ruled)")
            let difference = try #require(ruled["changed"] as? [[String: Any]])
            #expect(difference.map { $0["to"] as? String } == ["hold"])
            #expect(difference.first?["examples"] as? [String] == [ids[1]])
        }
    }
}
