// SPDX-License-Identifier: MIT
internal import Mail
internal import Synchronization

/// The receiving side of the queue: takes judged messages and answers when they would survive a power cut.
///
/// One thread commits: it takes whatever was handed in while it synced the last batch, appends it to the
/// slot's segment, syncs once, publishes how far the segment is committed, and answers all of the batch in
/// one call. A second thread gives large bodies files of their own first, so that they don't hold up small
/// messages.
package final class Spool: Sendable {
    private let core: SpoolCore
    private let threads: Mutex<[WorkThread]>

    /// Opens `slot` below `root`, the state folder, and starts the threads. Two processes may share a slot,
    /// as a worker and its successor do.
    ///
    /// `completed` is called on the committer's thread, once per batch, after the sync; a message whose
    /// result is a success survives a power cut. It must not wait for the spool.
    ///
    /// `isRootPrepared`: the root holds `spool` and `queue` and was synced by whoever started us; it is then
    /// not opened.
    ///
    /// A full disk is no reason to throw here: `admits` then refuses, and the spool goes on trying.
    package init(
        root: String, isRootPrepared: Bool = false, slot: String, disk: any QueueDisk = SystemDisk(),
        limits: QueueLimits = .init(),
        completed: @escaping @Sendable ([CommitResult]) -> Void
    ) throws(QueueError) {
        guard !slot.isEmpty, slot.utf8.count <= 64, slot != "generation", slot != "usage",
            slot.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2D || $0 == 0x5F
            })
        else {
            throw QueueError(
                .inconsistent, "\"\(slot)\" names no slot: use lower-case letters, digits, - and _",
                isTransient: false)
        }
        let core = try SpoolCore(
            layout: QueueLayout(root: root, isRootPrepared: isRootPrepared), slot: slot, disk: disk,
            limits: limits, completed: completed)
        self.core = core
        guard let committer = WorkThread({ core.runCommitter() }) else { throw Self.noThread }
        guard let bodies = WorkThread({ core.runBodies() }) else {
            core.bodies.close()
            core.commits.close()
            committer.join()
            throw Self.noThread
        }
        threads = Mutex([bodies, committer])
    }

    private static let noThread = QueueError(
        .resourcesExhausted, "the system gave the spool no thread", isTransient: true)

    deinit { close() }

    /// Whether a message of `octets` would be taken now; `holding` when it is to be held. Cheap: it reads a
    /// snapshot that is renewed every `QueueLimits.admissionRenewMs`.
    package func admits(octets: Int, holding: Bool = false) -> QueueAdmission {
        core.desk.admits(octets: octets, holding: holding)
    }

    /// An empty draft, whose file, if it needs one, is on this slot's disk.
    package func makeDraft() -> Draft {
        Draft(disk: core.disk, folder: core.layout.bodies(core.slot), limits: core.limits)
    }

    /// Hands `commit` in; never blocks on the disk. Its result comes through `completed`, with `token`.
    package func commit(_ commit: Commit, token: UInt64) { core.hand(in: commit, token: token) }

    /// Commits what was handed in, answers it, lets the segment's lock go. Later commits are refused.
    /// Idempotent.
    package func close() {
        let running = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        guard !running.isEmpty else { return }
        core.bodies.close()
        running[0].join()
        core.commits.close()
        running[1].join()
    }
}

/// What the spool's threads share.
private final class SpoolCore: @unchecked Sendable {
    // Sendable: `writer` and `trouble` belong to the committer, `bodyWriter` to the thread for bodies; the
    // rest is constant or guards itself.
    let disk: any QueueDisk
    let layout: QueueLayout
    let slot: String
    let limits: QueueLimits
    let desk: AdmissionDesk
    let commits = WorkLine<PendingCommit>()
    let bodies = WorkLine<PendingCommit>()
    private let completed: @Sendable ([CommitResult]) -> Void
    private let writer: SpoolWriter
    private var bodyWriter: BodyWriter
    private var trouble: String?
    /// The writer's name once its first segment is open, for the thread for bodies.
    private let writerName = Mutex<UInt64?>(nil)

    init(
        layout: QueueLayout, slot: String, disk: any QueueDisk, limits: QueueLimits,
        completed: @escaping @Sendable ([CommitResult]) -> Void
    ) throws(QueueError) {
        self.layout = layout
        self.slot = slot
        self.disk = disk
        self.limits = limits
        self.completed = completed
        desk = AdmissionDesk(disk: disk, layout: layout, limits: limits)
        writer = try SpoolWriter(layout: layout, slot: slot, disk: disk, limits: limits)
        bodyWriter = BodyWriter(disk: disk, layout: layout, slot: slot)
        renew()
    }

    func hand(in commit: Commit, token: UInt64) {
        let octets = commit.body.count
        desk.handedIn(octets: octets)
        let pending = PendingCommit(commit: commit, token: token, body: nil, failure: nil)
        let line = octets > limits.inlineBodyOctetsMax && octets <= limits.messageOctetsMax ? bodies : commits
        if line.add(pending) { return }
        desk.answered(octets: octets)
        let error = QueueError(.closed, "the spool of slot \(slot) is closed", isTransient: true)
        completed([CommitResult(token: token, result: .failure(error))])
    }

    func runBodies() {
        while let batch = bodies.takeAll(waitingMs: 60_000) {
            let prepared = bodyWriter.prepare(batch, writer: writerName.withLock { $0 })
            // The line is closed only after this thread has ended.
            for pending in prepared { _ = commits.add(pending) }
        }
    }

    func runCommitter() {
        while let batch = commits.takeAll(waitingMs: limits.admissionRenewMs) {
            if !batch.isEmpty { run(batch) }
            if desk.isStale() { renew() }
        }
        writer.close()
    }

    private func run(_ batch: [PendingCommit]) {
        let results = writer.commit(batch)
        desk.answered(octets: batch.reduce(0) { $0 + $1.commit.body.count })
        publishName()
        completed(results)
    }

    private func renew() {
        do throws(QueueError) {
            try writer.ensureSegment()
            trouble = nil
        } catch {
            trouble = error.description
        }
        publishName()
        desk.renew(trouble: trouble)
    }

    private func publishName() {
        let name = writer.writer
        writerName.withLock { $0 = name }
    }
}
