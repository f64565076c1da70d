// SPDX-License-Identifier: MIT
internal import CPostern
internal import Confinement
internal import Glibc
internal import ScannerWire

/// A forked process that takes one job after the other from the shared socket, confined before the first.
struct ScanWorker {
    let number: Int
    let options: ScannerOptions
    let engine: ScanEngine
    let table: WorkerTable
    let listener: Int32
    /// Its end says that the scanner stops, or that the parent is gone.
    let stop: Int32
    let parent: Int32
    private let temporary: String
    private let confinement: String
    private let own: Int32

    /// Jobs that one worker does before a fresh one takes its place: what libclamav leaks in a job stays
    /// bounded, and never eats the memory of a later one.
    static let jobsMax = 1_000
    /// What the watchdog leaves a worker beyond a job's time, so that libclamav and the client give up first
    /// and say why, in milliseconds.
    static let graceMs: UInt64 = 500

    /// In the child, right after the fork. What was the parent's is closed already.
    init(
        number: Int, options: ScannerOptions, engine: ScanEngine, table: WorkerTable, listener: Int32,
        stop: Int32,
        parent: Int32, temporary: String
    ) throws(ScannerExit) {
        self.number = number
        self.options = options
        self.engine = engine
        self.table = table
        self.listener = listener
        self.stop = stop
        self.parent = parent
        self.temporary = temporary
        own = getpid()
        guard postern_die_with(parent) == 0 else {
            throw ScannerExit(.system, "the parent ended before its worker began")
        }
        try engine.useTemporaryFolder(temporary)
        // Reads the time zone now: later its file can't be opened.
        tzset()
        // A file beyond its limit is a failed write, which libclamav reports, not a signal.
        signal(SIGXFSZ, SIG_IGN)
        let ceiling = Self.addressSpaceOctets() &+ UInt64(options.memoryMB) << 20
        let report = ConfinementProfile.scannerWorker(
            temporary: temporary, addressSpaceOctetsMax: ceiling,
            fileOctetsMax: UInt64(engine.limits.scanOctetsMax)
        ).apply()
        for line in report.lines where !line.isApplied {
            ScannerEvent.confinementMissing(measure: line.description).write()
        }
        confinement = report.summary
    }

    /// Until the scanner stops, or the worker has done its share.
    func run() {
        ScannerEvent.workerStarted(worker: number, process: own, confinement: confinement).write()
        var jobs = 0
        while jobs < Self.jobsMax {
            var waiting = [
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
                pollfd(fd: stop, events: 0, revents: 0),
            ]
            guard poll(&waiting, 2, -1) > 0 else { continue }
            let isStopping = waiting[1].revents != 0
            let accepted = postern_accept(listener)
            if accepted >= 0 {
                jobs += 1
                serve(JobConnection(accepted: accepted))
            } else if isStopping {
                // What waited before the stop is served; nothing waits any more.
                return
            }
        }
    }

    private func serve(_ accepted: consuming JobConnection) {
        var connection = accepted
        let start = MonotonicTime.nanoseconds
        let wallMs = UInt64(options.jobSeconds) * 2_000
        table.begin(
            worker: number, at: start, budget: (wallMs + Self.graceMs) * 1_000_000,
            processor: UInt64(max(0, postern_cpu_time(own))))
        defer { table.end(worker: number) }
        do {
            guard let frame = try connection.receive() else { return }
            switch frame.kind {
            case .job:
                let job = try ScanJob(frame)
                let limitMs = min(UInt64(job.budgetMs), wallMs)
                table.narrow(worker: number, budget: (limitMs + Self.graceMs) * 1_000_000)
                guard connection.isClientThere else { return }
                let finding = judge(
                    job, content: connection.content, octets: connection.sealedOctets, in: limitMs)
                TemporaryFolder.empty(temporary)
                reply(ScanAnswer(nonce: job.nonce, finding: finding).frame, on: connection)
            case .statusRequest:
                reply(status.frame(nonce: frame.nonce), on: connection)
            case .answer, .status:
                throw ScanWireError.unknownKind(frame.kind.rawValue)
            }
        } catch {
            // Nothing is answered: the client reads the end of the connection as unscanned.
            ScannerEvent.jobRefused(reason: "\(error)").write()
        }
    }

    /// Whoever has the answer also sees that the job is over; sending so little never waits.
    private func reply(_ frame: ScanFrame, on connection: borrowing JobConnection) {
        table.end(worker: number)
        connection.send(frame)
    }

    private func judge(
        _ job: ScanJob, content: Int32, octets: UInt64?, in limitMs: UInt64
    ) -> ScanAnswer.Finding {
        guard let octets else {
            return .unscanned(reason: "the job's content is missing or not sealed", isTransient: true)
        }
        guard octets == job.octets else {
            return .unscanned(
                reason: "the job's content has \(octets) octets, not \(job.octets)", isTransient: true)
        }
        guard octets <= UInt64(engine.limits.fileOctetsMax) else {
            return .unscanned(
                reason: "over a limit: \(octets) octets, at most \(engine.limits.fileOctetsMax) are scanned",
                isTransient: false)
        }
        // Nothing to open in nothing; libclamav has no map for it.
        guard octets > 0 else { return .clean }
        return engine.scan(descriptor: content, within: limitMs)
    }

    private var status: ScannerStatus {
        ScannerStatus(
            process: UInt32(clamping: parent), signatures: engine.signatureCount,
            hasOnlyTestSignatures: engine.hasOnlyTestSignatures, workers: UInt16(clamping: table.workers),
            busy: UInt16(clamping: table.busy(except: number)), jobs: table.jobs, overruns: table.overruns,
            crashes: table.crashes, loadedAt: engine.loadedAt, confinement: confinement)
    }

    /// What is mapped already, signatures above all; 0 where /proc can't be read, which makes the limit
    /// stricter.
    private static func addressSpaceOctets() -> UInt64 {
        let file = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return 0 }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let count = read(file, &buffer, buffer.count)
        let pages = buffer.prefix(max(0, count)).prefix { (0x30...0x39).contains($0) }
            .reduce(UInt64(0)) { $0 &* 10 &+ UInt64($1 &- 0x30) }
        return pages &* UInt64(sysconf(Int32(_SC_PAGESIZE)))
    }
}
