// SPDX-License-Identifier: MIT

import Foundation
import Testing

/// Every file of `Fuzz/Corpus` through its parser: what fuzzing once found stays found.
@Suite("Fuzz corpora")
struct CorpusTests {
    private static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static let exercises: [(target: String, run: @Sendable ([UInt8]) -> Void)] = [
        ("header", MailExercise.header), ("mime", MailExercise.message), ("words", MailExercise.words),
        ("sieve", SieveExercise.script), ("sieve-grammar", SieveExercise.grammar),
    ]

    private func files(_ target: String) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(
            at: Self.root.appendingPathComponent("Fuzz/Corpus/\(target)"), includingPropertiesForKeys: nil)
    }

    @Test("no file of a corpus reaches a trap", arguments: exercises.map(\.target))
    func corpus(target: String) throws {
        let exercise = try #require(Self.exercises.first { $0.target == target })
        let files = try files(target)
        #expect(files.count >= 5, "Fuzz/Corpus/\(target) has hardly a file")
        for file in files { exercise.run([UInt8](try Data(contentsOf: file))) }
    }

    @Test("no beginning of a file does, nor a file with an octet changed", arguments: exercises.map(\.target))
    func cuts(target: String) throws {
        let exercise = try #require(Self.exercises.first { $0.target == target })
        var state: UInt64 = 1
        for file in try files(target) {
            let octets = [UInt8](try Data(contentsOf: file))
            guard !octets.isEmpty else { continue }
            for _ in 0..<8 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                let place = Int(state >> 33) % octets.count
                exercise.run(Array(octets[..<place]))
                var changed = octets
                changed[place] = UInt8(truncatingIfNeeded: state >> 24)
                exercise.run(changed)
            }
        }
    }

    @Test("every corpus has a target that is fuzzed, and every target a corpus")
    func targets() throws {
        let corpora = try FileManager.default.contentsOfDirectory(
            atPath: Self.root.appendingPathComponent("Fuzz/Corpus").path)
        #expect(Set(corpora) == Set(Self.exercises.map(\.target)))
        let script = try String(
            contentsOf: Self.root.appendingPathComponent("Fuzz/Targets.swift"), encoding: .utf8)
        for (target, _) in Self.exercises { #expect(script.contains("case \"\(target)\"")) }
    }
}
