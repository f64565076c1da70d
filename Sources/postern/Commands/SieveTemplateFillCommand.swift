// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Glibc
import Mail
import SieveLanguage

/// `postern sieve template fill`: a rule made from a template.
struct SieveTemplateFillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill", abstract: "Fill a template in, and write the script.",
        discussion: """
            Writes a script with the rule in it to standard output, or into --into, where it takes the place of the \
            rule of that name and stands among the others by its order. Order 0 switches a rule off: it stays in the \
            file and does nothing. A script that would not compile is written nowhere.
            """)

    @Argument(help: "The template's name.")
    var template: String

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp("A prompt's value, as often as wanted.", valueName: "prompt=value"))
    var set: [String] = []

    @Option(
        name: .customLong("set-file"), parsing: .singleValue,
        help: ArgumentHelp("The same, the value in a file.", valueName: "prompt=file"))
    var setFile: [String] = []

    @Option(help: "What the rule is called; without it, as the template.")
    var name: String?

    @Option(help: "Where the rule stands among the others; 0 switches it off.")
    var order = 1

    @Option(help: ArgumentHelp("The script to put the rule into.", valueName: "file"))
    var into: String?

    @OptionGroup var rules: ConfigurationOption

    func run() throws {
        let folder = try TemplateFolder(rules)
        let template = try folder.template(template)
        var values: [String: String] = [:]
        for (prompt, value) in try Self.pairs(set, "--set") { values[prompt] = value }
        for (prompt, file) in try Self.pairs(setFile, "--set-file") {
            let octets = try InputFile.read(file, octetsMax: TemplatePrompt.valueOctetsMax)
            // Editors end the last line of a text, whose last line that isn't.
            values[prompt] = String(
                decoding: octets.last == 0x0A ? octets.dropLast() : octets[...], as: UTF8.self)
        }
        let rule: StoredRules.Rule
        do {
            rule = try template.rule(values, order: order, name: name ?? template.name)
        } catch {
            for text in error.texts { StandardError.print("postern: \(TerminalText.visible(text))") }
            throw ExitCode(CommandFailure.Status.badUsage.rawValue)
        }
        var stored = StoredRules()
        if let into, access(into, F_OK) == 0 {
            let octets = try InputFile.read(into, octetsMax: folder.policy.userLimits.scriptOctetsMax)
            stored = StoredRules(String(decoding: octets, as: UTF8.self))
        }
        stored.put(rule)
        let text = stored.stored
        try check(text, into ?? "\(template.name).sieve", folder)
        guard let into else { return StandardOutput.print(text) }
        try RuleFile.replace(path: into, by: Array(text.utf8)).get()
        StandardError.print("\(into): \(stored.rules.count) rules")
    }

    private func check(_ text: String, _ file: String, _ folder: TemplateFolder) throws {
        let source = Array(text.utf8)
        // What a user's script may include stands beside it, and isn't looked for here.
        let complaints = Script.compile(
            name: file, source: source, limits: folder.policy.userLimits, withheld: folder.withheld
        ).complaints.filter { $0.severity == .error }
        for complaint in complaints {
            StandardError.print(Diagnostic(complaint, source: source).description)
        }
        if !complaints.isEmpty { throw ExitCode(CommandFailure.Status.faulty.rawValue) }
    }

    private static func pairs(_ texts: [String], _ option: String) throws -> [(String, String)] {
        try texts.map { text in
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw CommandFailure.badUsage("\(option) \(text): write prompt=value")
            }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }
}
