// SPDX-License-Identifier: MIT

package import Logging
internal import Mail
package import Telemetry

/// What this machine remembers: duplicates seen, vacation answers given, notices sent. In memory and in a
/// log; an effect is on the disk before it is said to be carried out, those that come together with one sync.
///
/// Expiry is by the wall's time: what is remembered is remembered for hours and days.
package final class LocalMemory: SenseWork {
    private let path: String
    /// When each is forgotten: milliseconds since 1970-01-01 UTC.
    private var remembered: RecentMap<String, Int64>
    /// Effects carried out, and until when that is known.
    private var effects: RecentMap<String, Int64>
    private var log: KeyedLog?
    private var isHandedOver = false
    private var trouble: String?
    private var nextTryMs: Int64 = .min
    private var evictedSinceSaid = 0
    private var saidMs: Int64 = .min
    private let clock: SenseClock
    private let counters: CounterPage
    private let logger: Logger

    private static let things = "m"
    private static let keys = "e"
    /// Milliseconds between two lines about evictions.
    private static let evictionPauseMs: Int64 = 60_000
    /// Entries that are looked at for having expired, with each batch and each second.
    private static let sweptMax = 500
    /// Milliseconds until a file that couldn't be used is tried again.
    private static let retryMs: Int64 = 1_000

    /// `path` is the log's: `lookups/memory`.
    package init(path: String, clock: SenseClock = .system, counters: CounterPage, logger: Logger) {
        self.path = path
        self.clock = clock
        self.counters = counters
        self.logger = logger
        remembered = RecentMap(countMax: MemoryLimits.entriesMax)
        effects = RecentMap(countMax: MemoryLimits.effectsMax)
        open()
    }

    package func work(_ tasks: [SenseTask]) {
        open()
        var carriedOut: [SenseTask] = []
        var fresh: UInt64 = 0
        for task in tasks {
            switch task.errand {
            case .ask(.memory(let question), _): answer(question, task)
            case .carryOut(let effect, let key, let judgedAt):
                guard log != nil else {
                    task.fail("the memory: \(trouble ?? "left to the role's next process")")
                    continue
                }
                if carryOut(effect, key, judgedAt: judgedAt) { fresh += 1 }
                carriedOut.append(task)
            case .ask: task.fail("the memory answers no such question")
            }
        }
        sweep()
        let failure = flush(syncs: !carriedOut.isEmpty)
        if failure == nil { counters.add(.effectsCarriedOut, fresh) }
        for task in carriedOut {
            task.finish(failure.map { .notCarriedOut("the memory: \($0)") } ?? .carriedOut)
        }
    }

    package func rest() {
        open()
        sweep()
        _ = flush(syncs: false)
    }

    package func handOver() {
        _ = flush(syncs: true)
        isHandedOver = true
        log = nil
    }

    package func end() {
        _ = flush(syncs: true)
        log = nil
    }

    private func answer(_ question: MemoryQuestion, _ task: SenseTask) {
        guard log != nil || isHandedOver else {
            return task.fail("the memory: \(trouble ?? "not ready")")
        }
        guard let key = MemoryKey(question) else {
            return task.fail("the memory: the owner or the key is too long")
        }
        let expires = remembered[key.text].flatMap { $0 > clock.wallMs() ? $0 : nil }
        task.answer(.memory(expires: expires.map { $0 / 1_000 }))
    }

    /// False where it was carried out before, or there is nothing to do.
    private func carryOut(_ effect: Effect, _ key: EffectKey, judgedAt: Int64) -> Bool {
        let now = clock.wallMs()
        // The number ends at the colon, so that no id can pass for another with a number before it.
        let name = "\(key.index):\(key.message)"
        if let until = effects[name], until > now { return false }
        let until = now + MemoryLimits.effectSeconds * 1_000
        switch effect {
        case .remember(let question, let seconds):
            let expires = MemoryLimits.expires(seconds: seconds, judgedAt: judgedAt)
            if let thing = MemoryKey(question), expires > now {
                put(Self.things, thing.text, expires)
                if let evicted = remembered.use(thing.text, expires) { forget(evicted) }
            }
        }
        put(Self.keys, name, until)
        if let evicted = effects.use(name, until) { remove(Self.keys, evicted.key) }
        return true
    }

    private func forget(_ evicted: (key: String, value: Int64)) {
        remove(Self.things, evicted.key)
        guard evicted.value > clock.wallMs() else { return }
        evictedSinceSaid += 1
        let now = clock.steadyMs()
        guard saidMs == .min || now - saidMs >= Self.evictionPauseMs else { return }
        logger.log(LookupsEvent.memoryFull(entries: MemoryLimits.entriesMax, evicted: evictedSinceSaid))
        saidMs = now
        evictedSinceSaid = 0
    }

    private func sweep() {
        let now = clock.wallMs()
        _ = remembered.sweep(Self.sweptMax) { $0 <= now }
        _ = effects.sweep(Self.sweptMax) { $0 <= now }
    }

    // MARK: The log

    private func put(_ table: String, _ key: String, _ expires: Int64) {
        var value = FrameWriter()
        value.number(expires)
        log?.append(KeyedLog.Record(table: table, key: key, value: value.octets))
    }

    private func remove(_ table: String, _ key: String) {
        log?.append(KeyedLog.Record(table: table, key: key, value: nil))
    }

    private func open() {
        guard log == nil, !isHandedOver, clock.steadyMs() >= nextTryMs else { return }
        remembered = RecentMap(countMax: MemoryLimits.entriesMax)
        effects = RecentMap(countMax: MemoryLimits.effectsMax)
        do throws(LookupError) {
            let log = try KeyedLog(path: path) { record in
                var reader = FrameReader((record.value ?? [])[...])
                let expires = reader.number()
                switch (record.table, expires) {
                case (Self.things, let expires?): remembered.use(record.key, expires)
                case (Self.things, nil): remembered.remove(record.key)
                case (Self.keys, let expires?): effects.use(record.key, expires)
                case (Self.keys, nil): effects.remove(record.key)
                default: break
                }
            }
            self.log = log
            trouble = nil
            logger.log(
                LookupsEvent.stateRead(
                    path: path, entries: remembered.count, tornOctets: log.findings.tornOctets))
            if let name = log.findings.putAside {
                logger.log(LookupsEvent.statePutAside(path: path, name: name))
            }
        } catch {
            note(error.description)
            nextTryMs = clock.steadyMs() + Self.retryMs
        }
    }

    /// Nil, or why what was appended isn't kept.
    private func flush(syncs: Bool) -> String? {
        guard let log else { return nil }
        let failure = log.flush(syncs: syncs)
        if let failure { note(failure) }
        guard log.needsRewrite, clock.steadyMs() >= nextTryMs else { return failure }
        let now = clock.wallMs()
        let reason = log.rewrite { append in
            for (table, entries) in [(Self.things, remembered), (Self.keys, effects)] {
                entries.forEach { key, expires in
                    guard expires > now else { return }
                    var value = FrameWriter()
                    value.number(expires)
                    append(KeyedLog.Record(table: table, key: key, value: value.octets))
                }
            }
        }
        if let reason {
            note(reason)
            nextTryMs = clock.steadyMs() + Self.retryMs
            return failure
        }
        if trouble != nil {
            trouble = nil
            logger.log(LookupsEvent.stateKeptAgain(path: path))
        }
        // All of it is on the disk now, what failed before included.
        return nil
    }

    private func note(_ reason: String) {
        guard trouble != reason else { return }
        trouble = reason
        logger.log(LookupsEvent.stateNotKept(path: path, reason: reason))
    }
}
