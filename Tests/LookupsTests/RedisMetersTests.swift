// SPDX-License-Identifier: MIT
import Foundation
import Glibc
import Mail
import Telemetry
import Testing

@testable import Lookups

@Suite("Meters and memory in Redis")
struct RedisMetersTests {
    private let folder: TemporaryFolder
    private let log = EventLog()
    private let counters = CounterPage()
    private let runner: ErrandRunner

    init() throws {
        folder = try TemporaryFolder()
        runner = try ErrandRunner()
    }

    private func server(
        _ address: RedisServer.Address, password: String? = nil, timeoutMs: Int = 10_000,
        prefix: String = "postern:"
    ) -> RedisServer {
        RedisServer(
            address: address, password: password.map { Array($0.utf8) }, timeoutMs: timeoutMs, prefix: prefix)
    }

    private func meters(
        _ server: RedisServer, _ tables: [MeterTable] = [throttle], nowMs: @escaping () -> Int64 = { -1 }
    ) -> RedisMeters {
        RedisMeters(
            server: server, tables: tables, nowMs: nowMs, counters: counters, logger: log.logger)
    }

    private func ask(
        _ meters: RedisMeters, _ operation: MeterQuestion.Operation, key: String = "k", table: String = "t"
    ) -> MeterAnswer? {
        let question = MeterQuestion(table: table, key: key, operation: operation)
        guard case .meter(let answer)? = runner.answer(.meter(question), of: meters) else { return nil }
        return answer
    }

    private static let throttle = MeterTable(
        name: "t", kind: .throttle(quota: 2, milliseconds: 600_000), entriesMax: 3)

    @Test("each answers by its rules, as those of this machine do", arguments: MeterScenario.all)
    func rules(scenario: MeterScenario) throws {
        let redis = try RedisProcess(folder: folder.path)
        var now = 0.0
        let meters = meters(
            server(.unix(redis.socket)), [scenario.table],
            nowMs: { 1_800_000_000_000 + Int64((now * 1_000).rounded()) })
        for (number, step) in scenario.steps.enumerated() {
            now = step.at
            let answer = ask(meters, step.operation, key: step.key, table: scenario.table.name)
            #expect(MeterScenario.fits(answer, step.answer), "step \(number): \(String(describing: answer))")
        }
    }

    @Test("two gateways count together; another prefix counts for itself")
    func together() throws {
        let redis = try RedisProcess(folder: folder.path)
        let one = meters(server(.unix(redis.socket)))
        let two = meters(server(.tcp(host: "127.0.0.1", port: redis.port)))
        let other = meters(server(.unix(redis.socket), prefix: "other:"))
        #expect(ask(one, .throttle) == .use(count: 1, isOver: false))
        #expect(ask(two, .throttle) == .use(count: 2, isOver: false))
        #expect(ask(one, .throttle) == .use(count: 3, isOver: true))
        #expect(ask(other, .throttle) == .use(count: 1, isOver: false))
    }

    @Test("what is over is gone from Redis, and the index of a table with it")
    func expiry() throws {
        let redis = try RedisProcess(folder: folder.path)
        let meters = meters(server(.unix(redis.socket)))
        _ = ask(meters, .throttle)
        let ttl = Int(try redis.command("PTTL", "postern:meter:t:k").filter(\.isNumber)) ?? 0
        #expect((500_000...600_000).contains(ttl))
        _ = ask(meters, .remove)
        #expect(try redis.command("DBSIZE").filter(\.isNumber) == "0")
    }

    @Test("a full table forgets the key used longest ago, counts it and says so")
    func full() throws {
        let redis = try RedisProcess(folder: folder.path)
        var now: Int64 = 1_800_000_000_000
        let meters = meters(server(.unix(redis.socket)), nowMs: { now })
        for key in ["a", "b", "c", "a", "d", "e"] {
            now += 1
            _ = ask(meters, .throttle, key: key)
        }
        #expect(counters.value(.metersEvicted) == 2)
        #expect(log.count(of: "meter.full") == 1)
        #expect(
            ["a", "b", "c", "d", "e"].map { ask(meters, .fetch, key: $0) }
                == [.value("2"), .value(nil), .value(nil), .value("1"), .value("1")])
        #expect(try redis.command("ZCARD", "postern:meters:t").filter(\.isNumber) == "3")
    }

    @Test("the password is given; a wrong one is a failure that names the server, and isn't in it")
    func password() throws {
        let redis = try RedisProcess(folder: folder.path, password: "open sesame")
        #expect(
            ask(meters(server(.unix(redis.socket), password: "open sesame")), .throttle)
                == .use(count: 1, isOver: false))
        #expect(
            ask(meters(server(.unix(redis.socket), password: "wrong")), .throttle)
                == .failed("meter t: redis \(redis.socket): it refuses the password"))
        guard case .failed(let reason)? = ask(meters(server(.unix(redis.socket))), .throttle) else {
            Issue.record("answered without a password")
            return
        }
        #expect(reason.hasPrefix("meter t: redis \(redis.socket): NOAUTH"))
        #expect(!log.lines.contains { $0.contains("sesame") || $0.contains("wrong") })
    }

    @Test("a server that is gone fails at once until it is tried again, and is found when it is back")
    func goneAndBack() throws {
        let first = try RedisProcess(folder: folder.path)
        let meters = meters(server(.unix(first.socket)))
        #expect(ask(meters, .throttle) == .use(count: 1, isOver: false))
        first.stop()
        for _ in 0..<20 {
            guard case .failed(let reason)? = ask(meters, .throttle) else {
                Issue.record("answered by nobody")
                return
            }
            #expect(reason.hasPrefix("meter t: redis \(first.socket): "))
        }
        #expect(log.count(of: "redis.lost") == 1)
        unlink(first.socket)
        let second = try RedisProcess(folder: folder.path)
        let deadline = SteadyTime.milliseconds() + 30_000
        while ask(meters, .throttle) != .use(count: 1, isOver: false) {
            try #require(SteadyTime.milliseconds() < deadline, "it never comes back")
            usleep(20_000)
        }
        #expect(log.count(of: "redis.back") == 1)
        second.stop()
    }

    @Test("a server that was restarted between two questions is found at the next, if the name is the same")
    func restarted() throws {
        let first = try RedisProcess(folder: folder.path)
        let meters = meters(server(.tcp(host: "127.0.0.1", port: first.port)))
        #expect(ask(meters, .throttle) == .use(count: 1, isOver: false))
        first.stop()
        unlink(first.socket)
        let second = try RedisProcess(folder: folder.path, port: first.port)
        #expect(ask(meters, .throttle) == .use(count: 1, isOver: false))
        #expect(log.count(of: "redis.lost") == 0)
        second.stop()
    }

    @Test("a server that says nothing is a failure that says for how long it was waited")
    func silent() throws {
        let redis = try RedisProcess(folder: folder.path)
        let meters = meters(server(.unix(redis.socket), timeoutMs: 100))
        #expect(ask(meters, .throttle) == .use(count: 1, isOver: false))
        redis.pause()
        #expect(
            ask(meters, .throttle)
                == .failed("meter t: redis \(redis.socket): no answer within 100 ms"))
        redis.goOn()
    }

    @Test(
        "a server that lies is a failure, whatever it says",
        arguments: [
            "+OK\r\n", ":1\r\n", "*2\r\n:0\r\n:0\r\n", "*2\r\n:1\r\n", "*2\r\n$1\r\n1\r\n:0\r\n", "$-1\r\n",
            "*-1\r\n", "*2147483647\r\n", "$99999999\r\n", "HTTP/1.1 400 Bad Request\r\n",
            "*2\r\n:1\r\n:0\r\n:7\r\n",
            "", "-ERR\r\n",
        ])
    func lying(reply: String) async throws {
        let liar = try Liar(path: "\(folder.path)/liar.sock", reply: Array(reply.utf8))
        let meters = meters(server(.unix(liar.path), timeoutMs: 200))
        guard case .failed(let reason)? = ask(meters, .throttle) else {
            Issue.record("believed")
            return
        }
        #expect(reason.hasPrefix("meter t: redis \(liar.path)"))
        liar.stop()
    }

    @Test("what is remembered in Redis is remembered, once for each effect, until it expires")
    func memory() throws {
        let redis = try RedisProcess(folder: folder.path)
        let clock = TestClock(wallMs: Int64(Date().timeIntervalSince1970 * 1_000))
        let memory = RedisMemory(
            server: server(.unix(redis.socket)), clock: clock.clock, counters: counters, logger: log.logger)
        let question = MemoryQuestion(purpose: .duplicate, owner: "a\r\nb", key: "<id@x>\0")
        let now = clock.wallMs / 1_000
        #expect(runner.answer(.memory(question), of: memory) == .memory(expires: nil))
        for (message, judgedAt) in [("1-1", now), ("1-1", now + 500)] {
            let key = try #require(EffectKey(message: message, index: 0))
            let errand = Errand.carryOut(.remember(question, seconds: 1_000), key, judgedAt: judgedAt)
            #expect(runner.results([errand], of: memory) == [.carriedOut])
        }
        #expect(runner.answer(.memory(question), of: memory) == .memory(expires: now + 1_000))
        #expect(counters.value(.effectsCarriedOut) == 1)
        clock.pass(seconds: 1_001)
        #expect(runner.answer(.memory(question), of: memory) == .memory(expires: nil))
        redis.stop()
        let key = try #require(EffectKey(message: "2-1", index: 0))
        guard
            case .notCarriedOut(let reason)?? = runner.results(
                [.carryOut(.remember(question, seconds: 9), key, judgedAt: now)], of: memory
            ).first
        else {
            Issue.record("carried out by nobody")
            return
        }
        #expect(reason.hasPrefix("the memory: redis \(redis.socket): "))
    }
}

/// Accepts connections on a Unix socket and answers the first octets of each with the same.
private final class Liar: Sendable {
    let path: String
    private let listener: Int32

    init(path: String, reply: [UInt8]) throws {
        self.path = path
        let listener = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        self.listener = listener
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0, listen(listener, 8) == 0 else { throw POSIXError(.EADDRINUSE) }
        Thread.detachNewThread {
            while true {
                let end = accept(listener, nil, nil)
                guard end >= 0 else { return }
                var chunk = [UInt8](repeating: 0, count: 65_536)
                _ = recv(end, &chunk, chunk.count, 0)
                _ = send(end, reply, reply.count, Int32(MSG_NOSIGNAL))
                // It says no more, and waits for the other to go.
                while recv(end, &chunk, chunk.count, 0) > 0 {}
                close(end)
            }
        }
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
    }
}
