// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern config`: configurations made to measure.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Print a configuration.", subcommands: [ConfigBenchCommand.self])

    func run() throws { throw ValidationError("say which: config bench") }
}
