// SPDX-License-Identifier: MIT

import ArgumentParser
import Outbound

/// `postern queue delete`.
struct QueueDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove entries for good; nobody is told.",
        discussion: QueueActing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var act: QueueActing

    func run() throws { try act.run(.delete, gateway) }
}
