// SPDX-License-Identifier: MIT

import Mail
import ArgumentParser
import Configuration

/// `postern check`: every mistake in every rules file.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Name every mistake in every rules file.",
        discussion: """
            Reads the configuration, the mapping tables and the Sieve scripts as `serve` and `reload` would. Standard \
            output has one JSON line for each mistake: {"file","line","column","severity","message","help"}; standard \
            error has the same for people. Exit status 1 if one of them is an error; warnings alone give 0.
            """)

    @OptionGroup var rules: ConfigurationOption

    func run() throws {
        let read = try rules.read()
        let compilation = RulesetArchive.compile(read.sources, complaints: read.complaints)
        for complaint in compilation.complaints {
            let diagnostic = Diagnostic(complaint, source: read.sources.source(of: complaint))
            StandardOutput.print(diagnostic.json)
            StandardError.print(diagnostic.description)
        }
        let errors = compilation.complaints.filter { $0.severity == .error }.count
        let warnings = compilation.complaints.count - errors
        StandardError.print(
            "\(read.sources.files.count) files: \(Self.count(errors, "error")), \(Self.count(warnings, "warning"))"
        )
        if errors > 0 { throw ExitCode(CommandFailure.Status.faulty.rawValue) }
    }

    private static func count(_ number: Int, _ noun: String) -> String {
        "\(number == 0 ? "no" : "\(number)") \(noun)\(number == 1 ? "" : "s")"
    }
}
