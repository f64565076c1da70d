// SPDX-License-Identifier: MIT

import ArgumentParser
import Glibc

/// How the dispatcher starts its roles; not for people, and not in `--help`.
struct RoleCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "role", shouldDisplay: false)

    @Argument var role: String
    @Option var state: String
    @Option var folder = ""
    @Option var ruleset = ""
    @Option var slot = ""
    @Option var listeners = 0
    @Option var config = ""

    func run() throws {
        signal(SIGPIPE, SIG_IGN)
        do {
            if role == "compiler" {
                CompilerRole(
                    configurationPath: config, state: state, folder: folder, current: ruleset
                ).run()
                return
            }
            guard let name = RoleName(rawValue: role) else { throw ValidationError("no role \(role)") }
            let context = try RoleContext(role: name, slot: slot, state: state, folder: folder, hash: ruleset)
            switch name {
            case .inbound: try InboundRole(context: context, listenerCount: listeners).run()
            case .lookups: try LookupsRole(context: context).run()
            case .outbound: try OutboundRole(context: context).run()
            case .operations: try OperationsRole(context: context).run()
            case .scanner: throw ValidationError("the scanner is a program of its own")
            }
        } catch {
            StandardError.print("postern: role \(role) \(slot): \(error)")
            throw ExitCode(1)
        }
    }
}
