// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite("postern sieve bench")
struct SieveBenchCommandTests {
    private struct Report: Decodable {
        var cpu_us_per_evaluation: Double
        var compile_us: Double
        var iterations: Int
        var compilations: Int
        var message_octets: Int
        var actions: Int
        var implicit_keep: Bool
        var memory_octets_before: Int
        var memory_octets_after: Int
        var error: String?
    }

    private static let benchmarks = Program.project + "/Benchmarks/sieve"

    private func bench(_ script: String, _ more: String...) throws -> Report {
        let ran = try Program.run(
            ["sieve", "bench", "--script", script, "--message", Self.benchmarks + "/message.eml"] + more,
            in: Folder())
        #expect(ran.status == 0, "\(ran)")
        #expect(ran.errors.isEmpty)
        return try JSONDecoder().decode(Report.self, from: Data(ran.output.utf8))
    }

    @Test(
        "the scripts that come with it are run to their end, and keep their message",
        arguments: [1, 40, 400], [[], ["--reparse"]])
    func shipped(rules: Int, more: [String]) throws {
        let ran = try Program.run(
            [
                "sieve", "bench", "--script", "\(Self.benchmarks)/\(rules).sieve", "--message",
                "\(Self.benchmarks)/message.eml", "--iterations", "3", "--from", "kim@sender.example", "--to",
                "robin@receiver.example",
            ] + more, in: Folder())
        #expect(ran.status == 0, "\(ran)")
        #expect(ran.errors.isEmpty)
        let report = try JSONDecoder().decode(Report.self, from: Data(ran.output.utf8))
        #expect(report.iterations == 3)
        #expect(report.compilations > 0 && report.compile_us > 0 && report.cpu_us_per_evaluation > 0)
        #expect(report.message_octets == 10_235)
        #expect(report.actions == 0 && report.implicit_keep && report.error == nil)
        #expect(report.memory_octets_before > 0 && report.memory_octets_after > 0)
    }

    @Test("what the script does shows, and why it ended early")
    func outcome() throws {
        let folder = try Folder()
        let discarding = try folder.write("discard;", to: "discard.sieve")
        let report = try bench(discarding, "--iterations", "2")
        #expect(report.actions == 1 && !report.implicit_keep)
        let failing = try folder.write(
            "require [\"ihave\"]; error \"enough\";", to: "failing.sieve")
        #expect(try bench(failing, "--iterations", "1").error?.contains("enough") == true)
    }

    @Test("a script with a mistake is shown, and not measured")
    func faulty() throws {
        let folder = try Folder()
        let script = try folder.write("frobnicate;", to: "s.sieve")
        let ran = try Program.run(
            "sieve", "bench", "--script", script, "--message", script, "--iterations", "1", in: folder)
        #expect(ran.status == 1)
        #expect(ran.output.isEmpty)
        #expect(ran.errors.contains("s.sieve:1:1: error: "))
    }
}
