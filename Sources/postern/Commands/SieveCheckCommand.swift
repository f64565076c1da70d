// SPDX-License-Identifier: MIT

import Mail
import ArgumentParser
import Configuration
import SieveLanguage

/// `postern sieve check`: every mistake in one script.
struct SieveCheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Name every mistake in a Sieve script.",
        discussion: """
            One JSON line for each: {"file","line","column","severity","message","help"}; standard error has the same \
            for people. Exit status 1 if one of them is an error.
            """)

    @Argument(help: ArgumentHelp("The script's file.", valueName: "script"))
    var script: String

    func run() throws {
        let source = try InputFile.read(script, octetsMax: InputFile.textOctetsMax)
        let complaints = Script.compile(name: script, source: source).complaints
        for complaint in complaints {
            let diagnostic = Diagnostic(complaint, source: source)
            StandardOutput.print(diagnostic.json)
            StandardError.print(diagnostic.description)
        }
        if complaints.contains(where: { $0.severity == .error }) {
            throw ExitCode(CommandFailure.Status.faulty.rawValue)
        }
    }
}
