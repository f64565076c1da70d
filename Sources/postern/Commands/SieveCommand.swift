// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern sieve`: scripts, checked and tried out.
struct SieveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sieve",
        abstract: "Check Sieve scripts, run them on messages, measure them, and fill templates in.",
        subcommands: [
            SieveCheckCommand.self, SieveRunCommand.self, SieveSvtestCommand.self,
            SieveBenchCommand.self, SieveTemplateCommand.self,
        ])

    func run() throws {
        throw ValidationError(
            "say which: sieve check, sieve run, sieve svtest, sieve bench or sieve template")
    }
}
