// SPDX-License-Identifier: MIT

import Foundation
import Testing

extension EndToEndTests {
    @Suite("The scanner: libclamav with test signatures")
    struct ScannerTests {
        private static let folder = "/usr/share/clamav-testfiles"

        /// Debian's collection: the engine's own test program, in every kind of container.
        private func testFiles() throws -> [String] {
            let names = try FileManager.default.contentsOfDirectory(atPath: Self.folder).sorted()
            guard names.count > 40 else { throw HarnessError("\(Self.folder) has only \(names)") }
            return names
        }

        @Test("every test file, bare: found, or unscanned with the reason; never clean")
        func bare() throws {
            let gateway = try Gateway(isStarted: false)
            let postern = try Programs.built("postern")
            var waiting = try testFiles()[...]
            var infected = 0
            // Two at a time: each starts a scanner of its own.
            while !waiting.isEmpty {
                let running = try waiting.prefix(2).map { name in
                    let scan = ["scan", Self.folder + "/" + name, "--config", gateway.config]
                    return (name: name, scan: try Programs.start(postern, scan))
                }
                waiting = waiting.dropFirst(2)
                for (name, scan) in running {
                    let finished = try scan.finish()
                    let report = try #require(finished.objects.first, "\(name): \(finished)")
                    switch report["state"] as? String {
                    case "infected":
                        infected += 1
                        #expect(
                            (report["name"] as? String)?.hasPrefix("Postern.Test.ClamAV") == true, "\(name)")
                    case "unscanned":
                        #expect((report["reason"] as? String)?.isEmpty == false, "\(name)")
                    default:
                        Issue.record("\(name): \(report)")
                    }
                }
            }
            #expect(infected > 20)
        }

        @Test("every test file, in a message: held, because it was found or because it wasn't scanned")
        func inMessages() throws {
            let gateway = try Gateway()
            let names = try testFiles()
            let client = try SMTPDialogue.greeted(port: gateway.port)
            for name in names {
                let data = try Data(contentsOf: URL(filePath: Self.folder + "/" + name))
                let reply = try client.deliver(
                    Array(TestMessage.with(attachment: data, named: name, subject: name).utf8))
                #expect(reply.hasPrefix("250 2.0.0"), "\(name): \(reply)")
            }
            let held = try gateway.held(names.count)
            #expect(held.count == names.count)
            for row in held {
                let reason = try #require(row["reason"] as? String)
                #expect(
                    reason.hasPrefix("clamav found Postern.Test.ClamAV")
                        || reason.hasPrefix("unscanned by clamav: "), "\(row)")
            }
            #expect(try gateway.arrived().isEmpty)
            #expect(try gateway.metric("scans_clean_total") == 0)
            #expect(try gateway.metric("scans_infected_total") > 20)
        }

        @Test("with only test signatures, check, status, the log and a metric say so")
        func testSignatures() throws {
            let gateway = try Gateway()
            let check = try gateway.command("check")
            #expect(check.status == 0)
            #expect(
                check.objects.contains {
                    ($0["message"] as? String)?.contains("only test signatures") == true
                })
            #expect(
                try gateway.role("scanner-clamav").note.contains("WARNING: only test signatures are loaded"))
            #expect(
                gateway.log.split(separator: "\n").contains {
                    $0.hasPrefix("level=warning") && $0.contains("event=scanner.ready")
                        && $0.contains("only_test_signatures=true")
                })
            #expect(try gateway.metric("scanner_test_signatures_only") == 1)
        }

        @Test("a scanner that hangs: 451 when its budget is spent, nothing clean; and on once it goes on")
        func hanging() throws {
            let gateway = try Gateway(edit: [("budget_seconds = 60", "budget_seconds = 1")])
            let processes = try gateway.scannerProcesses()
            #expect(processes.count == 3)
            try Processes.signal(SIGSTOP, processes)
            let reply = try gateway.deliver(subject: "while it hangs")
            #expect(reply.hasPrefix("451 4.3.0"))
            let fates = try gateway.cases(1) { $0["fate"] as? String == "defer" }
            let explanation = try gateway.command("case", "explain", try #require(fates[0]["id"] as? String))
            #expect(explanation.output.contains("unscanned for now: clamav: "), "\(explanation.output)")
            try Processes.signal(SIGCONT, processes)
            // The budget is short for a busy machine: some more may be deferred.
            try gateway.wait(until: "the first message that is scanned") {
                try gateway.deliver(subject: "once it goes on").hasPrefix("250")
            }
            #expect(try gateway.arrived(1, with: "Subject: ").allSatisfy { $0.contains("once it goes on") })
            #expect(try gateway.held(0).isEmpty)
            #expect(try gateway.metric("scans_clean_total") == 1)
        }

        @Test("a scanner that is gone: 451, nothing clean; and on once there is another")
        func gone() throws {
            let gateway = try Gateway()
            let processes = try gateway.scannerProcesses()
            // Stopped, the dispatcher starts no other meanwhile.
            try Processes.signal(SIGSTOP, [gateway.pid])
            try Processes.signal(SIGKILL, processes)
            let reply = try gateway.deliver(subject: "while it is gone")
            #expect(reply.hasPrefix("451 4.3.0"))
            try Processes.signal(SIGCONT, [gateway.pid])
            _ = try gateway.successor(of: processes[0], in: "scanner-clamav")
            #expect(try gateway.deliver(subject: "once it is back").hasPrefix("250"))
            #expect(try gateway.arrived(1, with: "Subject: ").allSatisfy { $0.contains("once it is back") })
            #expect(try gateway.metric("scans_clean_total") == 1)
        }

        @Test("a signature folder that can't be read: check and serve refuse it")
        func unreadableSignatures() throws {
            let gateway = try Gateway(
                edit: [(#"signatures = "signatures""#, #"signatures = "nowhere""#)], isStarted: false)
            let check = try gateway.command("check")
            #expect(check.status == 1)
            let complaint = try #require(check.objects.first { $0["severity"] as? String == "error" })
            #expect((complaint["file"] as? String)?.hasSuffix("postern.toml") == true)
            #expect((complaint["line"] as? Int ?? 0) > 1)
            #expect((complaint["message"] as? String)?.contains("/rules/nowhere can't be read") == true)
            let serve = try gateway.command("serve")
            #expect(serve.status == 1)
            #expect(serve.errors.contains("/rules/nowhere can't be read"))
            #expect(!serve.errors.contains("postern: ready"))
        }

        @Test(
            "a signature folder that the scanner's own user may not read: the log says so, and mail hears 451"
        )
        func forbiddenSignatures() throws {
            try HarnessError.requireRoot(for: "a change of user")
            let gateway = try Gateway(
                edit: [("# [process]", "[process]\nuser = \"nobody\"")], isStarted: false)
            let port = try LocalPort.free()
            let service = "kind = \"smtp\"\nlisten = \"127.0.0.1:"
            try gateway.change("postern.toml", [(service + "0\"", service + "\(port)\"")])
            chmod(gateway.rules + "/signatures", 0o700)
            try gateway.launch()
            try gateway.wait(until: "a scanner that says why it ended") {
                gateway.log.split(separator: "\n").contains {
                    $0.contains("event=scanner.failed") && $0.contains("\(gateway.rules)/signatures")
                        && $0.contains("Permission denied")
                }
            }
            try gateway.wait(until: "a greeting") {
                try (try? SMTPDialogue(port: port))?.reply()?.hasPrefix("220") == true
            }
            let reply = try SMTPDialogue.deliver(port: port, "Subject: unscanned\n\ntext\n")
            #expect(reply.hasPrefix("451 4.3.0"), "\(reply)")
            #expect(!gateway.log.contains("postern: ready"))
            #expect(try gateway.arrived().isEmpty)
            #expect(try gateway.stop() == 0)
        }

        @Test(
            "a signature folder that goes while we run: 451 from the next scanner on, until it is there again"
        )
        func vanishedSignatures() throws {
            let gateway = try Gateway()
            let folder = gateway.rules + "/signatures"
            try FileManager.default.moveItem(atPath: folder, toPath: folder + "-away")
            try Processes.signal(SIGKILL, try gateway.scannerProcesses())
            try gateway.wait(until: "a scanner that fails to start") {
                gateway.log.contains("event=scanner.failed")
            }
            #expect(try gateway.deliver(subject: "without signatures").hasPrefix("451 4.3.0"))
            try FileManager.default.moveItem(atPath: folder + "-away", toPath: folder)
            try gateway.wait(until: "a scanner that serves") {
                try gateway.role("scanner-clamav").health == "ready"
            }
            #expect(try gateway.deliver(subject: "with signatures").hasPrefix("250"))
            #expect(try gateway.arrived(1, with: "Subject: ").allSatisfy { $0.contains("with signatures") })
        }
    }
}
