// SPDX-License-Identifier: MIT

import Foundation
import Mail
import SieveLanguage
import Testing

@Suite("Test files: a file for each extension, in the language's own test language")
struct TestFileTests {
    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "TestFiles", directoryHint: .isDirectory)

    /// Tests of the scripts that come with the gateway.
    private static let shipped = folder.deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "sieve/tests", directoryHint: .isDirectory)

    private static let files = files(in: folder)
    private static let shippedFiles = files(in: shipped)

    private static func files(in folder: URL) -> [String] {
        // Without the folder there are no files, and the tests below say so.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".svtest") }.sorted()
    }

    @Test("there is at least one for each of twenty subjects")
    func count() { #expect(Self.files.count >= 20) }

    @Test("every test of the file passes", arguments: files)
    func passes(file: String) throws { try Self.run(file, in: Self.folder) }

    @Test("there is one for each script that comes with the gateway")
    func shippedCount() throws {
        let scripts = ["", "channels", "users"].flatMap { folder in
            let place = Self.shipped.deletingLastPathComponent().appending(path: folder)
            return (try? FileManager.default.contentsOfDirectory(atPath: place.path)) ?? []
        }
        let names = scripts.filter { $0.hasSuffix(".sieve") }.map { $0.dropLast(".sieve".count) }
        #expect(!names.isEmpty)
        #expect(Set(names) == Set(Self.shippedFiles.map { $0.dropLast(".svtest".count) }))
    }

    @Test("every test of a shipped script passes", arguments: shippedFiles)
    func shippedPasses(file: String) throws { try Self.run(file, in: Self.shipped) }

    private static func run(_ file: String, in folder: URL) throws {
        let source = try Data(contentsOf: folder.appending(path: file))
        var evaluation = TestFileEvaluation(name: file, path: folder.path, source: Array(source))
        var answers: [Answer] = []
        // More rounds than a file may ask.
        for _ in 0..<20_000 {
            switch evaluation.next(answers) {
            case .ask(let questions): answers = questions.map { answer($0, in: folder) }
            case .done(let outcome, _):
                #expect(outcome.error == nil)
                #expect(!outcome.cases.isEmpty)
                for one in outcome.cases {
                    #expect(one.result == .pass, "\(one.name): \(one.reason)")
                }
                return
            }
        }
        Issue.record("it never came to an end")
    }

    private static func answer(_ question: Question, in folder: URL) -> Answer {
        switch question {
        case .time: return .time(1_795_345_200)
        case .database(let asked) where asked.database == SuiteFiles.contents:
            // A file that isn't there is an answer: some tests expect that.
            guard let octets = try? Data(contentsOf: URL(filePath: asked.key, relativeTo: folder)) else {
                return .database(.none)
            }
            return .database(.value(octets.base64EncodedString()))
        case .database(let asked) where asked.database == SuiteFiles.scripts:
            // A folder that isn't there has no scripts.
            let names =
                (try? FileManager.default.contentsOfDirectory(
                    atPath: folder.appending(path: asked.key).path)) ?? []
            let scripts = names.filter { $0.hasSuffix(".sieve") }.map { $0.dropLast(".sieve".count) }
            return .database(.value(scripts.sorted().joined(separator: "\n")))
        default: return .unavailable("nobody to ask")
        }
    }
}
