// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Mail
import NIOCore
import Synchronization
import Telemetry
import Testing

@testable import Lookups

/// A worker that does as a test says.
private final class ScriptedWork: SenseWork {
    private let act: ([SenseTask]) -> Void

    init(_ act: @escaping ([SenseTask]) -> Void) { self.act = act }

    func work(_ tasks: [SenseTask]) { act(tasks) }
}

/// A door that stays shut until a test opens it.
private final class Door: Sendable {
    private let semaphore = Mutex(0)
    private let ends: (read: Int32, write: Int32)

    init() throws {
        var pair: [Int32] = [0, 0]
        guard pipe(&pair) == 0 else { throw POSIXError(.EMFILE) }
        ends = (pair[0], pair[1])
    }

    deinit { Glibc.close(ends.read) }

    /// Returns once it is open.
    func pass() {
        var polled = pollfd(fd: ends.read, events: Int16(POLLIN), revents: 0)
        while poll(&polled, 1, -1) < 0 {}
    }

    func open() { Glibc.close(ends.write) }
}

@Suite("Senses of the lookups role")
struct SenseTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/lookups.sock" }
    private static let local = LookupSettings(
        localData: ["a.list.test. 300 IN A 127.0.0.2"], localZones: ["list.test"])
    private static let meter = Question.meter(MeterQuestion(table: "t", key: "k", operation: .throttle))
    private static let database = Question.database(DatabaseQuestion(database: "d", key: "k"))

    init() throws { folder = try TemporaryFolder() }

    /// For how long doesn't matter here.
    private static func isListed(_ answer: DNSAnswer) -> Bool {
        if case .records(["127.0.0.2"], _) = answer { true } else { false }
    }

    private func with<Value: Sendable>(
        _ senses: @escaping @Sendable () -> Senses,
        _ body: (Worker, RunningServer) async throws -> Value
    ) async throws -> Value {
        let server = try await RunningServer.start(path, settings: Self.local, senses: senses)
        do {
            let value = try await Worker.with(path) { try await body($0, server) }
            await server.stop()
            return value
        } catch {
            await server.stop()
            throw error
        }
    }

    @Test("what nobody answers fails in its own form, and says what isn't configured")
    func absent() async throws {
        try await with({ Senses() }) { worker, server async throws in
            #expect(
                try await worker.ask(Self.database) == .database(.failed("no live database is configured")))
            #expect(try await worker.ask(Self.meter) == .meter(.failed("no meter is configured")))
            #expect(
                try await worker.ask(.sequence(SequenceQuestion(name: "s", modulus: nil)))
                    == .unavailable("there are no sequences"))
            let search = DirectoryQuestion(
                directory: "d", base: "", scope: .sub, filter: "(a=b)", attributes: [])
            #expect(
                try await worker.ask(.directory(search))
                    == .directory(.unreachable("no directory is configured")))
            let identity = IdentityQuestion(mechanism: "PLAIN", identity: "ann")
            #expect(
                try await worker.ask(.identity(identity), secret: [1])
                    == .identity(.failed("nobody knows identities here")))
            let memory = MemoryQuestion(purpose: .duplicate, owner: "o", key: "k")
            #expect(try await worker.ask(.memory(memory)) == .unavailable("nothing is remembered here"))
            let key = try #require(EffectKey(message: "1", index: 0))
            #expect(
                try await worker.carryOut(.remember(memory, seconds: 1), key: key, judgedAt: 0)
                    == "nothing is remembered here")
            #expect(try await worker.ask(.time) == .unavailable("the lookups role doesn't answer that"))
            #expect(server.counters.value(.sensesFailed) == 7)
            #expect(server.counters.value(.lookupsFailed) == 0)
        }
    }

    @Test("one that takes longer than its budget is answered for by name, and nobody else waits")
    func budget() async throws {
        let door = try Door()
        let senses: @Sendable () -> Senses = {
            var senses = Senses()
            senses.database = SenseLine(name: "the slow one", budgetMs: 200) {
                ScriptedWork { tasks in
                    door.pass()
                    for task in tasks { task.answer(.database(.value("late"))) }
                }
            }
            senses.meter = SenseLine(name: "the quick one", budgetMs: 60_000) {
                ScriptedWork { tasks in
                    for task in tasks { task.answer(.meter(.use(count: 1, isOver: false))) }
                }
            }
            return senses
        }
        try await with(senses) { worker, server async throws in
            let slow = worker.begin(Self.database)
            #expect(try await worker.ask(Self.meter) == .meter(.use(count: 1, isOver: false)))
            #expect(Self.isListed(try await worker.ask("a.list.test")))
            #expect(
                try await slow.get() == .database(.failed("the slow one did not answer within 200 ms")))
            // What comes late is dropped, and the next is answered by itself.
            door.open()
            #expect(try await worker.ask(Self.database) == .database(.value("late")))
            #expect(server.counters.value(.sensesFailed) == 1)
            #expect(server.counters.value(.sensesAnswered) == 2)
        }
    }

    @Test("a line is bounded: what doesn't fit fails at once, and what nobody waits for isn't begun")
    func bounded() async throws {
        let door = try Door()
        let begun = Mutex(0)
        let line = SenseLine(name: "the line", budgetMs: 60_000, waitingMax: 3) {
            ScriptedWork { tasks in
                begun.withLock { $0 += tasks.count }
                door.pass()
                for task in tasks { task.answer(.meter(.removed(true))) }
            }
        }
        let results = try ResultLine()
        func task(_ token: UInt64, late: Bool = false) -> SenseTask {
            SenseTask(
                errand: .ask(Self.meter, secret: nil), deadlineMs: late ? 0 : .max, token: token,
                line: results)
        }
        line.take(task(0))
        // It is taken by the thread; three more wait.
        while begun.withLock({ $0 }) == 0 { await Task.yield() }
        for token: UInt64 in 1...3 { line.take(task(token, late: token == 2)) }
        line.take(task(4))
        #expect(
            results.takeAll().map(\.result)
                == [.answer(.meter(.failed("the line: 3 questions wait already")))])
        door.open()
        line.close()
        line.take(task(5))
        let rest = results.takeAll().sorted { $0.token < $1.token }
        #expect(rest.map(\.token) == [0, 1, 2, 3, 5])
        #expect(
            rest.map(\.result) == [
                .answer(.meter(.removed(true))), .answer(.meter(.removed(true))),
                .answer(.meter(.failed("the line had no time for it"))), .answer(.meter(.removed(true))),
                .answer(.meter(.failed("the line: shutting down"))),
            ])
        #expect(begun.withLock { $0 } == 3)
    }

    @Test("as many threads work as are allowed, each with a worker of its own")
    func threads() throws {
        let door = try Door()
        let workers = Mutex(0)
        let begun = Mutex(0)
        let line = SenseLine(name: "the line", budgetMs: 60_000, threads: 3) {
            workers.withLock { $0 += 1 }
            return ScriptedWork { tasks in
                begun.withLock { $0 += 1 }
                door.pass()
                for task in tasks { task.answer(.meter(.removed(true))) }
            }
        }
        let results = try ResultLine()
        for token: UInt64 in 0..<10 {
            line.take(
                SenseTask(
                    errand: .ask(Self.meter, secret: nil), deadlineMs: .max, token: token, line: results))
        }
        while begun.withLock({ $0 }) < 3 { sched_yield() }
        door.open()
        line.close()
        #expect(results.takeAll().count == 10)
        #expect(workers.withLock { $0 } == 3)
    }

    @Test("two who count at once are counted twice; two who read at once are answered together")
    func shared() async throws {
        let door = try Door()
        let asked = Mutex<[Question]>([])
        let senses: @Sendable () -> Senses = {
            let make: @Sendable () -> any SenseWork = {
                ScriptedWork { tasks in
                    for task in tasks {
                        asked.withLock { $0 += task.question.map { [$0] } ?? [] }
                        door.pass()
                        if case .meter? = task.question {
                            task.answer(.meter(.removed(true)))
                        } else {
                            task.answer(.database(.none))
                        }
                    }
                }
            }
            var senses = Senses()
            senses.meter = SenseLine(name: "the meters", budgetMs: 60_000, makeWork: make)
            senses.database = SenseLine(name: "the databases", budgetMs: 60_000, makeWork: make)
            return senses
        }
        try await with(senses) { worker, _ async throws in
            let all = [Self.meter, Self.meter, Self.database, Self.database].map { worker.begin($0) }
            try await worker.settle()
            door.open()
            for future in all { _ = try await future.get() }
            #expect(asked.withLock { $0.count { $0 == Self.meter } } == 2)
            #expect(asked.withLock { $0.count { $0 == Self.database } } == 1)
        }
    }

    @Test("meters are one for all workers, and outlast the role")
    func meters() async throws {
        let folder = folder
        let senses: @Sendable () -> Senses = {
            var senses = Senses()
            senses.meter = SenseLine(name: "the meters", budgetMs: 60_000, batchMax: 64) {
                LocalMeters(
                    path: "\(folder.path)/meters",
                    tables: [
                        MeterTable(
                            name: "t", kind: .throttle(quota: 100, milliseconds: 3_600_000), entriesMax: 10)
                    ], counters: CounterPage(), logger: EventLog().logger)
            }
            return senses
        }
        try await with(senses) { one, _ async throws in
            try await Worker.with(path) { two async throws in
                let all = (0..<50).flatMap { _ in [one.begin(Self.meter), two.begin(Self.meter)] }
                var counts: [Int64] = []
                for future in all {
                    if case .meter(.use(let count, _)) = try await future.get() { counts.append(count) }
                }
                #expect(counts.sorted() == Array(1...100))
            }
        }
        try await with(senses) { worker, _ async throws in
            let answer = try await worker.ask(Self.meter)
            #expect(answer == .meter(.use(count: 101, isOver: true)))
        }
    }

    @Test("a name that is watched over isn't asked while somebody objects")
    func watched() async throws {
        final class Watch: NameWatch {
            func objection(to question: DNSQuestion) -> String? {
                question.name.hasSuffix("sick.test") ? "list sick.test is muted" : nil
            }
            func due(nowMs: Int64) -> [DNSQuestion] { [] }
            func hear(_ answer: DNSAnswer, to question: DNSQuestion, nowMs: Int64) {}
        }
        let senses: @Sendable () -> Senses = {
            var senses = Senses()
            senses.nameWatch = Watch()
            return senses
        }
        try await with(senses) { worker, _ async throws in
            #expect(try await worker.ask("9.2.0.192.sick.test") == .failed("list sick.test is muted"))
            #expect(Self.isListed(try await worker.ask("a.list.test")))
        }
    }

    @Test("a watch's own questions are asked, and it hears the answers")
    func due() async throws {
        final class Watch: NameWatch, Sendable {
            let heard = AsyncStream.makeStream(of: DNSAnswer.self)
            private let isDue = Mutex(true)
            func objection(to question: DNSQuestion) -> String? { nil }
            func due(nowMs: Int64) -> [DNSQuestion] {
                guard
                    isDue.withLock({ due in
                        defer { due = false }; return due
                    })
                else { return [] }
                return [DNSQuestion(name: "a.list.test", type: .a)].compactMap { $0 }
            }
            func hear(_ answer: DNSAnswer, to question: DNSQuestion, nowMs: Int64) {
                heard.continuation.yield(answer)
            }
        }
        let watch = Watch()
        try await with({
            var senses = Senses()
            senses.nameWatch = watch
            return senses
        }) { _, _ async throws in
            var answers = watch.heard.stream.makeAsyncIterator()
            #expect(Self.isListed(try #require(await answers.next())))
        }
    }
}
