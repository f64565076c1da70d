// SPDX-License-Identifier: MIT

package import Logging
internal import Mail
package import Telemetry

/// The meters in a Redis server, shared with whoever else uses it under the same prefix. While it can't be
/// asked, each operation fails and says so.
package final class RedisMeters: SenseWork {
    private let tables: [String: MeterTable]
    private let connection: RedisConnection
    private let server: RedisServer
    private let counters: CounterPage
    private let logger: Logger
    /// Milliseconds for the scripts; -1 for the server's own. Tests set it.
    private let nowMs: () -> Int64
    private var evicted: [String: (count: Int, saidMs: Int64)] = [:]

    /// Milliseconds between two lines about evictions of one table.
    private static let evictionPauseMs: Int64 = 60_000

    package convenience init(
        server: RedisServer, tables: [MeterTable], counters: CounterPage, logger: Logger
    ) {
        self.init(server: server, tables: tables, nowMs: { -1 }, counters: counters, logger: logger)
    }

    init(
        server: RedisServer, tables: [MeterTable], nowMs: @escaping () -> Int64, counters: CounterPage,
        logger: Logger
    ) {
        self.server = server
        self.tables = Dictionary(tables.map { ($0.name, $0) }, uniquingKeysWith: { $1 })
        self.nowMs = nowMs
        self.counters = counters
        self.logger = logger
        connection = RedisConnection(server: server, logger: logger)
    }

    package func work(_ tasks: [SenseTask]) {
        var asked: [(task: SenseTask, table: MeterTable, operation: MeterQuestion.Operation)] = []
        var commands: [[[UInt8]]] = []
        for task in tasks {
            guard case .meter(let question)? = task.question else {
                task.fail("the meters answer no such question")
                continue
            }
            guard let table = tables[question.table] else {
                task.fail("there is no meter \(question.table)")
                continue
            }
            guard let key = table.key(question.key) else {
                task.fail("meter \(table.name): the key is no IP address of its kind")
                continue
            }
            guard let command = command(question.operation, key, table) else {
                // The table's own rules say why.
                let (answer, _) = table.apply(question.operation, to: nil, nowMs: 0)
                task.answer(.meter(answer))
                continue
            }
            asked.append((task, table, question.operation))
            commands.append(command)
        }
        guard !asked.isEmpty else { return }
        do throws(RedisConnection.Failure) {
            let replies = try connection.run(commands)
            for ((task, table, operation), reply) in zip(asked, replies) {
                task.answer(.meter(answer(reply, operation, table)))
            }
        } catch {
            for (task, table, _) in asked { task.fail("meter \(table.name): \(error.description)") }
        }
    }

    /// Nil where the table knows no such operation.
    private func command(
        _ operation: MeterQuestion.Operation, _ key: String, _ table: MeterTable
    ) -> [[UInt8]]? {
        let script: String
        var arguments = ["\(nowMs())", "\(table.entriesMax)"]
        switch (table.kind, operation) {
        case (_, .remove): (script, arguments) = (MeterScripts.remove, [])
        case (.throttle(_, let milliseconds), .throttle), (.throttle(_, let milliseconds), .query),
            (.throttle(_, let milliseconds), .fetch):
            script = MeterScripts.throttle
            arguments += [operation.word, "\(milliseconds)"]
        case (.greylist(let block, let resubmit, let inactivity), .greylist),
            (.greylist(let block, let resubmit, let inactivity), .query):
            script = MeterScripts.greylist
            arguments += [operation.word, "\(block)", "\(resubmit)", "\(inactivity)"]
        case (.simple, .fetch), (.simple, .query):
            script = MeterScripts.simple
            arguments.append("fetch")
        case (.simple, .store(let value)):
            script = MeterScripts.simple
            let kept = String(decoding: value.utf8.prefix(MeterTable.valueOctetsMax), as: UTF8.self)
            arguments += ["store", kept]
        case (.simple, .adjust(let amount)):
            script = MeterScripts.simple
            arguments += ["adjust", "\(amount)"]
        default: return nil
        }
        let entry = "\(server.prefix)meter:\(table.name):\(key)"
        let index = "\(server.prefix)meters:\(table.name)"
        return (["EVAL", script, "2", entry, index] + arguments).map { Array($0.utf8) }
    }

    private func answer(
        _ reply: RedisValue, _ operation: MeterQuestion.Operation, _ table: MeterTable
    ) -> MeterAnswer {
        switch (table.kind, operation, reply) {
        case (_, _, .error(let text)):
            return .failed("meter \(table.name): redis \(server.address): \(text)")
        case (_, .remove, .integer(let count)):
            return .removed(count > 0)
        case (.throttle, .fetch, .list(let values)):
            guard case .integer(let count)? = values.first, values.count == 2 else { break }
            return .value(count < 0 ? nil : "\(count)")
        case (.throttle(let quota, _), _, .list(let values)):
            guard values.count == 2, case .integer(let count) = values[0], count > 0,
                case .integer(let gone) = values[1]
            else { break }
            note(gone, of: table)
            return .use(count: count, isOver: count > quota)
        case (.greylist, _, .list(let values)):
            guard values.count == 3, case .integer(let state) = values[0], (0...2).contains(state),
                case .integer(let wait) = values[1], wait >= 0, wait <= 1 << 40,
                case .integer(let gone) = values[2]
            else { break }
            note(gone, of: table)
            let seconds = MeterTable.seconds(wait)
            return .greylist(
                state == 2
                    ? .passed : state == 1 ? .early(waitSeconds: seconds) : .new(waitSeconds: seconds))
        case (.simple, _, .list(let values)):
            guard values.count == 2, case .octets(let value) = values[0], case .integer(let gone) = values[1]
            else { break }
            note(gone, of: table)
            return .value(value.map { String(decoding: $0, as: UTF8.self) })
        default: break
        }
        return .failed("meter \(table.name): redis \(server.address) answers something else")
    }

    private func note(_ gone: Int64, of table: MeterTable) {
        guard gone > 0, gone <= 1_000 else { return }
        counters.add(.metersEvicted, UInt64(gone))
        let now = SteadyTime.milliseconds()
        let before = evicted[table.name] ?? (0, now - Self.evictionPauseMs)
        let count = before.count + Int(gone)
        guard now - before.saidMs >= Self.evictionPauseMs else {
            evicted[table.name] = (count, before.saidMs)
            return
        }
        evicted[table.name] = (0, now)
        logger.log(
            LookupsEvent.meterFull(meter: table.name, entries: table.entriesMax, evicted: count))
    }
}
