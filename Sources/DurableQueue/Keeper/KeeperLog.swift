// SPDX-License-Identifier: MIT

/// The keeper's own log: states of entries, appended. Preallocated, so that a full disk can't stop it.
///
/// Exactly one log is in use. Where it is full or its disk call failed, a new one is written from the live
/// state, synced and named, and the old one is deleted.
struct KeeperLog: ~Copyable {
    let sequence: UInt64
    let octets: Int
    private let disk: any QueueDisk
    private let file: DiskFile
    private let seed: UInt32
    /// Where the next write goes.
    private(set) var end: Int
    private var buffer = RecordBuffer()
    private(set) var isUnsynced = false
    /// It is full, or can't be trusted any more: what is appended now is in the memory that the next log is
    /// written from.
    private(set) var isSpent = false

    /// Goes on with a log that was read up to `end`.
    init(continuing file: DiskFile, head: SegmentHead, octets: Int, end: Int, on disk: any QueueDisk) {
        self.disk = disk
        self.file = file
        self.octets = octets
        self.end = end
        sequence = head.generation
        seed = head.seed
    }

    func close() { disk.close(file) }

    mutating func append(_ id: EntryID, _ state: LoggedState) {
        guard !isSpent else { return }
        Self.put(id, state, base: end, sequence: sequence, seed: seed, into: &buffer)
        if end + buffer.count > octets { isSpent = true }
    }

    mutating func spend() { isSpent = true }

    /// Puts what was appended into the file.
    mutating func write() throws(DiskError) {
        guard !isSpent, buffer.count > 0 else { return }
        do throws(DiskError) {
            try disk.write(buffer.bytes, to: file, at: end)
        } catch {
            isSpent = true
            throw error
        }
        end += buffer.count
        buffer.removeAll()
        isUnsynced = true
    }

    /// After this, what was written survives a power cut. A log whose sync failed is spent.
    mutating func sync() throws(DiskError) {
        guard isUnsynced else { return }
        do throws(DiskError) {
            try disk.sync(file)
        } catch {
            isSpent = true
            throw error
        }
        isUnsynced = false
    }

    private static func put(
        _ id: EntryID, _ state: LoggedState, base: Int, sequence: UInt64, seed: UInt32,
        into buffer: inout RecordBuffer
    ) {
        let start = RecordHead.begin(.entryState, in: &buffer)
        state.encode(id, into: &buffer)
        let place = MessageID(generation: sequence, offset: UInt64(base + start))
        RecordHead.finish(at: start, as: place, seed: seed, in: &buffer)
    }

    /// A preallocated file without a name, to become the next log even when the disk is full by then.
    static func makeSpare(
        layout: QueueLayout, octets: Int, on disk: any QueueDisk
    ) throws(DiskError) -> DiskFile {
        let file = try disk.openUnnamed(in: layout.logs)
        do throws(DiskError) {
            try disk.preallocate(file, octets: octets)
            return file
        } catch {
            disk.close(file)
            throw error
        }
    }

    /// Writes a new log that holds `states`, syncs it, names it, syncs the name. `spare` is used up, whatever
    /// happens.
    static func make(
        sequence: UInt64, states: [(EntryID, LoggedState)], spare: DiskFile?, octets: Int,
        layout: QueueLayout,
        on disk: any QueueDisk
    ) throws(DiskError) -> KeeperLog {
        let head = SegmentHead(
            content: .log, generation: sequence, salt: disk.random(), writer: 0,
            madeSeconds: disk.wallSeconds(),
            octets: UInt64(octets))
        var buffer = RecordBuffer(capacity: 64 << 10)
        head.encode(into: &buffer)
        for (id, state) in states {
            put(id, state, base: 0, sequence: sequence, seed: head.seed, into: &buffer)
        }
        // At least half of a log must be free at first, or it would be written anew all the time.
        var room = octets
        while room < buffer.count * 2 { room *= 2 }
        let file: DiskFile
        if let spare, room == octets {
            file = spare
        } else {
            if let spare { disk.close(spare) }
            file = try makeSpare(layout: layout, octets: room, on: disk)
        }
        let path = layout.log(sequence)
        do throws(DiskError) {
            try disk.write(buffer.bytes, to: file, at: 0)
            try disk.sync(file)
            try disk.link(file, to: path)
        } catch {
            disk.close(file)
            throw error
        }
        do throws(DiskError) {
            try disk.syncFolder(layout.logs)
        } catch {
            disk.close(file)
            // Complete, if it stays: a later one has a higher number and wins.
            try? disk.remove(path)
            throw error
        }
        return KeeperLog(continuing: file, head: head, octets: room, end: buffer.count, on: disk)
    }

    /// The states that a log tells, the last of each entry, and where it can be continued.
    struct Replay {
        var states: [EntryID: LoggedState] = [:]
        var end = SegmentHead.pageOctets
        var findings: [Finding] = []
    }

    static func replay(
        _ file: DiskFile, head: SegmentHead, octets: Int, on disk: any QueueDisk, window: ReadWindow
    ) throws(DiskError) -> Replay {
        var replay = Replay()
        var scanner = RecordScanner(
            file, generation: head.generation, seed: head.seed, from: SegmentHead.pageOctets, to: octets,
            window: window, on: disk)
        while true {
            switch try scanner.next() {
            case .record(let record, let payload):
                replay.end = scanner.offset
                do throws(RecordBytes.Malformed) {
                    guard record.kind == RecordHead.Kind.entryState.rawValue else {
                        throw .init(what: "it is of kind \(record.kind)")
                    }
                    let (id, state) = try LoggedState.decode(payload)
                    replay.states[id] = state
                } catch {
                    replay.findings.append(
                        Finding(
                            .damaged, file.path,
                            "the record at \(record.id.offset) was left out: \(error.what)"))
                }
            case .damaged(let range, _):
                replay.findings.append(
                    Finding(
                        .damaged, file.path,
                        "octets \(range) are no records; a delivery noted there may be repeated"))
            case .abandoned, .tail:
                return replay
            }
        }
    }
}
