// SPDX-License-Identifier: MIT
import Mail
import NIOCore
import Testing

@testable import Lookups

@Suite("A worker's end of the lookups role")
struct LookupsClientTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/lookups.sock" }

    init() throws { folder = try TemporaryFolder() }

    private func with<Value: Sendable>(
        acts: [ScriptedServer.Act], answersSilenced: Bool = false, timeoutMs: Int = 60_000,
        _ body: (Worker, ScriptedServer) async throws -> Value
    ) async throws -> Value {
        let server = try await ScriptedServer.start(path, acts: acts, answersSilenced: answersSilenced)
        do {
            let value = try await Worker.with(path, timeoutMs: timeoutMs) { try await body($0, server) }
            try await server.stop()
            return value
        } catch {
            try await server.stop()
            throw error
        }
    }

    @Test("an answer is remembered, also that there is none; a failure isn't")
    func known() async throws {
        let acts: [ScriptedServer.Act] = [
            .answer(.records(["192.0.2.1"], ttlSeconds: 60)), .answer(.noSuchName(ttlSeconds: 60)),
            .answer(.noData(ttlSeconds: 60)), .answer(.failed("SERVFAIL")), .answer(.timedOut),
        ]
        try await with(acts: acts) { worker, _ async throws in
            #expect(try await worker.known("one.test") == nil)
            #expect(try await worker.ask("one.test") == .records(["192.0.2.1"], ttlSeconds: 60))
            #expect(try await worker.known("one.test") == .records(["192.0.2.1"], ttlSeconds: 60))
            #expect(try await worker.known("one.test", .txt) == nil)
            #expect(try await worker.ask("two.test") == .noSuchName(ttlSeconds: 60))
            #expect(try await worker.known("two.test") == .noSuchName(ttlSeconds: 60))
            #expect(try await worker.ask("three.test") == .noData(ttlSeconds: 60))
            #expect(try await worker.known("three.test") == .noData(ttlSeconds: 60))
            #expect(try await worker.ask("four.test") == .failed("SERVFAIL"))
            #expect(try await worker.known("four.test") == nil)
            #expect(try await worker.ask("five.test") == .timedOut)
            #expect(try await worker.known("five.test") == nil)
        }
    }

    @Test("those who ask the same at once share one look-up")
    func shared() async throws {
        let acts: [ScriptedServer.Act] = [.silence, .answer(.noData(ttlSeconds: 60))]
        try await with(acts: acts, answersSilenced: true) { worker, server async throws in
            let all = try (0..<5).map { _ in try worker.begin("same.test") }
            _ = try await worker.ask("other.test")
            for future in all { #expect(try await future.get() == .records(["192.0.2.99"], ttlSeconds: 60)) }
            var names: [String] = []
            for await request in server.requests {
                names.append(request.dnsName)
                if names.count == 2 { break }
            }
            #expect(names == ["same.test", "other.test"])
        }
    }

    @Test("a role that says nothing is waited for until the deadline, each asker's own")
    func deadline() async throws {
        let acts: [ScriptedServer.Act] = [.silence, .answer(.noData(ttlSeconds: 60))]
        try await with(acts: acts, answersSilenced: true) { worker, _ async throws in
            let patient = try worker.begin("slow.test")
            // Its time is over before it began.
            #expect(try await worker.ask("slow.test", seconds: 0) == .timedOut)
            _ = try await worker.ask("other.test")
            #expect(try await patient.get() == .records(["192.0.2.99"], ttlSeconds: 60))
        }
    }

    @Test("one question has a time of its own, however patient its asker is")
    func timeLimit() async throws {
        try await with(acts: [.silence], timeoutMs: 1) { worker, _ async throws in
            #expect(try await worker.ask("slow.test", seconds: 3_600) == .timedOut)
        }
    }

    @Test("an answer that comes after the last has given up is remembered for the next")
    func late() async throws {
        let acts: [ScriptedServer.Act] = [.silence, .answer(.noData(ttlSeconds: 60))]
        try await with(acts: acts, answersSilenced: true) { worker, _ async throws in
            #expect(try await worker.ask("slow.test", seconds: 0) == .timedOut)
            _ = try await worker.ask("other.test")
            #expect(try await worker.known("slow.test") == .records(["192.0.2.99"], ttlSeconds: 60))
        }
    }

    @Test("a role that can't be reached is a failure at once, and never an exception")
    func unreachable() async throws {
        try await Worker.with(path) { worker async throws in
            for _ in 0..<3 {
                #expect(try await worker.ask("a.test") == .failed("the lookups role can't be reached"))
            }
        }
    }

    @Test("when the role goes, what waits has failed, and the next question connects anew")
    func gone() async throws {
        let acts: [ScriptedServer.Act] = [.silence, .hangUp]
        try await with(acts: acts) { worker, _ async throws in
            let waiting = try worker.begin("one.test")
            #expect(try await worker.ask("two.test") == .failed("the lookups role is gone"))
            #expect(try await waiting.get() == .failed("the lookups role is gone"))
            // A new connection begins its own script.
            let again = try worker.begin("three.test")
            #expect(try await worker.ask("four.test") == .failed("the lookups role is gone"))
            #expect(try await again.get() == .failed("the lookups role is gone"))
        }
    }

    @Test(
        "bytes that are no answer end the connection",
        arguments: [[0xFF, 0xFF, 0xFF, 0xFF], [0, 0, 0, 5, 0, 0, 0, 1, 9]] as [[UInt8]])
    func garbage(bytes: [UInt8]) async throws {
        try await with(acts: [.bytes(bytes)]) { worker, _ async throws in
            #expect(try await worker.ask("one.test") == .failed("the lookups role is gone"))
        }
    }

    @Test("an answer to a question that nobody asked changes nothing")
    func unasked() async throws {
        let stray = LookupFrame.encode(
            LookupFrame.Response(id: 4_000, result: .answer(.dns(.records(["x"], ttlSeconds: 1)))))
        try await with(acts: [.bytes(stray)]) { worker, _ async throws in
            let first = try worker.begin("one.test", seconds: 0)
            #expect(try await first.get() == .timedOut)
            #expect(try await worker.ask("two.test") == .noData(ttlSeconds: 60))
        }
    }

    @Test("too many look-ups under way are refused, not queued")
    func tooMany() async throws {
        let acts = [ScriptedServer.Act](repeating: .silence, count: LookupLimits.outstandingMax)
        try await with(acts: acts) { worker, _ async throws in
            var waiting: [EventLoopFuture<DNSAnswer>] = []
            for number in 0..<LookupLimits.outstandingMax {
                waiting.append(try worker.begin("n\(number).test"))
            }
            #expect(try await worker.ask("more.test") == .failed("too many look-ups under way"))
            // Who asks what is under way already still joins.
            waiting.append(try worker.begin("n0.test"))
            try await worker.settle()
            for future in waiting { future.whenComplete { _ in } }
        }
    }
}
