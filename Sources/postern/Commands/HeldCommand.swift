// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern held`: mail that waits for a person.
struct HeldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "held", abstract: "List, show, release and delete mail that waits for a person.",
        discussion: """
            Where an id is asked for, an entry's id or its message's will do; the message's means all its \
            entries.
            """,
        subcommands: [
            HeldListCommand.self, HeldShowCommand.self, HeldReleaseCommand.self, HeldDeleteCommand.self,
        ])

    func run() throws { throw ValidationError("say which: held list, show, release or delete") }
}
