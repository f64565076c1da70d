// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern sieve`: scripts, checked and tried out.
struct SieveCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sieve", abstract: "Check Sieve scripts, and run them on messages.",
        subcommands: [SieveCheckCommand.self, SieveRunCommand.self, SieveSvtestCommand.self])

    func run() throws { throw ValidationError("say which: sieve check, sieve run or sieve svtest") }
}
