// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern queue list`.
struct QueueListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Everything in the queue, oldest first.",
        discussion: QueueListing.discussion)

    @OptionGroup var gateway: GatewayOptions
    @OptionGroup var filters: QueueFilters
    @Option(help: "Only what is in_flight, waiting, held, or owed (the first two).")
    var state: String?

    func run() throws { try QueueListing.run(gateway, filters, state: state) }
}
