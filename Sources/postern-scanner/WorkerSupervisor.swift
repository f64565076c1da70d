// SPDX-License-Identifier: MIT
internal import CPostern
internal import Glibc

/// The parent: keeps its workers running, and ends jobs that take too long. It never touches a job.
struct WorkerSupervisor {
    private let options: ScannerOptions
    private let engine: ScanEngine
    private let socket: ListeningSocket
    private let control: Int32?
    private let table: WorkerTable
    private let signals: Int32
    /// Workers see the end of this pipe when its other end, ours alone, is closed.
    private let stopReader: Int32
    private var stopWriter: Int32
    private var slots: [Slot]
    private var drainUntilMs: UInt64?

    private struct Slot {
        var process: Int32?
        var startedMs: UInt64 = 0
        /// Deaths in a row, each soon after the start.
        var quickDeaths = 0
        var startAtMs: UInt64 = 0
        /// The watchdog ended it, so its death is no crash.
        var isOverrun = false
        var temporary = ""
    }

    private static let handled: [Int32] = [SIGCHLD, SIGTERM, SIGINT]
    /// How often budgets are looked at, in milliseconds: what a job may overrun unseen.
    private static let tickMs: Int32 = 100
    /// A worker that dies sooner than this after its start counts as a quick death, in milliseconds.
    private static let quickDeathMs: UInt64 = 1_000
    /// The longest wait before a worker is started again, in milliseconds.
    private static let backoffMsMax: UInt64 = 5_000

    init(
        options: ScannerOptions, engine: ScanEngine, socket: ListeningSocket, control: Int32?
    ) throws(ScannerExit) {
        self.options = options
        self.engine = engine
        self.socket = socket
        self.control = control
        table = try WorkerTable(workers: options.workers)
        signals = postern_signal_descriptor(Self.handled, Self.handled.count)
        guard signals >= 0 else { throw ScannerExit(.system, "cannot watch signals: \(describe(-signals))") }
        var ends: [Int32] = [-1, -1]
        let status = postern_pipe(&ends)
        guard status == 0 else {
            throw ScannerExit(.system, "cannot make a pipe: \(describe(-status))")
        }
        stopReader = ends[0]
        stopWriter = ends[1]
        slots = Array(repeating: Slot(), count: options.workers)
    }

    mutating func startWorkers() throws(ScannerExit) {
        for number in slots.indices { try startWorker(number) }
    }

    /// Ready: clients may come.
    func publish(startedAt start: UInt64) throws(ScannerExit) {
        try socket.publish()
        ScannerEvent.ready(
            process: getpid(), signatures: engine.signatureCount,
            hasOnlyTestSignatures: engine.hasOnlyTestSignatures, workers: slots.count, socket: options.socket,
            tookMs: (MonotonicTime.nanoseconds &- start) / 1_000_000
        ).write()
    }

    /// Until SIGTERM, SIGINT or the end of the control descriptor, and then until the last worker has
    /// finished.
    mutating func watch() {
        while true {
            wait()
            handleSignals()
            reap()
            if let control, drainUntilMs == nil, ControlDescriptor.isAtEnd(control) {
                drain(because: "the control descriptor ended")
            }
            endOverruns()
            if let drainUntilMs {
                if slots.allSatisfy({ $0.process == nil }) { break }
                if MonotonicTime.milliseconds > drainUntilMs { killWorkers() }
            } else {
                restartDue()
            }
        }
        socket.withdraw()
    }

    private func wait() {
        var waiting = [pollfd(fd: signals, events: Int16(POLLIN), revents: 0)]
        if let control, drainUntilMs == nil {
            waiting.append(pollfd(fd: control, events: Int16(POLLIN), revents: 0))
        }
        // The tick bounds the wait, and an interrupted one only makes the round come early.
        poll(&waiting, nfds_t(waiting.count), Self.tickMs)
    }

    private mutating func handleSignals() {
        while true {
            let signal = postern_next_signal(signals)
            guard signal > 0 else { return }
            if signal != SIGCHLD { drain(because: signal == SIGTERM ? "SIGTERM" : "SIGINT") }
        }
    }

    /// No new job: workers finish what they have and what waits already.
    private mutating func drain(because reason: String) {
        guard drainUntilMs == nil else { return }
        ScannerEvent.stopping(reason: reason).write()
        drainUntilMs = MonotonicTime.milliseconds &+ UInt64(options.jobSeconds) * 2_000 &+ ScanWorker.graceMs
        close(stopWriter)
        stopWriter = -1
        socket.withdraw()
    }

    private mutating func reap() {
        while true {
            var status: Int32 = 0
            let process = waitpid(-1, &status, WNOHANG)
            guard process > 0 else { return }
            guard let number = slots.firstIndex(where: { $0.process == process }) else { continue }
            let hadJob = table.job(worker: number) != nil
            table.end(worker: number)
            TemporaryFolder.remove(slots[number].temporary)
            slots[number].process = nil
            let now = MonotonicTime.milliseconds
            let isPlanned = status == 0
            if !isPlanned && !slots[number].isOverrun {
                if hadJob { table.countCrash() }
                ScannerEvent.workerCrashed(worker: number, process: process, status: status, hadJob: hadJob)
                    .write()
            }
            let isQuick = !isPlanned && now &- slots[number].startedMs < Self.quickDeathMs
            slots[number].quickDeaths = isQuick ? slots[number].quickDeaths + 1 : 0
            slots[number].startAtMs = now &+ Self.backoffMs(afterQuickDeaths: slots[number].quickDeaths)
        }
    }

    /// At once after the first death, then 100 ms, doubled each time, up to the limit.
    static func backoffMs(afterQuickDeaths deaths: Int) -> UInt64 {
        guard deaths > 1 else { return 0 }
        return min(backoffMsMax, 100 << UInt64(min(deaths - 2, 10)))
    }

    private mutating func endOverruns() {
        let now = MonotonicTime.nanoseconds
        for number in slots.indices {
            guard let process = slots[number].process, let job = table.job(worker: number) else { continue }
            let wall = now > job.start ? now &- job.start : 0
            let processor = UInt64(max(0, postern_cpu_time(process)))
            let used = processor > job.processorAtStart ? processor &- job.processorAtStart : 0
            let isOver = wall > job.budget || used > UInt64(options.jobSeconds) &* 1_000_000_000
            // Read again: a job that ended meanwhile must not cost the next one its worker.
            guard isOver, !slots[number].isOverrun, table.job(worker: number) == job else { continue }
            slots[number].isOverrun = true
            kill(process, SIGKILL)
            table.countOverrun()
            ScannerEvent.workerOverran(
                worker: number, process: process, wallMs: wall / 1_000_000, cpuMs: used / 1_000_000
            ).write()
        }
    }

    private func killWorkers() {
        for slot in slots {
            if let process = slot.process { kill(process, SIGKILL) }
        }
    }

    private mutating func restartDue() {
        let now = MonotonicTime.milliseconds
        for number in slots.indices where slots[number].process == nil && now >= slots[number].startAtMs {
            do {
                try startWorker(number)
            } catch {
                // The others go on; this one is tried again after the longest wait.
                ScannerEvent.failed(reason: error.message, status: error.status.rawValue).write()
                slots[number].startAtMs = now &+ Self.backoffMsMax
            }
        }
    }

    private mutating func startWorker(_ number: Int) throws(ScannerExit) {
        let temporary = try TemporaryFolder.makeWorkerFolder(in: options.temporary, worker: number)
        let parent = getpid()
        let process = postern_fork()
        guard process >= 0 else {
            throw ScannerExit(.system, "cannot start a worker: \(describe(-process))")
        }
        if process == 0 { becomeWorker(number, parent: parent, temporary: temporary) }
        slots[number].process = process
        slots[number].startedMs = MonotonicTime.milliseconds
        slots[number].isOverrun = false
        slots[number].temporary = temporary
    }

    /// In the child; it leaves by _exit, so that nothing of the parent's is undone twice.
    private func becomeWorker(_ number: Int, parent: Int32, temporary: String) -> Never {
        postern_reset_signals(Self.handled, Self.handled.count)
        close(signals)
        close(stopWriter)
        if let control { close(control) }
        do {
            try ScanWorker(
                number: number, options: options, engine: engine, table: table, listener: socket.descriptor,
                stop: stopReader, parent: parent, temporary: temporary
            ).run()
        } catch {
            ScannerEvent.failed(reason: error.message, status: error.status.rawValue).write()
            _exit(error.status.rawValue)
        }
        _exit(0)
    }
}
