// SPDX-License-Identifier: MIT

internal import Glibc

/// What blocks, on a thread of its own: a file, a directory, another server.
package protocol SenseWork: AnyObject {
    /// Finishes every one of `tasks`: at most the line's `batchMax`, none of them late when taken.
    func work(_ tasks: [SenseTask])
    /// Nothing came for about a second.
    func rest()
    /// See `Sense.handOver`.
    func handOver()
    /// Nothing comes any more.
    func end()
}

extension SenseWork {
    package func rest() {}
    package func handOver() {}
    package func end() {}
}

/// A sense whose work blocks: its tasks stand in a bounded line, and threads of its own work them off. Each
/// thread has a worker of its own, so that a connection belongs to one thread.
package final class SenseLine: Sense, @unchecked Sendable {
    // Sendable: everything that changes is touched with the mutex held only.
    package let name: String
    package let budgetMs: Int
    private let waitingMax: Int
    private let batchMax: Int
    private let threadsMax: Int
    private let makeWork: @Sendable () -> any SenseWork
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [SenseTask] = []
    private var first = 0
    private var isClosed = false
    private var isHandingOver = false
    private var threads: [pthread_t] = []
    private var idle = 0

    /// - Parameters:
    ///   - name: as messages name it, with its article: `the meters`.
    ///   - budgetMs: milliseconds that one task may take, waiting included.
    ///   - threads: at most so many work at once; each begins when there is work for it.
    ///   - waitingMax: tasks that may wait; one more fails at once.
    ///   - batchMax: tasks that a worker takes together.
    ///   - makeWork: called once on each thread.
    package init(
        name: String, budgetMs: Int, threads: Int = 1, waitingMax: Int = 1_000, batchMax: Int = 1,
        makeWork: @escaping @Sendable () -> any SenseWork
    ) {
        self.name = name
        self.budgetMs = budgetMs
        self.waitingMax = waitingMax
        self.batchMax = batchMax
        threadsMax = threads
        self.makeWork = makeWork
        mutex.initialize(to: pthread_mutex_t())
        condition.initialize(to: pthread_cond_t())
        pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    package func take(_ task: SenseTask) {
        pthread_mutex_lock(mutex)
        let objection: String?
        if isClosed {
            objection = "\(name): shutting down"
        } else if waiting.count - first >= waitingMax {
            objection = "\(name): \(waitingMax) questions wait already"
        } else if idle <= waiting.count - first, threads.count < threadsMax, !begin(), threads.isEmpty {
            objection = "\(name): the system gives no further thread"
        } else {
            objection = nil
            waiting.append(task)
            if idle > 0 { pthread_cond_signal(condition) }
        }
        pthread_mutex_unlock(mutex)
        if let objection { task.fail(objection) }
    }

    /// Begins a thread before there is work for it, for what takes time to get ready.
    package func start() {
        pthread_mutex_lock(mutex)
        if threads.isEmpty, !isClosed { _ = begin() }
        pthread_mutex_unlock(mutex)
    }

    package func handOver() {
        pthread_mutex_lock(mutex)
        isHandingOver = true
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Waits for the threads: none of them may be stuck for good.
    package func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        let ending = threads
        threads = []
        pthread_cond_broadcast(condition)
        pthread_mutex_unlock(mutex)
        for thread in ending { pthread_join(thread, nil) }
    }

    /// One more thread. Called with the mutex held.
    private func begin() -> Bool {
        var thread = pthread_t()
        let line = Unmanaged.passRetained(self)
        let code = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<SenseLine>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, line.toOpaque())
        guard code == 0 else {
            line.release()
            return false
        }
        threads.append(thread)
        return true
    }

    private func run() {
        let work = makeWork()
        var hasHandedOver = false
        while let (tasks, handsOver) = next() {
            if handsOver, !hasHandedOver {
                work.handOver()
                hasHandedOver = true
            }
            guard !tasks.isEmpty else {
                work.rest()
                continue
            }
            // It may have stood in line until nobody wants the answer any more.
            let (late, timely) = (tasks.filter(\.isLate), tasks.filter { !$0.isLate })
            for task in late { task.fail("\(name) had no time for it") }
            if !timely.isEmpty { work.work(timely) }
        }
        work.end()
    }

    /// Empty after a second without any; nil at the end.
    private func next() -> (tasks: [SenseTask], handsOver: Bool)? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if first == waiting.count, !isClosed {
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            until.tv_sec += 1
            idle += 1
            // A spurious wake-up is a short second, and no harm.
            _ = pthread_cond_timedwait(condition, mutex, &until)
            idle -= 1
        }
        let tasks = Array(waiting[first..<min(waiting.count, first + batchMax)])
        first += tasks.count
        if first == waiting.count || first >= waitingMax {
            waiting.removeFirst(first)
            first = 0
        }
        return tasks.isEmpty && isClosed ? nil : (tasks, isHandingOver)
    }
}
