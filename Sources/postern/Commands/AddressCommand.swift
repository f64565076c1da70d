// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern address`: addresses, tried out.
struct AddressCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "address", abstract: "Try out addresses.", subcommands: [AddressTestCommand.self])

    func run() throws { throw ValidationError("say which: address test") }
}
