// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Telemetry
import Testing

@testable import Lookups

@Suite("Meters of this machine")
struct LocalMetersTests {
    private let folder: TemporaryFolder
    private let clock = TestClock()
    private let log = EventLog()
    private let counters = CounterPage()
    private let runner: ErrandRunner
    private var path: String { "\(folder.path)/meters" }

    init() throws {
        folder = try TemporaryFolder()
        runner = try ErrandRunner()
    }

    private func meters(_ tables: [MeterTable], path: String? = nil) -> LocalMeters {
        LocalMeters(
            path: path ?? self.path, tables: tables, clock: clock.clock, counters: counters,
            logger: log.logger)
    }

    private func ask(
        _ meters: LocalMeters, _ operation: MeterQuestion.Operation, key: String = "k", table: String = "t"
    ) -> MeterAnswer? {
        let question = MeterQuestion(table: table, key: key, operation: operation)
        guard case .meter(let answer)? = runner.answer(.meter(question), of: meters) else { return nil }
        return answer
    }

    private static let throttle = MeterTable(
        name: "t", kind: .throttle(quota: 2, milliseconds: 60_000), entriesMax: 3)

    @Test("each answers by its rules", arguments: MeterScenario.all)
    func rules(scenario: MeterScenario) {
        let meters = meters([scenario.table])
        var now = 0.0
        for (number, step) in scenario.steps.enumerated() {
            clock.pass(seconds: step.at - now)
            now = step.at
            let answer = ask(meters, step.operation, key: step.key, table: scenario.table.name)
            #expect(MeterScenario.fits(answer, step.answer), "step \(number): \(String(describing: answer))")
        }
    }

    @Test(
        "each answers by its rules when the process is killed after every step", arguments: MeterScenario.all)
    func killed(scenario: MeterScenario) throws {
        var now = 0.0
        var path = self.path
        // Those before go on holding their files, as if they had been killed a moment ago: nothing is
        // written at their end.
        var killed: [LocalMeters] = []
        for (number, step) in scenario.steps.enumerated() {
            clock.pass(seconds: step.at - now)
            now = step.at
            let meters = meters([scenario.table], path: path)
            let answer = ask(meters, step.operation, key: step.key, table: scenario.table.name)
            #expect(MeterScenario.fits(answer, step.answer), "step \(number): \(String(describing: answer))")
            killed.append(meters)
            let next = "\(self.path)-\(number)"
            try FileManager.default.copyItem(atPath: path, toPath: next)
            path = next
        }
        #expect(killed.count == scenario.steps.count)
    }

    @Test("a clock that is set forth or back while they run changes nothing")
    func jumps() {
        let meters = meters([Self.throttle])
        #expect(ask(meters, .throttle) == .use(count: 1, isOver: false))
        clock.setWall(by: 86_400 * 365)
        #expect(ask(meters, .throttle) == .use(count: 2, isOver: false))
        clock.setWall(by: -86_400 * 730)
        #expect(ask(meters, .throttle) == .use(count: 3, isOver: true))
        clock.pass(seconds: 59)
        #expect(ask(meters, .throttle) == .use(count: 4, isOver: true))
        clock.pass(seconds: 1)
        #expect(ask(meters, .throttle) == .use(count: 1, isOver: false))
    }

    @Test("a clock that was set back while they were away neither frees nor keeps anybody for long")
    func setBackMeanwhile() throws {
        do {
            let first = meters([Self.throttle])
            for _ in 0..<3 { _ = ask(first, .throttle) }
        }
        clock.setWall(by: -86_400)
        let second = meters([Self.throttle])
        #expect(ask(second, .throttle) == .use(count: 4, isOver: true))
        clock.pass(seconds: 60)
        #expect(ask(second, .throttle) == .use(count: 1, isOver: false))
    }

    @Test("the time in which they were away counts")
    func away() {
        do {
            let first = meters([Self.throttle])
            #expect(ask(first, .throttle) == .use(count: 1, isOver: false))
        }
        clock.pass(seconds: 59)
        do {
            let second = meters([Self.throttle])
            #expect(ask(second, .throttle) == .use(count: 2, isOver: false))
        }
        clock.pass(seconds: 1)
        let third = meters([Self.throttle])
        #expect(ask(third, .throttle) == .use(count: 1, isOver: false))
    }

    @Test("a full table forgets the key used longest ago, counts it and says so, once a minute")
    func full() {
        let meters = meters([Self.throttle])
        for key in ["a", "b", "c", "a", "d", "e"] { _ = ask(meters, .throttle, key: key) }
        #expect(counters.value(.metersEvicted) == 2)
        #expect(log.count(of: "meter.full") == 1)
        #expect(log.lines.contains { $0.contains("meter=t entries=3 evicted=1") })
        #expect(ask(meters, .fetch, key: "a") == .value("2"))
        #expect(ask(meters, .fetch, key: "b") == .value(nil))
        #expect(ask(meters, .fetch, key: "c") == .value(nil))
        clock.pass(seconds: 60)
        // These are over: no loss to anybody.
        for key in ["f", "g", "h"] { _ = ask(meters, .throttle, key: key) }
        #expect(counters.value(.metersEvicted) == 2)
    }

    @Test("what was forgotten stays forgotten after a restart, and a smaller table keeps the latest")
    func smaller() {
        do {
            let first = meters([Self.throttle])
            for key in ["a", "b", "c", "d"] { _ = ask(first, .throttle, key: key) }
        }
        var table = Self.throttle
        table.entriesMax = 2
        let second = meters([table])
        #expect(
            ["a", "b", "c", "d"].map { ask(second, .fetch, key: $0) }
                == [.value(nil), .value(nil), .value("1"), .value("1")])
    }

    @Test("a table whose type was changed begins anew, and one that is gone is forgotten")
    func changed() {
        do {
            let first = meters([Self.throttle, MeterTable(name: "old", kind: .simple, entriesMax: 5)])
            _ = ask(first, .throttle)
            _ = ask(first, .store("x"), table: "old")
        }
        let second = meters([MeterTable(name: "t", kind: .simple, entriesMax: 3)])
        #expect(ask(second, .fetch) == .value(nil))
        #expect(ask(second, .adjust(by: 2)) == .value("2"))
        #expect(ask(second, .fetch, table: "old") == .failed("there is no meter old"))
    }

    @Test("keys and values are cut at their limits")
    func limits() {
        let meters = meters([MeterTable(name: "t", kind: .simple, entriesMax: 3)])
        let long = String(repeating: "k", count: 70_000)
        #expect(ask(meters, .store(long), key: long) == .value(String(repeating: "k", count: 1_024)))
        #expect(
            ask(meters, .fetch, key: String(repeating: "k", count: 1_024))
                == .value(String(repeating: "k", count: 1_024)))
    }

    @Test("while another process keeps the file they fail and say so; when it lets go they have its counts")
    func handedOver() {
        let old = meters([Self.throttle])
        #expect(ask(old, .throttle) == .use(count: 1, isOver: false))
        let new = meters([Self.throttle])
        #expect(
            ask(new, .throttle)
                == .failed("the meters: \(path): another process of the lookups role still keeps it"))
        #expect(log.count(of: "state.not_kept") == 1)
        old.handOver()
        clock.pass(seconds: 1)
        #expect(ask(new, .throttle) == .use(count: 2, isOver: false))
        // The old one still has sessions to serve, and counts for them alone.
        #expect(ask(old, .throttle) == .use(count: 2, isOver: false))
        #expect(ask(new, .throttle) == .use(count: 3, isOver: true))
    }

    @Test("a file that is none of theirs is put aside, with an event, and counting begins")
    func foreign() throws {
        try Data("no meters at all".utf8).write(to: URL(fileURLWithPath: path))
        let meters = meters([Self.throttle])
        #expect(ask(meters, .throttle) == .use(count: 1, isOver: false))
        #expect(log.count(of: "state.put_aside") == 1)
        #expect(FileManager.default.fileExists(atPath: path + ".unknown"))
    }

    @Test("what was torn off is said, and the rest is there")
    func torn() throws {
        do {
            let first = meters([Self.throttle])
            for key in ["a", "b"] { _ = ask(first, .throttle, key: key) }
        }
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.dropLast(3).write(to: URL(fileURLWithPath: path))
        let second = meters([Self.throttle])
        #expect(ask(second, .fetch, key: "a") == .value("1"))
        #expect(ask(second, .fetch, key: "b") == .value(nil))
        #expect(log.lines.contains { $0.hasPrefix("state.read") && !$0.contains("torn_bytes=0") })
    }

    @Test("hundreds of thousands of uses leave a file in proportion to what is kept")
    func compact() throws {
        let meters = meters([Self.throttle])
        let errands = (0..<256).map { number in
            Errand.ask(
                .meter(MeterQuestion(table: "t", key: "key\(number % 3)", operation: .throttle)), secret: nil)
        }
        for _ in 0..<1_000 { _ = runner.results(errands, of: meters) }
        #expect(ask(meters, .fetch, key: "key0") == .value("86000"))
        let size = try #require(FileManager.default.attributesOfItem(atPath: path)[.size] as? Int)
        #expect(size < 5 << 20)
    }
}
