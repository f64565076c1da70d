// SPDX-License-Identifier: MIT

import ArgumentParser
import Configuration
import FoundationEssentials
import Mail
import SieveLanguage

/// `postern sieve svtest`: test files of the Sieve test language, run without a gateway.
struct SieveSvtestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "svtest",
        abstract: "Run Sieve test files.",
        discussion: """
            A test file (.svtest) is a Sieve script that requires "vnd.dovecot.testsuite": tests with a virtual \
            message, mail store and outgoing mail, and scripts beside it. One JSON line for each test: \
            {"file","n","name","result","reason"}, result pass, fail or error; {"file","result":"file-error",\
            "reason"} where a file itself can't be run. Exit status 0 only if all passed.
            """)

    @Option(help: ArgumentHelp("Taken for compatibility: nothing is written to disk.", valueName: "folder"))
    var work: String?

    @Flag(help: "Succeed if something fails, and fail if all passes.")
    var expectFailure = false

    @Argument(help: ArgumentHelp("The test files.", valueName: "file.svtest"))
    var files: [String]

    func run() throws {
        var didAllPass = true
        for file in files {
            let passed = try run(file)
            didAllPass = didAllPass && passed
        }
        if didAllPass == expectFailure { throw ExitCode(CommandFailure.Status.faulty.rawValue) }
    }

    private func run(_ file: String) throws -> Bool {
        let source = try InputFile.read(file, octetsMax: InputFile.textOctetsMax)
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent().path
        var evaluation = TestFileEvaluation(name: file, path: folder, source: source)
        var answers: [Answer] = []
        // The evaluation limits how often it asks.
        while true {
            switch evaluation.next(answers) {
            case .ask(let questions): answers = questions.map { Self.answer($0, folder: folder) }
            case .done(let outcome, _): return try report(outcome, of: file)
            }
        }
    }

    private func report(_ outcome: TestFileEvaluation.Outcome, of file: String) throws -> Bool {
        for (index, one) in outcome.cases.enumerated() {
            try StandardOutput.print(
                json: CaseLine(
                    file: file, n: index + 1, name: one.name, result: one.result.rawValue,
                    reason: one.reason))
        }
        if let error = outcome.error {
            try StandardOutput.print(json: FileLine(file: file, result: "file-error", reason: error))
        }
        return outcome.error == nil && outcome.cases.allSatisfy { $0.result == .pass }
    }

    private struct CaseLine: Encodable {
        var file: String
        var n: Int
        var name: String
        var result: String
        var reason: String
    }

    private struct FileLine: Encodable {
        var file: String
        var result: String
        var reason: String
    }

    /// The time, and what stands beside the test file.
    private static func answer(_ question: Question, folder: String) -> Answer {
        switch question {
        case .time: return .time(Int64(Date().timeIntervalSince1970))
        case .database(let asked) where asked.database == SuiteFiles.contents:
            let path = URL(fileURLWithPath: asked.key, relativeTo: URL(fileURLWithPath: folder + "/")).path
            // A file that isn't there is an answer too: the test may expect that.
            guard let octets = try? InputFile.read(path, octetsMax: InputFile.textOctetsMax) else {
                return .database(.none)
            }
            return .database(.value(Data(octets).base64EncodedString()))
        case .database(let asked) where asked.database == SuiteFiles.scripts:
            // No folder, no scripts.
            let names = (try? FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(asked.key)")) ?? []
            let scripts = names.filter { $0.hasSuffix(".sieve") }.map { $0.dropLast(".sieve".count) }
            return .database(.value(scripts.sorted().joined(separator: "\n")))
        default: return .unavailable("nobody to ask")
        }
    }
}
