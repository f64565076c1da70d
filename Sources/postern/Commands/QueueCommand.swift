// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern queue`: what is owed, and what waits for a person.
struct QueueCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue", abstract: "List, show and act on what is in the queue.",
        discussion: """
            An entry is what some recipients of one message are owed. Where an id is asked for, an entry's \
            id or its message's will do; the message's means all its entries.
            """,
        subcommands: [
            QueueListCommand.self, QueueShowCommand.self, QueueSummaryCommand.self, QueueRetryCommand.self,
            QueueHoldCommand.self, QueueDeleteCommand.self,
        ])

    func run() throws {
        throw ValidationError("say which: queue list, show, summary, retry, hold or delete")
    }
}
