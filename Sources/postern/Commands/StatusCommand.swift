// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern status`: every process of the running gateway.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "Every process of the running gateway: pid, confinement, health.",
        discussion: """
            One JSON object: {"pid","ruleset","ready","services":[{"name","address"}],"roles":[{"role",\
            "instance","pid","health","restarts","up_s","ruleset","confinement","note"}]}. "health" is \
            starting, ready, draining or gone; "confinement" has a line for each measure, "applied: ..." or \
            "missing: ..." with the reason.
            """)

    @OptionGroup var gateway: GatewayOptions

    func run() throws {
        var client = try gateway.connect()
        StandardOutput.print(
            String(decoding: try client.ask("status", timeoutMs: ControlClient.statusMs), as: UTF8.self))
    }
}
