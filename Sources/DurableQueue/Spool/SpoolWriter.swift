// SPDX-License-Identifier: MIT
internal import Mail

/// A commit on its way to the committer, with what was done for it before.
struct PendingCommit: Sendable {
    var commit: Commit
    var token: UInt64
    /// Its body's file, linked and synced.
    var body: CommitRecord.BodyFile?
    /// It has failed already; the committer only passes that on.
    var failure: QueueError?
}

/// Appends commits to a slot's segments and syncs them, a batch at a time. Used by one thread.
///
/// From the first segment that it opens until `close`, a writer holds the lock of at least one segment: it
/// opens the next before it lets the last go, a failed one included. While one is locked, the keeper keeps
/// its hands off the writer's bodies.
final class SpoolWriter {
    private let disk: any QueueDisk
    private let layout: QueueLayout
    private let slot: String
    private let limits: QueueLimits
    private var segment: SpoolSegment?
    private var failed: SpoolSegment?
    private var buffer = RecordBuffer()
    /// Encoded or written, not yet synced.
    private var round: [(token: UInt64, id: MessageID, body: CommitRecord.BodyFile?)] = []

    /// The generation of the first segment; nil before one could be opened.
    private(set) var writer: UInt64?

    /// Makes the slot's folders. It opens no segment: on a full disk that is tried again later.
    init(
        layout: QueueLayout, slot: String, disk: any QueueDisk, limits: QueueLimits
    ) throws(QueueError) {
        self.disk = disk
        self.layout = layout
        self.slot = slot
        self.limits = limits
        do throws(DiskError) {
            if !layout.isRootPrepared {
                try disk.makeFolder(layout.root)
                try disk.makeFolder(layout.spool)
            }
            try disk.makeFolder(layout.slot(slot))
            try disk.makeFolder(layout.bodies(slot))
            if !layout.isRootPrepared { try disk.syncFolder(layout.root) }
            try disk.syncFolder(layout.spool)
            try disk.syncFolder(layout.slot(slot))
        } catch {
            throw QueueError(error, while: "the spool of slot \(slot) was opened")
        }
    }

    /// Opens a segment unless one is open.
    func ensureSegment() throws(QueueError) {
        if segment == nil { try openSegment(for: 0) }
    }

    private func openSegment(for recordOctets: Int) throws(QueueError) {
        let octets = max(limits.segmentOctets, SegmentHead.pageOctets + recordOctets)
        do throws(DiskError) {
            let opened = try SpoolSegment.open(
                layout: layout, slot: slot, writer: writer, octets: octets, on: disk)
            let last = segment
            segment = opened
            if writer == nil { writer = opened.generation }
            last?.close(on: disk)
            failed?.close(on: disk)
            failed = nil
        } catch {
            throw QueueError(error, while: "a segment of slot \(slot) was opened")
        }
    }

    /// One result per commit. Those that succeeded are synced and published when this returns.
    ///
    /// A write or sync that fails fails every commit of the batch that was not synced before it, and ends the
    /// segment: what the kernel still has of it is not to be trusted, whatever later calls say.
    func commit(_ batch: [PendingCommit]) -> [CommitResult] {
        var results: [CommitResult] = []
        results.reserveCapacity(batch.count)
        var refusal: QueueError?
        for pending in batch {
            if let failure = pending.failure ?? CommitRecord.objection(to: pending.commit, limits) ?? refusal
            {
                refuse(pending.token, pending.body, failure, into: &results)
                continue
            }
            let before = results.count + round.count
            do throws(QueueError) {
                try append(pending, settling: &results)
            } catch {
                refusal = error
                // It may be part of the round that failed, and then has its result from there.
                if results.count + round.count == before {
                    refuse(pending.token, pending.body, error, into: &results)
                }
                fail(error, into: &results)
            }
        }
        do throws(QueueError) {
            try settle(into: &results)
        } catch {
            fail(error, into: &results)
        }
        return results
    }

    /// Encodes one commit; goes on to a new segment where this one has no room.
    private func append(_ pending: PendingCommit, settling results: inout [CommitResult]) throws(QueueError) {
        try ensureSegment()
        while let current = segment {
            let start = RecordHead.begin(.commit, in: &buffer)
            CommitRecord.encode(pending.commit, body: pending.body, into: &buffer)
            let id = MessageID(generation: current.generation, offset: UInt64(current.end + start))
            let octets = RecordHead.recordOctets(payload: buffer.count - start - RecordHead.octets)
            if current.end + start + octets > current.octets {
                buffer.truncate(to: start)
                try settle(into: &results)
                try openSegment(for: octets)
                continue
            }
            RecordHead.finish(at: start, as: id, seed: current.seed, in: &buffer)
            round.append((pending.token, id, pending.body))
            if buffer.count > limits.batchBufferOctetsMax { try writeOut() }
            return
        }
    }

    private func writeOut() throws(QueueError) {
        guard let current = segment, buffer.count > 0 else { return }
        do throws(DiskError) {
            try disk.write(buffer.bytes, to: current.file, at: current.end)
            segment?.end += buffer.count
            buffer.removeAll()
        } catch {
            throw QueueError(error, while: "a batch of messages was committed")
        }
    }

    /// Writes, syncs and publishes the round.
    private func settle(into results: inout [CommitResult]) throws(QueueError) {
        guard !round.isEmpty else { return }
        try writeOut()
        guard var current = segment else { return }
        do throws(DiskError) {
            try disk.sync(current.file)
        } catch {
            throw QueueError(error, while: "a batch of messages was committed")
        }
        current.committed = current.end
        segment = current
        results += round.map { CommitResult(token: $0.token, result: .success($0.id)) }
        round.removeAll(keepingCapacity: true)
        do throws(DiskError) {
            try CommittedMark.write(
                committed: current.committed, abandoned: nil, to: current.mark, on: disk)
        } catch {
            // Synced is synced: the results stand. With its lock free the keeper reads the segment to its
            // end, so the next batch opens another. Until then the lock must stay for the bodies' sake.
            retire(current)
        }
    }

    /// No more goes into `current`, and all that is in it counts.
    private func retire(_ current: SpoolSegment) {
        failed?.close(on: disk)
        failed = current
        segment = nil
        // Where this fails too, the messages wait until the next segment could be opened.
        try? ensureSegment()
    }

    /// The round's commits fail, and with them the segment that they went into.
    private func fail(_ error: QueueError, into results: inout [CommitResult]) {
        buffer.removeAll()
        guard !round.isEmpty else { return }
        let unsynced = round
        round.removeAll(keepingCapacity: true)
        if let current = segment {
            current.abandon(on: disk)
            failed?.close(on: disk)
            failed = current
            segment = nil
        }
        for (token, _, body) in unsynced { refuse(token, body, error, into: &results) }
    }

    private func refuse(
        _ token: UInt64, _ body: CommitRecord.BodyFile?, _ error: QueueError,
        into results: inout [CommitResult]
    ) {
        results.append(CommitResult(token: token, result: .failure(error)))
        // What can't be removed the keeper finds unnamed.
        if let body { try? disk.remove(layout.body(slot, body.name)) }
    }

    /// Lets all locks go.
    func close() {
        segment?.close(on: disk)
        failed?.close(on: disk)
        segment = nil
        failed = nil
    }
}
