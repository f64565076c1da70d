// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern mapping`: mapping tables, tried out.
struct MappingCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mapping", abstract: "Try out mapping tables and their patterns.",
        subcommands: [MappingTestCommand.self, MappingMatchCommand.self, MappingBenchCommand.self])

    func run() throws { throw ValidationError("say which: mapping test, mapping match or mapping bench") }
}
