// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern mime`: how messages are read.
struct MIMECommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mime", abstract: "Show how a message is read.",
        subcommands: [MIMEParseCommand.self, MIMEBenchCommand.self])

    func run() throws { throw ValidationError("say which: mime parse or mime bench") }
}
