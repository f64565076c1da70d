// SPDX-License-Identifier: MIT

package import Gates
internal import Glibc
package import Logging
internal import Mail
internal import Synchronization
package import Telemetry

/// What cases may cost.
package struct CaseLimits: Sendable {
    /// Octets of all segments of the folder; the oldest go first.
    package var octetsMax = 2 << 30
    /// Days that a segment is kept.
    package var daysMax = 14
    /// Refusals a minute of one client network by one rule, beyond which they become one case with a count.
    package var foldPerMinute = 20
    /// Octets of one segment.
    package var segmentOctetsMax = 64 << 20
    /// Seconds that one segment is written to. A segment goes as a whole, so this is how much longer than
    /// `daysMax` a case may stay.
    package var segmentSecondsMax = 86_400
    /// Records that wait to be written; more are lost, and counted, because mail doesn't wait for cases.
    package var waitingMax = 5_000
    /// Octets of messages in records that wait. One record is taken whatever its size.
    package var waitingOctetsMax = 64 << 20
    /// Client networks and rules that are counted at once.
    package var foldKeysMax = 10_000
    /// Free disk below which no case is written: cases stop first, mail goes on.
    package var reserveOctets = 512 << 20

    package init() {}
}

/// One process's cases, one JSON line each, in segments that are only ever appended to. Written by a thread
/// of its own and never synced: a case is evidence, not mail, and mail never waits for it.
package final class CaseLog: CaseKeeper {
    package let level: CaseLevel

    private struct Queue {
        var waiting: [CaseRecord] = []
        var waitingTables: [TableRecord] = []
        var waitingOctets = 0
        var isClosed = false

        var count: Int { waiting.count + waitingTables.count }

        func admits(_ octets: Int, _ limits: CaseLimits) -> Bool {
            guard !isClosed, count > 0 else { return !isClosed }
            return count < limits.waitingMax && waitingOctets + octets <= limits.waitingOctetsMax
        }
    }

    private let queue = Mutex(Queue())
    /// Signalled when something waits. POSIX, because a `Mutex` can't be waited on.
    private let bell = Bell()
    private let counters: CounterPage
    private let limits: CaseLimits

    /// Segments are made in `folder`, named after `writer`.
    package init(
        folder: String, writer: String, level: CaseLevel, limits: CaseLimits, counters: CounterPage,
        logger: Logger
    ) {
        self.level = level
        self.limits = limits
        self.counters = counters
        let isStarted = CaseThread.start { [self] in
            // Made there, because only that thread may use it.
            run(
                CaseWriter(folder: folder, writer: writer, limits: limits, counters: counters, logger: logger)
            )
        }
        guard !isStarted else { return }
        // Without a thread there are no cases; mail goes on, and `keep` counts what is lost.
        queue.withLock { $0.isClosed = true }
        bell.end()
    }

    package func keep(_ record: CaseRecord) {
        let content = record.transaction?.content
        let octets = (content?.bytes?.octets.count ?? 0) + (content?.headerBytes?.octets.count ?? 0)
        let isFirst = queue.withLock { queue in
            guard queue.admits(octets, limits) else {
                counters.add(.casesLost)
                return false
            }
            queue.waiting.append(record)
            queue.waitingOctets += octets
            return queue.count == 1
        }
        if isFirst { bell.ring() }
    }

    package func keep(_ record: TableRecord) {
        let isFirst = queue.withLock { queue in
            guard queue.admits(0, limits) else {
                counters.add(.casesLost)
                return false
            }
            queue.waitingTables.append(record)
            return queue.count == 1
        }
        if isFirst { bell.ring() }
    }

    /// Writes what waits, and ends. Returns when it is written.
    package func close() {
        queue.withLock { $0.isClosed = true }
        bell.ring()
        bell.awaitEnd()
    }

    private func run(_ writer: CaseWriter) {
        while true {
            bell.await(seconds: 1)
            let (records, tables, isClosed) = queue.withLock { queue in
                defer {
                    queue.waiting.removeAll(keepingCapacity: true)
                    queue.waitingTables.removeAll(keepingCapacity: true)
                    queue.waitingOctets = 0
                }
                return (queue.waiting, queue.waitingTables, queue.isClosed)
            }
            writer.write(records, tables)
            if isClosed {
                writer.finish()
                return bell.end()
            }
        }
    }
}

/// A condition variable, and the end of the thread that waits on it.
private final class Bell: @unchecked Sendable {
    // Sendable: everything is behind the POSIX mutex.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var isRung = false
    private var isEnded = false

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(condition, nil)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    func ring() {
        pthread_mutex_lock(mutex)
        isRung = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Until it is rung, or so many seconds have passed.
    func await(seconds: Int) {
        var until = timespec()
        clock_gettime(CLOCK_REALTIME, &until)
        until.tv_sec += seconds
        pthread_mutex_lock(mutex)
        while !isRung, pthread_cond_timedwait(condition, mutex, &until) == 0 {}
        isRung = false
        pthread_mutex_unlock(mutex)
    }

    func end() {
        pthread_mutex_lock(mutex)
        isEnded = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    func awaitEnd() {
        pthread_mutex_lock(mutex)
        while !isEnded { pthread_cond_wait(condition, mutex) }
        pthread_mutex_unlock(mutex)
    }
}

/// A detached thread.
private enum CaseThread {
    private final class Work {
        let body: () -> Void
        init(_ body: @escaping () -> Void) { self.body = body }
    }

    /// False where the system gives no thread.
    static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        var thread = pthread_t()
        let work = Unmanaged.passRetained(Work(body))
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Work>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, work.toOpaque())
        guard code == 0 else {
            work.release()
            return false
        }
        pthread_detach(thread)
        return true
    }
}
