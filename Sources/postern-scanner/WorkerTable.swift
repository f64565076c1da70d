// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

/// What workers tell their parent, in memory that both see: who has a job, since when, and what it may take.
///
/// A worker writes its own row only; a worker that was taken over can lie about itself, and is stopped by its
/// own limits all the same.
struct WorkerTable: @unchecked Sendable {
    // Sendable: the words are only touched by atomic instructions.
    private let words: UnsafeMutablePointer<UInt64>
    let workers: Int

    private enum Column: Int, CaseIterable {
        /// Monotonic nanoseconds; 0 while it has no job.
        case start
        /// Wall time that the job may take, nanoseconds.
        case budget
        /// Processor time of the process when the job began, nanoseconds.
        case processorAtStart
    }

    private enum Total: Int, CaseIterable {
        case jobs
        case overruns
        case crashes
    }

    /// A job in a worker's hands.
    struct Job: Hashable {
        let start: UInt64
        let budget: UInt64
        let processorAtStart: UInt64
    }

    init(workers: Int) throws(ScannerExit) {
        let count = Total.allCases.count + workers * Column.allCases.count
        guard let words = postern_shared_words(count) else {
            throw ScannerExit(.system, "cannot share memory with workers: \(describe(errno))")
        }
        self.words = words
        self.workers = workers
    }

    // The worker's side.

    /// A connection was accepted: from here on the watchdog counts.
    func begin(worker: Int, at start: UInt64, budget: UInt64, processor: UInt64) {
        postern_store(word(worker, .budget), budget)
        postern_store(word(worker, .processorAtStart), processor)
        postern_store(word(worker, .start), start)
    }

    /// The job is read, and says how long someone waits for it.
    func narrow(worker: Int, budget: UInt64) {
        postern_store(word(worker, .budget), budget)
        postern_add(total(.jobs), 1)
    }

    func end(worker: Int) { postern_store(word(worker, .start), 0) }

    // The parent's side.

    func job(worker: Int) -> Job? {
        let start = postern_load(word(worker, .start))
        guard start != 0 else { return nil }
        return Job(
            start: start, budget: postern_load(word(worker, .budget)),
            processorAtStart: postern_load(word(worker, .processorAtStart)))
    }

    func countOverrun() { postern_add(total(.overruns), 1) }
    func countCrash() { postern_add(total(.crashes), 1) }

    // For the status, from any worker.

    /// Workers with a job in hand, `asking` not counted.
    func busy(except asking: Int) -> Int { (0..<workers).count { $0 != asking && job(worker: $0) != nil } }
    var jobs: UInt64 { postern_load(total(.jobs)) }
    var overruns: UInt64 { postern_load(total(.overruns)) }
    var crashes: UInt64 { postern_load(total(.crashes)) }

    private func total(_ total: Total) -> UnsafeMutablePointer<UInt64> { words + total.rawValue }

    private func word(_ worker: Int, _ column: Column) -> UnsafeMutablePointer<UInt64> {
        precondition((0..<workers).contains(worker), "a worker writes its own row, not row \(worker)")
        return words + Total.allCases.count + worker * Column.allCases.count + column.rawValue
    }
}
