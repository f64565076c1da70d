// SPDX-License-Identifier: MIT

import ArgumentParser
import Outbound

/// `postern held release`.
struct HeldReleaseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Send held entries on their way, and say what the next hop said.",
        discussion: QueueActing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var act: QueueActing

    func run() throws { try act.run(.release, gateway) }
}
