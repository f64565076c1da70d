// SPDX-License-Identifier: MIT

package import Logging
internal import Mail
package import Telemetry

/// The meters of this machine: in memory, and in a log of changes that survives the process.
///
/// An entry's new state is in the kernel's hands before its answer goes out, so that a killed process loses
/// nothing that it said; a machine that loses power may lose the last half minute.
package final class LocalMeters: SenseWork {
    private struct Kept {
        let table: MeterTable
        var entries: RecentMap<String, MeterState>
        var evictedSinceSaid = 0
        var saidMs: Int64 = .min
    }

    private let path: String
    private var kept: [String: Kept] = [:]
    private let order: [MeterTable]
    private var log: KeyedLog?
    private var time: MeterTime
    private let clock: SenseClock
    private let counters: CounterPage
    private let logger: Logger
    private var trouble: String?
    private var isHandedOver = false
    private var nextTryMs: Int64 = .min

    /// Milliseconds between two lines about evictions of one table.
    private static let evictionPauseMs: Int64 = 60_000
    /// Entries that are looked at for being over, with each batch and each second.
    private static let sweptMax = 500
    /// Milliseconds until a file that couldn't be used is tried again.
    private static let retryMs: Int64 = 1_000

    /// `path` is the log's: `lookups/meters`.
    package init(
        path: String, tables: [MeterTable], clock: SenseClock = .system, counters: CounterPage,
        logger: Logger
    ) {
        self.path = path
        order = tables
        self.clock = clock
        self.counters = counters
        self.logger = logger
        time = MeterTime(wallMs: clock.wallMs(), steadyMs: clock.steadyMs(), latestKeptMs: .min)
        open()
    }

    package func work(_ tasks: [SenseTask]) {
        open()
        var answers: [Answer?] = []
        answers.reserveCapacity(tasks.count)
        for task in tasks {
            if case .meter(let question)? = task.question {
                answers.append(.meter(answer(question)))
            } else {
                answers.append(nil)
            }
        }
        sweep()
        flush()
        for (task, answer) in zip(tasks, answers) {
            if let answer { task.answer(answer) } else { task.fail("the meters answer no such question") }
        }
    }

    package func rest() {
        open()
        sweep()
        flush()
    }

    package func handOver() {
        flush()
        isHandedOver = true
        log = nil
    }

    package func end() {
        flush()
        log = nil
    }

    private var nowMs: Int64 { time.now(steadyMs: clock.steadyMs()) }

    private func answer(_ question: MeterQuestion) -> MeterAnswer {
        guard let table = kept[question.table]?.table else {
            return .failed("there is no meter \(question.table)")
        }
        guard log != nil || isHandedOver else { return .failed("the meters: \(trouble ?? "not ready")") }
        guard let key = table.key(question.key) else {
            return .failed("meter \(table.name): the key is no IP address of its kind")
        }
        let now = nowMs
        var entry = kept[question.table]?.entries[key]
        if let found = entry, table.isOver(found, nowMs: now) {
            kept[question.table]?.entries.remove(key)
            entry = nil
        }
        let (answer, change) = table.apply(question.operation, to: entry, nowMs: now)
        switch change {
        case .none: break
        case .put(let entry): put(entry, key, in: table)
        case .remove:
            kept[question.table]?.entries.remove(key)
            log?.append(KeyedLog.Record(table: table.name, key: key, value: nil))
        }
        return answer
    }

    private func put(_ entry: MeterState, _ key: String, in table: MeterTable) {
        log?.append(KeyedLog.Record(table: table.name, key: key, value: entry.octets))
        guard let evicted = kept[table.name]?.entries.use(key, entry) else { return }
        log?.append(KeyedLog.Record(table: table.name, key: evicted.key, value: nil))
        guard !table.isOver(evicted.value, nowMs: nowMs) else { return }
        counters.add(.metersEvicted)
        kept[table.name]?.evictedSinceSaid += 1
        let now = clock.steadyMs()
        guard let said = kept[table.name]?.saidMs, said == .min || now - said >= Self.evictionPauseMs else {
            return
        }
        logger.log(
            LookupsEvent.meterFull(
                meter: table.name, entries: table.entriesMax,
                evicted: kept[table.name]?.evictedSinceSaid ?? 1))
        kept[table.name]?.saidMs = now
        kept[table.name]?.evictedSinceSaid = 0
    }

    /// Not written to the log: who reads it finds that they are over by himself.
    private func sweep() {
        let now = nowMs
        for table in order {
            _ = kept[table.name]?.entries.sweep(Self.sweptMax) { table.isOver($0, nowMs: now) }
        }
    }

    // MARK: The log

    private func open() {
        guard log == nil, !isHandedOver, clock.steadyMs() >= nextTryMs else { return }
        kept = Dictionary(
            order.map { ($0.name, Kept(table: $0, entries: RecentMap(countMax: $0.entriesMax))) },
            uniquingKeysWith: { $1 })
        var latest = Int64.min
        do throws(LookupError) {
            let log = try KeyedLog(path: path) { record in
                if let entry = record.value.flatMap({ MeterState(octets: $0) }) {
                    latest = max(latest, entry.latestMs ?? .min)
                    kept[record.table]?.entries.use(record.key, entry)
                } else {
                    kept[record.table]?.entries.remove(record.key)
                }
            }
            self.log = log
            time = MeterTime(wallMs: clock.wallMs(), steadyMs: clock.steadyMs(), latestKeptMs: latest)
            trouble = nil
            logger.log(
                LookupsEvent.stateRead(
                    path: path, entries: kept.values.reduce(0) { $0 + $1.entries.count },
                    tornOctets: log.findings.tornOctets))
            if let name = log.findings.putAside {
                logger.log(LookupsEvent.statePutAside(path: path, name: name))
            }
        } catch {
            note(error.description)
            nextTryMs = clock.steadyMs() + Self.retryMs
        }
    }

    private func flush() {
        guard let log else { return }
        if let reason = log.flush(syncs: false) {
            note(reason)
        }
        guard log.needsRewrite, clock.steadyMs() >= nextTryMs else { return }
        let reason = log.rewrite { append in
            let now = nowMs
            for table in order {
                kept[table.name]?.entries.forEach { key, entry in
                    guard !table.isOver(entry, nowMs: now) else { return }
                    append(KeyedLog.Record(table: table.name, key: key, value: entry.octets))
                }
            }
        }
        if let reason {
            note(reason)
            // Mail goes on with what is in memory.
            nextTryMs = clock.steadyMs() + 10 * Self.retryMs
        } else if trouble != nil {
            trouble = nil
            logger.log(LookupsEvent.stateKeptAgain(path: path))
        }
    }

    private func note(_ reason: String) {
        guard trouble != reason else { return }
        trouble = reason
        logger.log(LookupsEvent.stateNotKept(path: path, reason: reason))
    }
}
