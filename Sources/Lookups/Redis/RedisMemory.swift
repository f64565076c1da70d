// SPDX-License-Identifier: MIT

package import Logging
internal import Mail
package import Telemetry

/// What is remembered, in a Redis server: shared with whoever else uses it under the same prefix, and as
/// durable as that server is set to be.
package final class RedisMemory: SenseWork {
    private let connection: RedisConnection
    private let server: RedisServer
    private let clock: SenseClock
    private let counters: CounterPage

    /// KEYS: the effect's, and what is to be remembered. ARGV: seconds for which the effect is known, and
    /// when the other is forgotten, in milliseconds since 1970, 0 for at once. Answers 1 the first time.
    private static let carryOut = """
        if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
        if ARGV[2] ~= '0' then
          redis.call('SET', KEYS[2], ARGV[2])
          redis.call('PEXPIREAT', KEYS[2], ARGV[2])
        end
        return 1
        """

    package init(
        server: RedisServer, clock: SenseClock = .system, counters: CounterPage, logger: Logger
    ) {
        self.server = server
        self.clock = clock
        self.counters = counters
        connection = RedisConnection(server: server, logger: logger)
    }

    package func work(_ tasks: [SenseTask]) {
        var asked: [SenseTask] = []
        var commands: [[[UInt8]]] = []
        for task in tasks {
            guard let command = command(task.errand) else {
                task.fail("the memory: the owner or the key is too long")
                continue
            }
            asked.append(task)
            commands.append(command.map { Array($0.utf8) })
        }
        guard !asked.isEmpty else { return }
        do throws(RedisConnection.Failure) {
            let replies = try connection.run(commands)
            for (task, reply) in zip(asked, replies) { finish(task, reply) }
        } catch {
            for task in asked { task.fail("the memory: \(error.description)") }
        }
    }

    private func command(_ errand: Errand) -> [String]? {
        switch errand {
        case .ask(.memory(let question), _):
            return MemoryKey(question).map { ["GET", thing($0)] }
        case .ask: return nil
        case .carryOut(.remember(let question, let seconds), let key, let judgedAt):
            let expires = MemoryLimits.expires(seconds: seconds, judgedAt: judgedAt)
            // What can't be remembered is nothing to do, and done.
            let thing = MemoryKey(question).map(thing)
            return [
                "EVAL", Self.carryOut, "2", "\(server.prefix)effect:\(key.index):\(key.message)",
                thing ?? "\(server.prefix)memory:", "\(MemoryLimits.effectSeconds)",
                thing != nil && expires > clock.wallMs() ? "\(expires)" : "0",
            ]
        }
    }

    private func thing(_ key: MemoryKey) -> String { "\(server.prefix)memory:\(key.text)" }

    private func finish(_ task: SenseTask, _ reply: RedisValue) {
        switch (task.errand, reply) {
        case (.ask, .octets(nil)): return task.answer(.memory(expires: nil))
        case (.ask, .octets(let octets?)):
            guard let expires = Int64(String(decoding: octets, as: UTF8.self)) else { break }
            return task.answer(.memory(expires: expires > clock.wallMs() ? expires / 1_000 : nil))
        case (.carryOut, .integer(let fresh)):
            if fresh == 1 { counters.add(.effectsCarriedOut) }
            return task.finish(.carriedOut)
        case (_, .error(let text)):
            return task.fail("the memory: redis \(server.address): \(text)")
        default: break
        }
        task.fail("the memory: redis \(server.address) answers something else")
    }
}
