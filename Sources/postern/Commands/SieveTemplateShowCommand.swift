// SPDX-License-Identifier: MIT

import ArgumentParser
import SieveLanguage

/// `postern sieve template show`: what a template asks.
struct SieveTemplateShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show", abstract: "Show what a template asks.",
        discussion: """
            Answers {"template","title","prompts":[{"name","type","question","default","min","max","values"},...]}; \
            "default" is null where a value must be given, "min" and "max" are for numbers, "values" for choices.
            """)

    @Argument(help: "The template's name.")
    var template: String

    @OptionGroup var rules: ConfigurationOption

    func run() throws {
        let found = try TemplateFolder(rules).template(template)
        try StandardOutput.print(
            json: Answer(
                template: found.name, title: found.title, prompts: found.prompts.map(Answer.Prompt.init)))
    }

    private struct Answer: Encodable {
        struct Prompt: Encodable {
            var name: String
            var type: String
            var question: String
            var standard: Nullable<String>
            var min: Nullable<Int>
            var max: Nullable<Int>
            var values: Nullable<[String]>

            enum CodingKeys: String, CodingKey {
                case name, type, question
                case standard = "default"
                case min, max, values
            }

            init(_ prompt: TemplatePrompt) {
                name = prompt.name
                type = prompt.kind.name
                question = prompt.question
                standard = Nullable(prompt.standard)
                var range: ClosedRange<Int>?
                var choices: [String]?
                if case .number(let bounds) = prompt.kind { range = bounds }
                if case .choice(let offered) = prompt.kind { choices = offered }
                min = Nullable(range?.lowerBound)
                max = Nullable(range?.upperBound)
                values = Nullable(choices)
            }
        }

        var template: String
        var title: String
        var prompts: [Prompt]
    }
}
