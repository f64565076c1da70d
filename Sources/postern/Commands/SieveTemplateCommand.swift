// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern sieve template`: scripts with prompts, for people who don't write Sieve.
struct SieveTemplateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "template", abstract: "Make filters from templates.",
        subcommands: [
            SieveTemplateListCommand.self, SieveTemplateShowCommand.self, SieveTemplateFillCommand.self,
        ])

    func run() throws {
        throw ValidationError("say which: sieve template list, sieve template show or sieve template fill")
    }
}
