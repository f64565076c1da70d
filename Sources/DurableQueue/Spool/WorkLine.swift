// SPDX-License-Identifier: MIT
internal import Glibc

/// Where one thread waits for what others bring it. It takes all that is there at once: that is the batch.
final class WorkLine<Item: Sendable>: @unchecked Sendable {
    // Sendable: everything below is touched with the mutex held only.
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var items: [Item] = []
    private var isClosed = false
    private var isWaiting = false

    init() {
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

    /// False after `close`: nobody would take it.
    func add(_ item: Item) -> Bool {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        guard !isClosed else { return false }
        items.append(item)
        if isWaiting {
            isWaiting = false
            pthread_cond_signal(condition)
        }
        return true
    }

    func close() {
        pthread_mutex_lock(mutex)
        isClosed = true
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// All that is there; waits at most `ms` milliseconds for something. Nil once the line is closed and
    /// empty.
    func takeAll(waitingMs ms: Int64) -> [Item]? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        if items.isEmpty, !isClosed {
            var until = timespec()
            clock_gettime(CLOCK_MONOTONIC, &until)
            let nanoseconds = Int64(until.tv_nsec) + ms % 1_000 * 1_000_000
            until.tv_sec += Int(ms / 1_000 + nanoseconds / 1_000_000_000)
            until.tv_nsec = Int(nanoseconds % 1_000_000_000)
            isWaiting = true
            while items.isEmpty, !isClosed, pthread_cond_timedwait(condition, mutex, &until) == 0 {
                isWaiting = true
            }
            isWaiting = false
        }
        if items.isEmpty { return isClosed ? nil : [] }
        var taken: [Item] = []
        taken.reserveCapacity(items.count)
        swap(&taken, &items)
        return taken
    }
}
