// SPDX-License-Identifier: MIT

internal import Gates
internal import Glibc
package import Logging
internal import Mail
internal import Telemetry

/// The writing end of `CaseLog`: folds, encodes, appends, rolls, prunes. Used by one thread.
final class CaseWriter {
    private let folder: String
    private let writer: String
    private let limits: CaseLimits
    private let counters: CounterPage
    private let logger: Logger
    private var folding: RefusalFolding
    private var file: Int32 = -1
    private var fileOctets = 0
    private var openedAt: Int64 = 0
    private var prunedAt: Int64 = 0
    private var measuredAt: Int64 = 0
    private var isStopped = false
    private var sequence = 0

    /// Seconds between two looks at what is to be deleted.
    private static let pruneSeconds: Int64 = 600

    init(folder: String, writer: String, limits: CaseLimits, counters: CounterPage, logger: Logger) {
        self.folder = folder
        self.writer = writer
        self.limits = limits
        self.counters = counters
        self.logger = logger
        folding = RefusalFolding(perMinuteMax: limits.foldPerMinute, keysMax: limits.foldKeysMax)
    }

    deinit { if file >= 0 { close(file) } }

    func write(_ records: [CaseRecord], _ tables: [TableRecord] = []) {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        let seconds = Int64(now.tv_sec)
        var due: [CaseRecord] = []
        for record in records {
            let taken = folding.take(record)
            due += taken.due
            if taken.isFolded { counters.add(.casesFolded) }
        }
        due += folding.expire(nowMs: seconds * 1_000)
        append(due, now: seconds)
        append(tables, now: seconds)
        if seconds - prunedAt >= Self.pruneSeconds { prune(seconds) }
    }

    private func prune(_ now: Int64) {
        prunedAt = now
        CaseFolder.prune(folder, octetsMax: limits.octetsMax, daysMax: limits.daysMax, now: now)
    }

    func finish() {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        append(folding.expire(nowMs: Int64.max), now: Int64(now.tv_sec))
    }

    private func append(_ records: [some Encodable], now: Int64) {
        guard !records.isEmpty else { return }
        guard hasRoom(now) else {
            counters.add(.casesLost, UInt64(records.count))
            return
        }
        let encoder = FactsEncoder()
        var bytes: [UInt8] = []
        for record in records {
            // A record is strings, numbers and bytes of ours: encoding can't fail.
            guard let line = try? encoder.encode(record) else { continue }
            bytes += line
            bytes.append(0x0A)
        }
        guard openSegment(now), writeAll(bytes) else {
            counters.add(.casesLost, UInt64(records.count))
            stop("\(folder): \(String(cString: strerror(errno)))")
            return
        }
        if isStopped { logger.log(CaseEvent.resumed) }
        isStopped = false
        counters.add(.casesWritten, UInt64(records.count))
        fileOctets += bytes.count
        if fileOctets >= limits.segmentOctetsMax {
            closeSegment()
            prune(now)
        }
    }

    private func openSegment(_ now: Int64) -> Bool {
        if file >= 0, isUsedUp(now) { closeSegment() }
        guard file < 0 else { return true }
        sequence += 1
        let name = CaseFolder.segmentName(now: now, writer: writer, process: getpid(), sequence: sequence)
        file = open("\(folder)/\(name)", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o640)
        fileOctets = 0
        openedAt = now
        return file >= 0
    }

    /// Written to for long enough; or deleted by another process that made room, so that what is written is
    /// lost.
    private func isUsedUp(_ now: Int64) -> Bool {
        var status = stat()
        return now - openedAt >= Int64(limits.segmentSecondsMax) || fstat(file, &status) != 0
            || status.st_nlink == 0
    }

    private func closeSegment() {
        close(file)
        file = -1
    }

    private func writeAll(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            var done = 0
            while done < buffer.count {
                let count = Glibc.write(file, buffer.baseAddress.map { $0 + done }, buffer.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }

    /// Cases are the first to go when the disk fills. Looked at, and tried again, once a second.
    private func hasRoom(_ now: Int64) -> Bool {
        guard now != measuredAt else { return !isStopped }
        measuredAt = now
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return true }
        let free = UInt64(status.f_bavail) * UInt64(status.f_frsize)
        if free < UInt64(limits.reserveOctets) {
            stop("\(free) octets free on the disk, \(limits.reserveOctets) are reserved for mail")
            return false
        }
        return true
    }

    private func stop(_ reason: String) {
        if !isStopped { logger.log(CaseEvent.stopped(reason: reason)) }
        isStopped = true
        if file >= 0 { closeSegment() }
    }
}

/// What the case log tells the operator.
package enum CaseEvent: LoggedEvent {
    case stopped(reason: String)
    case resumed

    package var name: String {
        switch self {
        case .stopped: "cases.stopped"
        case .resumed: "cases.resumed"
        }
    }

    package var level: Logger.Level {
        switch self {
        case .stopped: .error
        case .resumed: .info
        }
    }

    package var fields: [(String, String)] {
        switch self {
        case .stopped(let reason): [("reason", reason)]
        case .resumed: []
        }
    }
}
