// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern queue show`.
struct QueueShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "One entry: who, where to, why, and its header.",
        discussion: QueueShowing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @Argument(help: "An entry's id, or a message's.") var id: String
    @Flag(help: "One JSON object a line.") var json = false

    func run() throws { try QueueShowing.run(gateway, id: id, json: json) }
}
