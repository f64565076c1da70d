// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern held list`.
struct HeldListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "All held mail, oldest first.", discussion: QueueListing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var filters: QueueFilters

    func run() throws { try QueueListing.run(gateway, filters, state: "held") }
}
