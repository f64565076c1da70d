// SPDX-License-Identifier: MIT
package import Mail

/// The sending side of the queue: the only one that changes logs and store. One per state folder, held by a
/// lock.
///
/// It reads what the writers have committed, remembers in a log of its own what became of each entry, and
/// keeps what stays longer in files of its own. It has no thread: whoever owns it (one thread, one actor)
/// calls it, `flush` after each batch and once a second besides.
///
/// Losing the record of a delivery means delivering twice, never not at all. What a person asked for (hold,
/// release, delete) is synced before it is answered.
package final class Keeper {
    let disk: any QueueDisk
    let layout: QueueLayout
    let limits: QueueLimits
    let schedule: RetrySchedule
    private let lockFile: DiskFile
    let window: ReadWindow

    var log: KeeperLog
    /// A preallocated file for the next log.
    var spare: DiskFile?
    /// States from the log of entries whose messages are still unread.
    var logged: [EntryID: LoggedState]

    /// At recovery: recipients that entries split off, by the entry that had them.
    var splitOff: [EntryID: Set<Address>] = [:]

    var segments: [UInt64: SpooledSegment] = [:]
    var spooled: [MessageID: SpooledMessage] = [:]
    var entries: [EntryID: LiveEntry] = [:]
    /// Entries that became owed and that `poll` has not told yet.
    var arrivals: [EntryID] = []
    /// Entries to be moved out of the spool, in order; those that were settled meanwhile are skipped.
    var moves: [EntryID] = []
    /// Effects of messages in the spool that nobody has said to be done.
    var effects: [MessageID: QueuedEffects] = [:]
    /// Those that `drainEffects` has not told yet.
    var effectArrivals: [MessageID] = []
    var movesRetryMs: Int64 = 0
    /// Files to be deleted once the log is synced.
    var trash: [Trash] = []
    /// Segments to be deleted once the log is synced.
    var retiring: [SpooledSegment] = []
    /// Folders from which something was deleted and that were not synced since.
    var dirtyFolders: Set<String> = []
    /// Folders that are known to exist.
    var madeFolders: Set<String> = []
    /// Files that were reported and are left alone.
    var leftAlone: Set<String> = []
    var slotsWithDamage: Set<String> = []
    /// A segment that another version wrote: met at start, it ends the start.
    var otherVersion: QueueError?
    var listedMs: Int64 = .min / 2
    var syncedMs: Int64
    var publishedMs: Int64 = .min / 2
    var isStoreChanged = true
    var mayHaveUnread = true
    /// Why the slots could not be looked through the last time.
    var listingTrouble: QueueError?

    /// What was found and settled at start.
    package internal(set) var report = RecoveryReport()
    var isRecovering = true
    private var isClosed = false
    private var findings: [Finding] = []

    enum Trash: Hashable {
        case storeFile(EntryID, QueueLayout.Place)
        case body(slot: String, name: String)
    }

    /// Takes the lock of the queue below `root`, the state folder, and recovers: afterwards every entry is in
    /// one of the states of `docs/queue.md`, and `report` says what had to be settled. `inUse` when another
    /// keeper runs; `unknownVersion` when another version wrote a segment, log or store file: nothing is
    /// changed then. `isRootPrepared` as for `Spool`.
    package init(
        root: String, isRootPrepared: Bool = false, disk: any QueueDisk = SystemDisk(),
        limits: QueueLimits = .init(),
        schedule: RetrySchedule = .init()
    ) throws(QueueError) {
        let layout = QueueLayout(root: root, isRootPrepared: isRootPrepared)
        self.layout = layout
        self.disk = disk
        self.limits = limits
        self.schedule = schedule
        let window = ReadWindow(readOctets: limits.readOctets)
        self.window = window
        let lockFile: DiskFile
        do throws(DiskError) {
            lockFile = try Self.prepareFolders(layout, disk)
        } catch {
            throw QueueError(error, while: "the queue was opened")
        }
        self.lockFile = lockFile
        do throws(QueueError) {
            try Self.takeLock(lockFile, disk)
            let opened = try Self.openLog(layout: layout, disk: disk, limits: limits, window: window)
            log = opened.log
            logged = opened.states
            syncedMs = disk.monotonicMs()
            findings = []
            for finding in opened.findings { note(finding) }
            do throws(QueueError) {
                try recover()
            } catch {
                letGo()
                throw error
            }
        } catch {
            if !isClosed { disk.close(lockFile) }
            throw error
        }
        isRecovering = false
    }

    deinit { letGo() }

    /// Closes all files, and with them lets the locks go.
    private func letGo() {
        guard !isClosed else { return }
        isClosed = true
        log.close()
        if let spare { disk.close(spare) }
        for segment in segments.values { segment.close(on: disk) }
        disk.close(lockFile)
    }

    private static func prepareFolders(_ layout: QueueLayout, _ disk: any QueueDisk) throws(DiskError)
        -> DiskFile
    {
        let above = layout.isRootPrepared ? [] : [layout.root, layout.spool, layout.queue]
        for folder in above + [
            layout.logs, layout.store(.owed), layout.store(.held),
            layout.damaged,
        ] {
            try disk.makeFolder(folder)
        }
        if !layout.isRootPrepared { try disk.syncFolder(layout.root) }
        try disk.syncFolder(layout.queue)
        return try disk.openOrCreate(layout.lock)
    }

    private static func takeLock(_ file: DiskFile, _ disk: any QueueDisk) throws(QueueError) {
        let isOurs: Bool
        do throws(DiskError) {
            isOurs = try disk.lock(file, waiting: false)
        } catch {
            throw QueueError(error, while: "the queue was locked")
        }
        if !isOurs {
            throw QueueError(
                .inUse, "another process has the queue: \(file.path) is locked; stop it first",
                isTransient: true)
        }
    }

    /// Ends orderly: what is buffered is written and synced, the lock is let go. Nothing may be called
    /// afterwards.
    package func close() throws(QueueError) {
        defer { letGo() }
        try flush(sync: true)
    }

    // MARK: What is owed

    /// The entries that became owed since the last call: newly committed, recovered (at the first call),
    /// released, expedited. Look at `nextAttempt` before trying them. Reads what the writers have committed
    /// and seals segments whose writers are gone; what is to be held moves into `held/` here.
    ///
    /// Throws when the log can't be written: then nothing must be delivered, for nobody would remember it.
    package func poll() throws(QueueError) -> [QueueItem] {
        if log.isSpent { try renewLog() }
        readSpool()
        if !moves.isEmpty, disk.monotonicMs() >= movesRetryMs {
            do throws(QueueError) {
                try flush()
            } catch {
                if log.isSpent { throw error }
                note(Finding(.diskTrouble, layout.queue, "entries stay in the spool for now: \(error)"))
            }
        }
        let told = arrivals
        arrivals.removeAll(keepingCapacity: true)
        return told.compactMap { id in
            guard let item = entries[id]?.item, item.state != .held else { return nil }
            return item
        }
    }

    /// Whether another `poll` or `flush` right away has something to do: unread commits, or moves.
    package var hasPendingWork: Bool {
        (mayHaveUnread && spooled.count < limits.messagesInMemoryMax)
            || (!moves.isEmpty && disk.monotonicMs() >= movesRetryMs)
    }

    /// Whether there may be commits that were not read yet: there are more than memory holds.
    package var mayHaveUnreadCommits: Bool { mayHaveUnread }

    /// The entry as it is now; nil once nothing is owed for it.
    package func item(_ id: EntryID) -> QueueItem? { entries[id]?.item }

    /// Remembers that these recipients have the message; the others stay owed. Reaches the disk with the next
    /// `flush`, and survives a power cut with the next sync: within `QueueLimits.logSyncMs`. `note` is what
    /// the next hop said; it is kept while part of the entry is still owed.
    package func delivered(_ id: EntryID, recipients: [Address], note: String) {
        guard var entry = entries[id] else { return }
        if entry.item.recipients == recipients || entry.settle(recipients) {
            finish(id, entry, .delivered)
            return
        }
        entry.item.reason = cut(note)
        entries[id] = entry
        log.append(id, entry.state(.delivered))
    }

    /// Remembers that another attempt is due at `until` (seconds), and why. The first deferral moves the
    /// entry into `owed/` with the next `flush`. `isCounted`: false where nothing was tried.
    package func deferred(_ id: EntryID, until: Int64, reason: String, isCounted: Bool = true) {
        guard var entry = entries[id], entry.item.state != .held else { return }
        entry.item.state = .waiting
        if isCounted { entry.item.attempts += 1 }
        entry.item.nextAttempt = until
        entry.item.reason = cut(reason)
        if entry.place == .spool {
            if entry.target == nil { moves.append(id) }
            entry.target = .owed
            entries[id] = entry
        } else {
            entries[id] = entry
            log.append(id, entry.state(.deferred))
        }
    }

    /// The same by the schedule. What has waited for its lifetime is held at once, with the reason, for the
    /// postmaster to decide.
    @discardableResult
    package func deferred(_ id: EntryID, now: Int64, reason: String) throws(QueueError) -> RetryDecision {
        guard let item = entries[id]?.item else { return .again(at: now) }
        let decision = schedule.next(attempts: item.attempts + 1, since: item.since, now: now)
        switch decision {
        case .again(let until): deferred(id, until: until, reason: reason)
        case .expired:
            let hours = schedule.lifetimeSeconds / 3600
            try hold(id, reason: "expired: not delivered within \(hours) hours; last: \(reason)")
        }
        return decision
    }

    /// A rule of ours kept the entry from being tried: that is no attempt, but its lifetime goes on. It is
    /// due again after `delaySeconds`, or when the schedule says for as many attempts as were made.
    @discardableResult
    package func postponed(
        _ id: EntryID, now: Int64, delaySeconds: Int?, reason: String
    ) throws(QueueError) -> RetryDecision {
        guard let item = entries[id]?.item else { return .again(at: now) }
        switch schedule.next(attempts: item.attempts, since: item.since, now: now) {
        case .again(let scheduled):
            let until = delaySeconds.map { now &+ Int64($0) } ?? scheduled
            deferred(id, until: until, reason: reason, isCounted: false)
            return .again(at: until)
        case .expired:
            let hours = schedule.lifetimeSeconds / 3600
            try hold(id, reason: "expired: not tried within \(hours) hours; last: \(reason)")
            return .expired
        }
    }

    /// Makes a waiting entry due now; `poll` tells it again. Nothing happens to one that is held or gone.
    package func expedite(_ id: EntryID, now: Int64) {
        guard var entry = entries[id], entry.item.state != .held else { return }
        entry.item.nextAttempt = now
        entries[id] = entry
        arrivals.append(id)
        if entry.place != .spool { log.append(id, entry.state(.deferred)) }
    }

    /// What goes out for an entry, whatever its state: read and checked anew. `damaged` when it can't be read
    /// as it was written; the entry then counts as held, for a person to decide.
    package func open(_ id: EntryID) throws(QueueError) -> QueuedContent {
        guard let entry = entries[id] else { throw noSuchEntry(id) }
        do throws(QueueError) {
            return try content(id, entry)
        } catch {
            if error.code == .damaged {
                entries[id]?.item.state = .held
                entries[id]?.item.reason = cut(error.description)
                entries[id]?.target = nil
                note(Finding(.damaged, id.description, error.description))
            }
            throw error
        }
    }

    // MARK: For people

    /// The same as `open`, after reading what was committed meanwhile: it never lags.
    package func show(_ id: EntryID) throws(QueueError) -> QueuedContent {
        _ = try find(id)
        return try open(id)
    }

    /// All entries in one of `states`, oldest first. Lags behind the writers by what `poll` has not read yet.
    package func list(_ states: Set<QueueItem.State>) -> [QueueItem] {
        entries.values.lazy.map(\.item).filter { states.contains($0.state) }
            .sorted { ($0.arrived, $0.id) < ($1.arrived, $1.id) }
    }

    /// How much the queue holds. Counts anew: once a second is often enough.
    package var usage: QueueUsage {
        var usage = QueueUsage()
        for entry in entries.values {
            switch entry.item.state {
            case .held:
                usage.heldEntries += 1
                usage.heldOctets += entry.item.octets
            case .waiting where entry.place != .spool:
                usage.owedEntries += 1
                usage.owedOctets += entry.item.octets
            case .waiting, .inFlight: usage.inFlightEntries += 1
            }
        }
        usage.segments = segments.count
        usage.spoolOctets = segments.values.reduce(0) { $0 + $1.octets }
        usage.unreadSegments = segments.values.count { !$0.isReadToEnd }
        usage.logOctets = log.end
        return usage
    }

    /// What was found since the last call, recovery included; for the log.
    package func drainFindings() -> [Finding] {
        defer { findings.removeAll() }
        return findings
    }

    func note(_ finding: Finding) {
        if isRecovering { report.add(finding) }
        // Nobody drains it? Then the oldest matter most.
        if findings.count < RecoveryReport.findingsMax { findings.append(finding) }
    }

    func cut(_ reason: String) -> String {
        guard reason.utf8.count > limits.reasonOctetsMax else { return reason }
        return String(decoding: Array(reason.utf8.prefix(limits.reasonOctetsMax)), as: UTF8.self)
    }

    func noSuchEntry(_ id: EntryID) -> QueueError {
        QueueError(.noSuchEntry, "no entry \(id) is owed or held", isTransient: false)
    }
}
