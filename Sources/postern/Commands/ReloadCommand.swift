// SPDX-License-Identifier: MIT

import ArgumentParser
import FoundationEssentials

/// `postern reload`: judge by the rules as they are now, if they are good.
struct ReloadCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload", abstract: "Take changed rules over, if there is no mistake in them.",
        discussion: """
            One JSON object: {"result","ruleset","errors","text"}. "result" is loaded, refused (the rules \
            have mistakes; nothing changed), failed or busy; "text" says why, and standard error has it for \
            people. Exit status 1 unless the rules were loaded. Messages that are being received are judged \
            by the old rules.
            """)

    @OptionGroup var gateway: GatewayOptions

    private struct Answer: Decodable {
        var result: String
        var text: String?
        var message: String?
    }

    func run() throws {
        var client = try gateway.connect()
        let line = try client.ask("reload", timeoutMs: ControlClient.reloadMs)
        StandardOutput.print(String(decoding: line, as: UTF8.self))
        let answer = try JSONDecoder().decode(Answer.self, from: Data(line))
        for text in [answer.text, answer.message] {
            if let text, !text.isEmpty { StandardError.print(TerminalText.visible(text)) }
        }
        guard answer.result == "loaded" else { throw ExitCode(CommandFailure.Status.faulty.rawValue) }
    }
}
