// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern session`: SMTP sessions, tried out.
struct SessionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "session", abstract: "Try out SMTP sessions.", subcommands: [SessionTestCommand.self])

    func run() throws { throw ValidationError("say which: session test") }
}
