// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern stop`: an orderly end.
struct StopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop", abstract: "Finish what is under way and end.",
        discussion: """
            Answers {"result":"stopping"} as soon as the gateway has begun; `serve` ends when all is done, \
            within a minute. A mistake in the rules doesn't keep it from stopping.
            """)

    @OptionGroup var gateway: GatewayOptions

    func run() throws {
        var client = try gateway.connect()
        StandardOutput.print(
            String(decoding: try client.ask("stop", timeoutMs: ControlClient.statusMs), as: UTF8.self))
    }
}
