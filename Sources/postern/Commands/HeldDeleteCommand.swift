// SPDX-License-Identifier: MIT

import ArgumentParser
import Outbound

/// `postern held delete`.
struct HeldDeleteCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Remove held entries for good; nobody is told.",
        discussion: QueueActing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var act: QueueActing

    func run() throws { try act.run(.delete, gateway) }
}
