// SPDX-License-Identifier: MIT

import Foundation
import Mail
import SieveLanguage
import Testing

@Suite("Test files: a file for each extension, in the language's own test language")
struct TestFileTests {
    private static let folder = URL(filePath: #filePath).resolvingSymlinksInPath()
        .deletingLastPathComponent().appending(path: "TestFiles", directoryHint: .isDirectory)

    private static let files: [String] = {
        // Without the folder there are no files, and the test below says so.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".svtest") }.sorted()
    }()

    @Test("there is at least one for each of twenty subjects")
    func count() { #expect(Self.files.count >= 20) }

    @Test("every test of the file passes", arguments: files)
    func passes(file: String) throws {
        let source = try Data(contentsOf: Self.folder.appending(path: file))
        var evaluation = TestFileEvaluation(name: file, path: Self.folder.path, source: Array(source))
        var answers: [Answer] = []
        // More rounds than a file may ask.
        for _ in 0..<20_000 {
            switch evaluation.next(answers) {
            case .ask(let questions): answers = questions.map(Self.answer)
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

    private static func answer(_ question: Question) -> Answer {
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
