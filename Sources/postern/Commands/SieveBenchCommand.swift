// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import Glibc
import Mail
import SieveLanguage

/// `postern sieve bench`: what a script costs.
struct SieveBenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure what compiling a Sieve script and running it on a message cost.",
        discussion: """
            Every evaluation runs the script from its beginning; nothing that a test found is kept for the next. The \
            message's header and the headers of its parts stay read; with --reparse each evaluation begins with the \
            message's bytes. Answers \
            {"cpu_us_per_evaluation","compile_us","iterations","compilations","message_octets","actions",\
            "implicit_keep","memory_octets_before","memory_octets_after","error"}: processor time in microseconds; the \
            memory that the process has before the counted evaluations and after them; "error" is why the evaluation \
            ended early, or null. Exit status 1 if the script has mistakes.
            """)

    @Option(help: ArgumentHelp("The script's file.", valueName: "file"))
    var script: String

    @Option(help: ArgumentHelp("The message's file.", valueName: "file"))
    var message: String

    @Option(help: ArgumentHelp("How often to run the script.", valueName: "n"))
    var iterations: Int

    @Flag(help: "Read the message from its bytes each time.")
    var reparse = false

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

    /// Seconds of processor time for compiling the script again and again: long enough for a steady mean.
    private static let compileSecondsMax = 0.2
    /// Compilations of a script: one that takes no time must come to an end too.
    private static let compilationsMax = 2_000
    /// Evaluations that aren't counted: enough that no page is met for the first time in those that are.
    private static let warmUpMax = 100

    private struct Report: Encodable {
        var cpuUsPerEvaluation: Double
        var compileUs: Double
        var iterations: Int
        var compilations: Int
        var messageOctets: Int
        /// Of one evaluation.
        var actions: Int
        var implicitKeep: Bool
        var memoryOctetsBefore: Int
        var memoryOctetsAfter: Int
        var error: String?

        enum CodingKeys: String, CodingKey {
            case iterations, compilations, actions, error
            case cpuUsPerEvaluation = "cpu_us_per_evaluation"
            case compileUs = "compile_us"
            case messageOctets = "message_octets"
            case implicitKeep = "implicit_keep"
            case memoryOctetsBefore = "memory_octets_before"
            case memoryOctetsAfter = "memory_octets_after"
        }
    }

    func validate() throws {
        if iterations < 1 { throw ValidationError("--iterations must be at least 1") }
    }

    func run() throws {
        let source = try InputFile.read(script, octetsMax: InputFile.textOctetsMax)
        let bytes = MessageBytes(try InputFile.read(message, octetsMax: InputFile.messageOctetsMax))
        let sender = try SieveRunCommand.address(from, "--from")
        let recipient = try to.flatMap { try SieveRunCommand.address($0, "--to") }

        let compiled = Script.compile(name: script, source: source)
        for complaint in compiled.complaints {
            StandardError.print(Diagnostic(complaint, source: source).description)
        }
        guard let program = compiled.script else {
            throw ExitCode(CommandFailure.Status.faulty.rawValue)
        }
        let compiling = measureCompiling(source)

        let parsed = Message(parsing: bytes)
        let tree = reparse ? nil : parsed.parts()
        let outcome = evaluate(program, parsed, tree, sender, recipient)
        for _ in 1...min(iterations, Self.warmUpMax) {
            _ = evaluate(program, parsed, tree, sender, recipient)
        }
        let held = try MappingBenchCommand.residentOctets()
        let began = MappingBenchCommand.processorSeconds()
        for _ in 0..<iterations {
            let message = reparse ? Message(parsing: bytes) : parsed
            _ = evaluate(program, message, tree, sender, recipient)
        }
        let seconds = MappingBenchCommand.processorSeconds() - began
        try StandardOutput.print(
            json: Report(
                cpuUsPerEvaluation: Self.microseconds(seconds, iterations),
                compileUs: Self.microseconds(compiling.seconds, compiling.count), iterations: iterations,
                compilations: compiling.count, messageOctets: bytes.count, actions: outcome.actions.count,
                implicitKeep: outcome.implicitKeep, memoryOctetsBefore: held,
                memoryOctetsAfter: try MappingBenchCommand.residentOctets(), error: outcome.error))
    }

    private func measureCompiling(_ source: [UInt8]) -> (seconds: Double, count: Int) {
        let began = MappingBenchCommand.processorSeconds()
        var count = 0
        var seconds = 0.0
        repeat {
            _ = Script.compile(name: script, source: source)
            count += 1
            seconds = MappingBenchCommand.processorSeconds() - began
        } while seconds < Self.compileSecondsMax && count < Self.compilationsMax
        return (seconds, count)
    }

    private func evaluate(
        _ script: Script, _ message: Message, _ tree: PartTree?, _ sender: Address?, _ recipient: Address?
    ) -> ScriptOutcome {
        let world = SieveWorld(now: nil, lists: [:])
        var subject = SieveSubject(
            message: message, sender: sender, recipient: recipient, originalRecipient: recipient)
        subject.tree = tree
        var evaluation = ScriptEvaluation(script: script, subject: subject)
        var answers: [Answer] = []
        // The script limits how often it asks.
        while true {
            switch evaluation.next(answers) {
            case .ask(let questions): answers = questions.map(world.answer)
            case .done(let outcome, _): return outcome
            }
        }
    }

    /// Of one, to hundredths.
    private static func microseconds(_ seconds: Double, _ count: Int) -> Double {
        (seconds / Double(count) * 1e8).rounded() / 100
    }
}
