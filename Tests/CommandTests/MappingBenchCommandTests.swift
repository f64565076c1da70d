// SPDX-License-Identifier: MIT
import Foundation
import Testing

@Suite("postern mapping bench")
struct MappingBenchCommandTests {
    private struct Report: Decodable {
        var probes_per_second: Int
        var ns_per_probe: Double
        var entries: Int
        var probes: Int
        var iterations: Int
        var matched: Int
        var questions: Int
        var compile_ms: Double
        var memory_octets: Int
        var wall_seconds: Double
    }

    private func report(_ ran: Program) throws -> Report {
        try JSONDecoder().decode(Report.self, from: Data(ran.output.utf8))
    }

    @Test("evaluates every probe of the file as often as asked, and says how long one takes")
    func counts() throws {
        let folder = try Folder()
        try folder.write("OTHER\n\n  *   $Y\n\nT\n\n  a*   $Y$0\n  b   $:A$N\n", to: "map")
        try folder.write("ab\r\nabc\n\nb\nx", to: "probes")
        let ran = try Program.run(
            "mapping", "bench", "--file", "map", "--table", "t", "--probes", "probes", "--iterations", "7",
            in: folder)
        #expect(ran.status == 0)
        #expect(ran.errors.isEmpty)
        let report = try report(ran)
        #expect(report.entries == 2)
        #expect(report.probes == 5)
        #expect(report.iterations == 7)
        #expect(report.matched == 2 * 7)
        #expect(report.questions == 0)
        #expect(report.probes_per_second > 0 && report.ns_per_probe > 0)
        #expect(report.compile_ms > 0 && report.memory_octets >= 0 && report.wall_seconds >= 0)
        let flagged = try self.report(
            Program.run(
                "mapping", "bench", "--file", "map", "--table", "T", "--probes", "probes", "--iterations",
                "1",
                "--flags", "A", in: folder))
        #expect(flagged.matched == 3)
    }

    @Test(
        "the shipped tables answer each of their probes with an entry that matches", arguments: [10, 10_000])
    func shipped(entries: Int) throws {
        let tables = Program.project + "/Benchmarks/tables"
        let ran = try Program.run(
            "mapping", "bench", "--file", "\(tables)/\(entries).mappings", "--table", "BLOCKED", "--probes",
            "\(tables)/\(entries).probes", "--iterations", "1", in: Folder())
        #expect(ran.errors.isEmpty)
        let report = try report(ran)
        #expect(report.entries == entries)
        #expect(report.matched == report.probes)
        #expect(report.probes == 2_000)
    }

    @Test("questions are counted, and not asked")
    func questions() throws {
        let folder = try Folder()
        try folder.write("T\n\n  *   $C$[dns_verify,dns_verify,$0|$$Y|$$N]$E\n  *   $Y\n", to: "map")
        try folder.write("example.org\n", to: "probes")
        let ran = try Program.run(
            "mapping", "bench", "--file", "map", "--table", "T", "--probes", "probes", "--iterations", "3",
            in: folder)
        #expect(try report(ran).questions == 3)
        #expect(try report(ran).matched == 3)
    }

    @Test("a missing table and an empty file are bad usage, mistakes in the tables are shown")
    func faulty() throws {
        let folder = try Folder()
        try folder.write("T\n\n  *   $Y\n", to: "map")
        try folder.write("T\n\n  *\n", to: "faulty")
        try folder.write("", to: "none")
        try folder.write("x\n", to: "probes")
        func run(_ file: String, _ table: String, _ probes: String) throws -> Program {
            try Program.run(
                "mapping", "bench", "--file", file, "--table", table, "--probes", probes, in: folder)
        }
        #expect(try run("map", "U", "probes").status == 2)
        #expect(try run("map", "T", "none").errors == "postern: none: there is no probe in it\n")
        let shown = try run("faulty", "T", "probes")
        #expect(shown.status == 1)
        #expect(shown.output.isEmpty)
        #expect(shown.errors.hasPrefix("faulty:3:3: error: "))
    }
}
