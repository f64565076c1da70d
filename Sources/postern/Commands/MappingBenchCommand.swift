// SPDX-License-Identifier: MIT

import ArgumentParser
import Glibc
import MappingTables
import Mail

/// `postern mapping bench`: how many probes a table answers on one core.
struct MappingBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure how fast a mapping table answers probes.",
        discussion: """
            Every probe is evaluated in full, each time anew: patterns, template, flags, and the words for the trail. \
            Answers {"probes_per_second","ns_per_probe","entries","probes","iterations","matched","questions", \
            "compile_ms","memory_octets","wall_seconds"}. Times but the last are processor time. "compile_ms" reads and \
            compiles all of the file's tables, "memory_octets" is by how much the process grew with that. A question to \
            the world is counted, and answered with "nobody knows". Exit status 1 if the tables have mistakes.
            """)

    @Option(help: "The mapping file; includes are looked for beside it.")
    var file: String

    @Option(help: "The table.")
    var table: String

    @Option(help: ArgumentHelp("A file with a probe in each line.", valueName: "file"))
    var probes: String

    @Option(
        help: ArgumentHelp(
            "How often to go through the probes; without it, for a second.", valueName: "n"))
    var iterations: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Input flags that are set, such as AT.", valueName: "chars"))
    var flags = ""

    private struct Report: Encodable {
        var probesPerSecond: Int
        var nsPerProbe: Double
        /// Of the table that was asked for.
        var entries: Int
        var probes: Int
        var iterations: Int
        /// Evaluations that gave a result.
        var matched: Int
        var questions: Int
        var compileMs: Double
        var memoryOctets: Int
        var wallSeconds: Double

        enum CodingKeys: String, CodingKey {
            case entries, probes, iterations, matched, questions
            case probesPerSecond = "probes_per_second"
            case nsPerProbe = "ns_per_probe"
            case compileMs = "compile_ms"
            case memoryOctets = "memory_octets"
            case wallSeconds = "wall_seconds"
        }
    }

    /// What one probe after the other came to.
    private struct Tally {
        var evaluated = 0
        var matched = 0
        var questions = 0
    }

    func validate() throws {
        if let iterations, iterations < 1 { throw ValidationError("--iterations must be at least 1") }
    }

    func run() throws {
        let octets = try InputFile.read(probes, octetsMax: InputFile.textOctetsMax)
        let lines = octets.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
        }
        // What follows the last line end is no line, unless it is more than nothing.
        let given = lines.last?.isEmpty == true ? lines.dropLast() : lines[...]
        guard !given.isEmpty else { throw CommandFailure.badUsage("\(probes): there is no probe in it") }

        let held = try Self.residentOctets()
        let began = Self.processorSeconds()
        let source = try MappingSource(file: file)
        let compiled = Self.processorSeconds() - began
        let memory = try Self.residentOctets() - held
        try source.check()
        guard let entries = source.tables.entryCount(of: table) else {
            throw CommandFailure.badUsage("there is no table \(table)")
        }
        let report = measure(Array(given), source.tables)
        try StandardOutput.print(
            json: Report(
                probesPerSecond: Int(Double(report.tally.evaluated) / report.seconds),
                nsPerProbe: (report.seconds * 1e10 / Double(report.tally.evaluated)).rounded() / 10,
                entries: entries, probes: given.count, iterations: report.tally.evaluated / given.count,
                matched: report.tally.matched, questions: report.tally.questions,
                compileMs: (compiled * 1e5).rounded() / 100, memoryOctets: memory,
                wallSeconds: (report.wall * 1e4).rounded() / 1e4))
    }

    private func measure(
        _ probes: [String], _ tables: TableSet
    ) -> (tally: Tally, seconds: Double, wall: Double) {
        let inputFlags = Set(flags)
        // Once without counting, so that no page is met for the first time.
        var warmUp = Tally()
        for probe in probes { evaluate(probe, tables, inputFlags, &warmUp) }
        var tally = Tally()
        let wallBegan = Self.seconds(CLOCK_MONOTONIC)
        let began = Self.processorSeconds()
        var rounds = 0
        repeat {
            for probe in probes { evaluate(probe, tables, inputFlags, &tally) }
            rounds += 1
        } while iterations.map { rounds < $0 } ?? (Self.processorSeconds() - began < 1)
        return (tally, max(Self.processorSeconds() - began, 1e-9), Self.seconds(CLOCK_MONOTONIC) - wallBegan)
    }

    private func evaluate(
        _ probe: String, _ tables: TableSet, _ inputFlags: Set<Character>, _ tally: inout Tally
    ) {
        var evaluation = TableEvaluation(
            tables: tables, table: table, probe: probe, inputFlags: inputFlags)
        var answers: [Answer] = []
        // Bounded: the evaluation limits how many questions it asks.
        while true {
            switch evaluation.next(answers) {
            case .ask(let questions):
                tally.questions += questions.count
                answers = questions.map { _ in .unavailable("nobody knows") }
            case .done(let outcome, _):
                tally.evaluated += 1
                tally.matched += outcome.matched ? 1 : 0
                return
            }
        }
    }

    /// Processor time of this process.
    static func processorSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    /// Octets of memory that the process has (proc(5), statm).
    static func residentOctets() throws(CommandFailure) -> Int {
        let fields = try InputFile.read("/proc/self/statm", octetsMax: 4_096).split(separator: 0x20)
        let pages = fields.count > 1 ? Int(String(decoding: fields[1], as: UTF8.self)) ?? 0 : 0
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
