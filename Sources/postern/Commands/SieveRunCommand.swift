// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Mail
import SieveLanguage

/// `postern sieve run`: what a script does with a message.
struct SieveRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a Sieve script on a message, and say what it would do.",
        discussion: """
            Answers {"actions":[{"type",...},...],"implicit_keep","message","error"}: actions in order, an explicit \
            keep among them; "message" is the edited text where the script edited it; "error" a mistake with its place, \
            after which the message is kept. Nothing is delivered. Exit status 1 if the script has mistakes.
            """)

    @Option(help: ArgumentHelp("The script's file.", valueName: "file"))
    var script: String

    @Option(help: ArgumentHelp("The message's file.", valueName: "file"))
    var message: String

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The envelope's sender; \"\", <> or none is the null reverse-path.", valueName: "address"))
    var from = ""

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The recipient that the script runs for; without it, none in particular.", valueName: "address"))
    var to: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "The recipient as the client named it, if aliases changed it.", valueName: "address"))
    var origTo: String?

    @Option(help: ArgumentHelp("The address that the client authenticated as.", valueName: "address"))
    var auth: String?

    @Option(
        help: ArgumentHelp("An item of the environment test, as often as wanted.", valueName: "name=value"))
    var env: [String] = []

    @Option(help: ArgumentHelp("The spam score, 0 to 10; 0 is not looked at.", valueName: "score"))
    var spam: Int?

    @Option(help: ArgumentHelp("The same in percent.", valueName: "percent"))
    var spamPercent: Double?

    @Option(help: ArgumentHelp("The virus level, 0 to 5.", valueName: "level"))
    var virus: Int?

    @Option(help: ArgumentHelp("The time, in seconds since 1970; without it, now.", valueName: "epoch"))
    var now: Int64?

    @Option(
        help: ArgumentHelp("A list, one key a line in a file, as often as wanted.", valueName: "name=file"))
    var list: [String] = []

    func run() throws {
        let source = try InputFile.read(script, octetsMax: InputFile.textOctetsMax)
        let bytes = MessageBytes(try InputFile.read(message, octetsMax: InputFile.messageOctetsMax))
        let recipient = try to.flatMap { try Self.address($0, "--to") }
        let original = try origTo.flatMap { try Self.address($0, "--orig-to") }
        let sender = try Self.address(from, "--from")
        let compiled = Script.compile(name: script, source: source)
        for complaint in compiled.complaints {
            StandardError.print(Diagnostic(complaint, source: source).description)
        }
        guard let script = compiled.script else {
            let first = compiled.complaints.first { $0.severity == .error }
            let error = first.map { "\($0.file):\($0.line):\($0.column): \($0.message)" }
            // A script with a mistake is never run, and its messages are kept (RFC 5228 §2.10.6).
            try StandardOutput.print(
                json: SieveReport(actions: [], implicitKeep: true, error: error ?? "the script has mistakes"))
            throw ExitCode(CommandFailure.Status.faulty.rawValue)
        }
        var subject = SieveSubject(
            message: Message(parsing: bytes), sender: sender, recipient: recipient,
            originalRecipient: original ?? recipient, settings: try settings())
        try describe(&subject)
        let world = SieveWorld(now: now, lists: try lists())
        var evaluation = ScriptEvaluation(script: script, subject: subject)
        var answers: [Answer] = []
        // The script limits how often it asks.
        while true {
            switch evaluation.next(answers) {
            case .ask(let questions): answers = questions.map(world.answer)
            case .done(let outcome, _):
                return try StandardOutput.print(json: SieveReport(outcome, on: bytes))
            }
        }
    }

    private func settings() throws -> SieveSettings {
        var settings = SieveSettings()
        for (name, _) in try Self.pairs(list, "--list") { settings.lists[name] = name }
        return settings
    }

    private func lists() throws -> [String: Set<String>] {
        var lists: [String: Set<String>] = [:]
        for (name, file) in try Self.pairs(list, "--list") {
            let text = String(
                decoding: try InputFile.read(file, octetsMax: InputFile.textOctetsMax), as: UTF8.self)
            lists[name] = Set(text.split(whereSeparator: \.isNewline).map { $0.lowercased() })
        }
        return lists
    }

    private func describe(_ subject: inout SieveSubject) throws {
        subject.authenticated = try auth.flatMap { try Self.address($0, "--auth") }
        subject.environment = ["name": "Postern", "location": "MTA", "phase": "during"]
        for (name, value) in try Self.pairs(env, "--env") { subject.environment[name.lowercased()] = value }
        if let spam {
            guard (0...10).contains(spam) else { throw CommandFailure.badUsage("--spam \(spam): 0 to 10") }
            subject.spam.percent = SpamFinding.percent(score: spam)
        }
        if let spamPercent {
            guard (0...100).contains(spamPercent) else {
                throw CommandFailure.badUsage("--spam-percent \(spamPercent): 0 to 100")
            }
            subject.spam.percent = spamPercent
        }
        if let virus {
            guard (0...5).contains(virus) else { throw CommandFailure.badUsage("--virus \(virus): 0 to 5") }
            subject.spam.virusLevel = virus
        }
    }

    /// `name=value` of each.
    private static func pairs(_ texts: [String], _ option: String) throws -> [(String, String)] {
        try texts.map { text in
            guard let equals = text.firstIndex(of: "="), equals > text.startIndex else {
                throw CommandFailure.badUsage("\(option) \(text): write name=value")
            }
            return (String(text[..<equals]), String(text[text.index(after: equals)...]))
        }
    }

    /// Nil for the null reverse-path. Brackets around an address are taken off.
    static func address(_ text: String, _ option: String) throws -> Address? {
        let isBracketed = text.utf8.first == UInt8(ascii: "<") && text.utf8.last == UInt8(ascii: ">")
        let inner = isBracketed && text.utf8.count > 1 ? String(text.dropFirst().dropLast()) : text
        if inner.isEmpty { return nil }
        guard let address = Address(inner) else {
            throw CommandFailure.badUsage("\(option) \(text): this is no mail address; write ann@example.net")
        }
        return address
    }
}
