// SPDX-License-Identifier: MIT

import ArgumentParser
import Glibc

/// `postern`, the command line: the gateway itself, its controls, and what shows how rules and mail are read.
@main
struct Postern: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "postern",
        abstract: "A mail gateway.",
        discussion: """
            Commands answer one JSON object, or one per line, on standard output and talk to people on standard error.
            Exit status: 0 an answer was produced, whatever it says; 1 the thing checked is faulty; 2 bad usage.
            """,
        version: "0.1.0",
        subcommands: [
            ServeCommand.self, CheckCommand.self, ReloadCommand.self, StopCommand.self, StatusCommand.self,
            QueueCommand.self, HeldCommand.self, CaseCommand.self, ReplayCommand.self, MappingCommand.self,
            SessionCommand.self, AddressCommand.self, SieveCommand.self, MIMECommand.self, ScanCommand.self,
            ConfigCommand.self, RoleCommand.self,
        ])

    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch let failure as CommandFailure {
            StandardError.print("postern: \(TerminalText.visible(failure.description))")
            Glibc.exit(failure.status.rawValue)
        } catch {
            // The parser's own status for bad usage is that of sysexits.h; ours is 2 for every command.
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            StandardError.print(TerminalText.visible(fullMessage(for: error)))
            Glibc.exit(CommandFailure.Status.badUsage.rawValue)
        }
    }
}
