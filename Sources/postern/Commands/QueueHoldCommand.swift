// SPDX-License-Identifier: MIT

import ArgumentParser
import Outbound

/// `postern queue hold`.
struct QueueHoldCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hold", abstract: "Keep entries until somebody decides.",
        discussion: QueueActing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var act: QueueActing
    @Option(help: "Why, for whoever finds them held.")
    var reason: String?

    func run() throws { try act.run(.hold, gateway, note: reason) }
}
