// SPDX-License-Identifier: MIT

import ArgumentParser

/// `postern sieve template list`: which templates there are.
struct SieveTemplateListCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the templates.",
        discussion: "One JSON line for each, by name: {\"template\",\"title\"}.")

    @OptionGroup var rules: ConfigurationOption

    func run() throws {
        for template in try TemplateFolder(rules).templates {
            try StandardOutput.print(json: Line(template: template.name, title: template.title))
        }
    }

    private struct Line: Encodable {
        var template: String
        var title: String
    }
}
