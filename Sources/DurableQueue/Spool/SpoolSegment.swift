// SPDX-License-Identifier: MIT

/// A segment that a writer has open: locked, preallocated, named, its head synced.
struct SpoolSegment {
    let file: DiskFile
    let mark: DiskFile
    let generation: UInt64
    let seed: UInt32
    let octets: Int
    /// Where the next octet goes.
    var end: Int
    /// Below it everything is synced.
    var committed: Int

    /// Opens a new one. It gets its name only when it is locked and its head is synced: the keeper never
    /// meets a segment whose lock is about to be taken. `writer` is nil for a writer's first.
    static func open(
        layout: QueueLayout, slot: String, writer: UInt64?, octets: Int, on disk: any QueueDisk
    ) throws(DiskError) -> SpoolSegment {
        let generation = try GenerationCounter(disk: disk, layout: layout).next()
        let head = SegmentHead(
            content: .spool, generation: generation, salt: disk.random(), writer: writer ?? generation,
            madeSeconds: disk.wallSeconds(), octets: UInt64(octets))
        let path = layout.segment(slot, generation)
        let file = try disk.openUnnamed(in: layout.slot(slot))
        var mark: DiskFile?
        do throws(DiskError) {
            try disk.preallocate(file, octets: octets)
            var page = RecordBuffer(capacity: SegmentHead.pageOctets)
            head.encode(into: &page)
            try disk.write(page.bytes, to: file, at: 0)
            _ = try disk.lock(file, waiting: false)
            try disk.sync(file)
            try disk.link(file, to: path)
            // The mark comes after the segment: a mark alone is always one whose segment is gone.
            let opened = try disk.openOrCreate(layout.mark(slot, generation))
            mark = opened
            try CommittedMark.write(committed: SegmentHead.pageOctets, abandoned: nil, to: opened, on: disk)
            try disk.syncFolder(layout.slot(slot))
            return SpoolSegment(
                file: file, mark: opened, generation: generation, seed: head.seed, octets: octets,
                end: SegmentHead.pageOctets, committed: SegmentHead.pageOctets)
        } catch {
            disk.close(file)
            if let mark { disk.close(mark) }
            // What can't be removed is an empty segment; the keeper removes it.
            try? disk.remove(path)
            try? disk.remove(layout.mark(slot, generation))
            throw error
        }
    }

    /// Lets the lock go; the keeper takes it from there.
    func close(on disk: any QueueDisk) {
        disk.close(file)
        disk.close(mark)
    }

    /// Says, wherever that is still possible, that nothing from `committed` on counts. Where it isn't, the
    /// keeper may deliver what the client was told to send again: twice, never not at all. So nothing is made
    /// of failures here.
    func abandon(on disk: any QueueDisk) {
        try? CommittedMark.write(committed: committed, abandoned: committed, to: mark, on: disk)
        guard committed + RecordHead.octets <= octets else { return }
        var buffer = RecordBuffer(capacity: RecordHead.octets)
        let start = RecordHead.begin(.abandoned, in: &buffer)
        let id = MessageID(generation: generation, offset: UInt64(committed))
        RecordHead.finish(at: start, as: id, seed: seed, in: &buffer)
        try? disk.write(buffer.bytes, to: file, at: committed)
        try? disk.sync(file)
    }
}
