// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Telemetry
import Testing

@testable import Lookups

@Suite("What this machine remembers")
struct LocalMemoryTests {
    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let log = EventLog()
    private let counters = CounterPage()
    private let runner: ErrandRunner
    private var path: String { "\(folder.path)/memory" }
    private static let question = MemoryQuestion(
        purpose: .vacation, owner: "ann@example.test", key: "bob@example.net")

    init() throws {
        folder = try TemporaryFolder()
        runner = try ErrandRunner()
    }

    private func memory(path: String? = nil) -> LocalMemory {
        LocalMemory(
            path: path ?? self.path, clock: clock.clock, counters: counters, logger: log.logger)
    }

    private func remember(
        _ question: MemoryQuestion = question, seconds: Int, message: String, index: Int = 0,
        by memory: LocalMemory
    ) throws -> ErrandResult? {
        let key = try #require(EffectKey(message: message, index: index))
        let errand = Errand.carryOut(
            .remember(question, seconds: seconds), key, judgedAt: clock.wallMs / 1_000)
        return runner.results([errand], of: memory)[0]
    }

    private func expiry(_ question: MemoryQuestion = question, of memory: LocalMemory) -> Answer? {
        runner.answer(.memory(question), of: memory)
    }

    @Test("is answered until it expires, also after a kill")
    func expires() throws {
        do {
            let first = memory()
            #expect(expiry(of: first) == .memory(expires: nil))
            #expect(try remember(seconds: 3_600, message: "1-64", by: first) == .carriedOut)
            #expect(expiry(of: first) == .memory(expires: 1_800_003_600))
        }
        clock.pass(seconds: 3_599)
        do {
            let copy = path + "-killed"
            let second = memory()
            #expect(expiry(of: second) == .memory(expires: 1_800_003_600))
            try FileManager.default.copyItem(atPath: path, toPath: copy)
            #expect(expiry(of: memory(path: copy)) == .memory(expires: 1_800_003_600))
        }
        clock.pass(seconds: 1)
        #expect(expiry(of: memory()) == .memory(expires: nil))
    }

    @Test("purpose, owner and key are told apart, whatever is in them")
    func apart() throws {
        let memory = memory()
        let one = MemoryQuestion(purpose: .duplicate, owner: "a:1", key: "b")
        #expect(try remember(one, seconds: 60, message: "1-1", by: memory) == .carriedOut)
        for other in [
            MemoryQuestion(purpose: .vacation, owner: "a:1", key: "b"),
            MemoryQuestion(purpose: .duplicate, owner: "a", key: "1:b"),
            MemoryQuestion(purpose: .duplicate, owner: "a:1", key: "B"),
            MemoryQuestion(purpose: .duplicate, owner: "a:1:1", key: ":b"),
        ] {
            #expect(expiry(other, of: memory) == .memory(expires: nil))
        }
        #expect(expiry(one, of: memory) != .memory(expires: nil))
    }

    @Test("an effect is carried out once, however often it is handed in, also after a restart")
    func once() throws {
        do {
            let first = memory()
            #expect(try remember(seconds: 100, message: "7-512", by: first) == .carriedOut)
            clock.pass(seconds: 50)
            #expect(try remember(seconds: 100, message: "7-512", by: first) == .carriedOut)
            #expect(expiry(of: first) == .memory(expires: 1_800_000_100))
        }
        let second = memory()
        #expect(try remember(seconds: 100, message: "7-512", by: second) == .carriedOut)
        #expect(expiry(of: second) == .memory(expires: 1_800_000_100))
        #expect(counters.value(.effectsCarriedOut) == 1)
        // Another of the same message, and the same of another, are others.
        #expect(try remember(seconds: 100, message: "7-512", index: 1, by: second) == .carriedOut)
        #expect(expiry(of: second) == .memory(expires: 1_800_000_150))
        #expect(try remember(seconds: 200, message: "7-513", by: second) == .carriedOut)
        #expect(expiry(of: second) == .memory(expires: 1_800_000_250))
        #expect(counters.value(.effectsCarriedOut) == 3)
    }

    @Test("it lasts from the time of judging, not from when somebody got round to it")
    func judged() throws {
        let memory = memory()
        let key = try #require(EffectKey(message: "1-1", index: 0))
        let late = Errand.carryOut(.remember(Self.question, seconds: 60), key, judgedAt: 1_799_999_970)
        #expect(runner.results([late], of: memory) == [.carriedOut])
        #expect(expiry(of: memory) == .memory(expires: 1_800_000_030))
        let over = try #require(EffectKey(message: "2-1", index: 0))
        let question = MemoryQuestion(purpose: .duplicate, owner: "o", key: "k")
        let tooLate = Errand.carryOut(.remember(question, seconds: 60), over, judgedAt: 1)
        #expect(runner.results([tooLate], of: memory) == [.carriedOut])
        #expect(expiry(question, of: memory) == .memory(expires: nil))
    }

    @Test("hostile times don't overflow, and none lasts longer than a year")
    func hostile() throws {
        let memory = memory()
        for (index, judgedAt) in [Int64.max, .min, 0].enumerated() {
            let key = try #require(EffectKey(message: "1-1", index: index))
            let effect = Errand.carryOut(.remember(Self.question, seconds: .max), key, judgedAt: judgedAt)
            #expect(runner.results([effect], of: memory) == [.carriedOut])
        }
        #expect(try remember(seconds: .max, message: "2-1", by: memory) == .carriedOut)
        #expect(expiry(of: memory) == .memory(expires: 1_800_000_000 + 366 * 86_400))
    }

    @Test("while the file can't be had nothing is carried out, and it is done when it can")
    func gone() throws {
        let old = memory()
        let new = memory()
        guard case .notCarriedOut(let reason)? = try remember(seconds: 60, message: "1-1", by: new) else {
            Issue.record("carried out without a file")
            return
        }
        #expect(reason == "the memory: \(path): another process of the lookups role still keeps it")
        old.handOver()
        guard case .notCarriedOut? = try remember(seconds: 60, message: "1-1", by: old) else {
            Issue.record("carried out after the file was left to another")
            return
        }
        clock.pass(seconds: 1)
        #expect(try remember(seconds: 60, message: "1-1", by: new) == .carriedOut)
        #expect(expiry(of: new) == .memory(expires: 1_800_000_061))
    }

    @Test("what is too long to be remembered is a failed question, and no effect")
    func long() throws {
        let memory = memory()
        let question = MemoryQuestion(
            purpose: .duplicate, owner: "o", key: String(repeating: "x", count: 1_025))
        #expect(
            expiry(question, of: memory) == .unavailable("the memory: the owner or the key is too long"))
        #expect(try remember(question, seconds: 60, message: "1-1", by: memory) == .carriedOut)
    }
}
