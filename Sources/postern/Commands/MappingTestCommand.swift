// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Gates
import MappingTables
import Mail

/// `postern mapping test`: what a table makes of probes.
struct MappingTestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Apply a mapping table to probes.",
        discussion: """
            Answers for each probe one JSON line {"probe","matched","output","flags","entry":{"file","line"},"trace"}. \
            "output" is the text once flags are taken out, arguments still in it; "matched" is false when no entry gave \
            a result, a failing one included. What a table asks of databases, directories, sequences and dice comes \
            from --zone; who could not say is named in "troubles" and on standard error. Exit status 1 if the tables \
            have mistakes.
            """)

    @Option(help: "The table.")
    var table: String

    @Option(
        help: ArgumentHelp(
            "The mapping file, instead of the configuration's; includes are looked for beside it."))
    var file: String?

    @OptionGroup var rules: ConfigurationOption

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Input flags that are set, such as AT.", valueName: "chars"))
    var flags = ""

    @Option(
        help: ArgumentHelp(
            "What the world answers, as this JSON file says it; the network is not asked. Without it, [dns] of the "
                + "configuration says whom to ask.", valueName: "file"))
    var zone: String?

    @Flag(help: "Tell on standard error which entries matched and what came of each.")
    var explain = false

    @Argument(
        help: ArgumentHelp("What to look up; without any, each line of standard input.", valueName: "probe"))
    var probes: [String] = []

    func run() throws {
        let read = file == nil ? try rules.read() : nil
        let source = try read.map { try MappingSource(rules: $0.sources) } ?? MappingSource(file: file ?? "")
        var world: CommandWorld
        if let zone {
            world = .zone(try ZoneFile(path: zone))
        } else {
            world = .network(NetworkQuestions(rules))
        }
        try source.check()
        guard source.tables.contains(table) else {
            let names = source.tables.names
            throw CommandFailure.badUsage(
                "there is no table \(table); " + (names.isEmpty ? "there is none at all" : "there are ")
                    + names.joined(separator: ", "))
        }
        if probes.isEmpty {
            for probe in InputLines() { try answer(probe, source, &world) }
        } else {
            for probe in probes { try answer(probe, source, &world) }
        }
    }

    private func answer(_ probe: String, _ source: MappingSource, _ world: inout CommandWorld) throws {
        let run = TableRun(
            tableNamed: table, probe: probe, inputFlags: Set(flags), tables: source.tables, isTraced: true)
        let outcome = try world.outcome(of: run)
        for trouble in outcome.troubles {
            StandardError.print(TerminalText.visible("postern: \(probe): not answered: \(trouble)"))
        }
        if explain { StandardError.print(TerminalText.visible(outcome.traceLines().joined(separator: "\n"))) }
        try StandardOutput.print(json: TableReport(probe: probe, outcome: outcome, source: source))
    }
}
