// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern sieve`: scripts, checked and tried out.
struct SieveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sieve", abstract: "Check Sieve scripts, run them on messages, and measure them.",
        subcommands: [
            SieveCheckCommand.self, SieveRunCommand.self, SieveSvtestCommand.self,
            SieveBenchCommand.self,
        ])

    func run() throws { throw ValidationError("say which: sieve check, sieve run, sieve svtest or sieve bench") }
}
