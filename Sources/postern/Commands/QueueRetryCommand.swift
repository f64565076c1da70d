// SPDX-License-Identifier: MIT

import ArgumentParser
import Outbound

/// `postern queue retry`.
struct QueueRetryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry", abstract: "Try waiting entries now.", discussion: QueueActing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var act: QueueActing

    func run() throws { try act.run(.retry, gateway) }
}
