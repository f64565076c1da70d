// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Synchronization
import Testing

@testable import Lookups

@Suite("Sequences")
struct SequenceFilesTests {
    private let folder: TemporaryFolder
    private let log = EventLog()

    init() throws { folder = try TemporaryFolder() }

    private func files() -> SequenceFiles { SequenceFiles(folder: folder.path, logger: log.logger) }

    private func next(_ files: SequenceFiles, _ name: String = "ids", modulus: Int64? = nil) throws -> Answer?
    {
        try ErrandRunner().answer(.sequence(SequenceQuestion(name: name, modulus: modulus)), of: files)
    }

    private func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder.path)/\(name)"))
    }

    private func text(_ name: String) throws -> String {
        String(decoding: try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)")), as: UTF8.self)
    }

    @Test("begins at 0 and goes on after a kill, without a gap")
    func restart() throws {
        for number: Int64 in 0..<10 { #expect(try next(files()) == .sequence(number)) }
        #expect(try text("ids") == "00000000000000000010\n")
    }

    @Test(
        "an empty file begins at 0, one with a number at that",
        arguments: [("", 0), ("\n", 0), ("41\n", 41), ("007", 7)])
    func begins(text: String, first: Int64) throws {
        try write(text, to: "ids")
        let files = files()
        #expect(try next(files) == .sequence(first))
        #expect(try next(files) == .sequence(first + 1))
    }

    @Test("numbers asked for together are taken together, each once")
    func together() throws {
        let errands = (0..<100).map { index in
            Errand.ask(
                .sequence(SequenceQuestion(name: index % 2 == 0 ? "a" : "b", modulus: nil)), secret: nil)
        }
        let results = try ErrandRunner().results(errands, of: files())
        #expect(results == (0..<100).map { .answer(.sequence(Int64($0 / 2))) })
        #expect(try text("a") == "00000000000000000050\n")
    }

    @Test("several processes and threads never get the same number")
    func unique() async throws {
        let numbers = await withTaskGroup(of: [Int64].self) { group in
            for _ in 0..<4 {
                group.addTask {
                    let files = self.files()
                    return (0..<50).compactMap { _ in
                        // One that fails is missing, and seen below.
                        if case .sequence(let number)? = try? self.next(files) { number } else { nil }
                    }
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
        #expect(numbers.sorted() == Array(0..<200))
    }

    @Test("a modulus wraps round")
    func modulus() throws {
        let files = files()
        let numbers = try (0..<7).map { _ in try next(files, modulus: 3) }
        #expect(numbers == [0, 1, 2, 0, 1, 2, 0].map { .sequence($0) })
        guard case .unavailable? = try next(files, modulus: 0) else {
            Issue.record("a number modulo 0")
            return
        }
    }

    @Test(
        "a file that holds no number gives none, and is left as it is",
        arguments: ["x\n", "-1\n", "12x", "99999999999999999999\n", " 1"])
    func garbage(text: String) throws {
        try write(text, to: "ids")
        #expect(
            try next(files())
                == .unavailable(
                    "sequence ids: \(folder.path)/ids holds no number; write the next one into it"))
        #expect(try self.text("ids") == text)
        #expect(log.count(of: "sequence.failed") == 1)
    }

    @Test("after the last number there is none, and none comes twice")
    func last() throws {
        try write("9223372036854775806\n", to: "ids")
        let files = files()
        #expect(try next(files) == .sequence(9_223_372_036_854_775_806))
        #expect(try next(files) == .unavailable("sequence ids has no number left"))
    }

    @Test(
        "a name that leads elsewhere is none",
        arguments: ["", ".", "..", "../x", "a/b", "a\0b", ".hidden", "ü"])
    func names(name: String) throws {
        guard case .unavailable? = try next(files(), name) else {
            Issue.record("\(name) was taken for a file's name")
            return
        }
    }

    @Test("a link in the place of a file isn't followed")
    func link() throws {
        let target = "\(folder.path)/target"
        try FileManager.default.createSymbolicLink(
            atPath: "\(folder.path)/ids", withDestinationPath: target)
        guard case .unavailable? = try next(files()) else {
            Issue.record("it was followed")
            return
        }
        #expect(!FileManager.default.fileExists(atPath: target))
    }
}
