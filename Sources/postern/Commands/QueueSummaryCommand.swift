// SPDX-License-Identifier: MIT

import ArgumentParser
import FoundationEssentials
import Outbound

/// `postern queue summary`.
struct QueueSummaryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "summary", abstract: "How much is where, by destination channel.",
        discussion: """
            With --json: {"in_flight","waiting","held","channels":[{"channel","in_flight","waiting","held",\
            "resting"}]}. "resting" says why a next hop is left alone for a while.
            """)

    @OptionGroup var gateway: GatewayOptions
    @Flag(help: "One JSON object.") var json = false

    func run() throws {
        var client = try gateway.connect()
        _ = try client.ask(QueueRequest(.summary)) { line in
            if json { return StandardOutput.print(String(decoding: line, as: UTF8.self)) }
            let summary = try JSONDecoder().decode(QueueSummary.self, from: Data(line))
            var table = PlainTable(["CHANNEL", "IN FLIGHT", "WAITING", "HELD", "RESTING"])
            for row in summary.channels {
                table.append([
                    row.channel, "\(row.inFlight)", "\(row.waiting)", "\(row.held)", row.resting ?? "",
                ])
            }
            table.append(["all", "\(summary.inFlight)", "\(summary.waiting)", "\(summary.held)", ""])
            StandardOutput.print(table.text)
        }
    }
}
