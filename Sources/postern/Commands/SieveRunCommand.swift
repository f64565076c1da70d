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
        let subject = SieveSubject(
            message: Message(parsing: bytes), sender: sender, recipient: recipient,
            originalRecipient: original ?? recipient)
        var evaluation = ScriptEvaluation(script: script, subject: subject)
        switch evaluation.next([]) {
        case .done(let outcome, _): try StandardOutput.print(json: SieveReport(outcome))
        case .ask(let questions):
            throw CommandFailure.faulty(
                "the script asks the world \(questions.count) questions; nobody answers here")
        }
    }

    /// Nil for the null reverse-path. Brackets around an address are taken off.
    private static func address(_ text: String, _ option: String) throws -> Address? {
        let isBracketed = text.utf8.first == UInt8(ascii: "<") && text.utf8.last == UInt8(ascii: ">")
        let inner = isBracketed && text.utf8.count > 1 ? String(text.dropFirst().dropLast()) : text
        if inner.isEmpty { return nil }
        guard let address = Address(inner) else {
            throw CommandFailure.badUsage("\(option) \(text): this is no mail address; write ann@example.net")
        }
        return address
    }
}
