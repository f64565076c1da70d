// SPDX-License-Identifier: MIT
internal import Glibc

/// Walks the records of a segment or log from front to back, through a window of memory.
///
/// Where no valid record stands it looks for the next one: a flipped bit must not hide acknowledged mail
/// behind it. Heads are seeded with the segment's salt and name their place, so what it finds was written as
/// a record, here.
struct RecordScanner {
    private let disk: any QueueDisk
    private let file: DiskFile
    private let generation: UInt64
    private let seed: UInt32
    private let window: ReadWindow
    /// Nothing from here on is looked at.
    let limit: Int
    /// Where the next record is expected.
    private(set) var offset: Int

    enum Step {
        /// The payload is valid until the next call.
        case record(RecordHead, UnsafeRawBufferPointer)
        /// Octets that should hold records and don't, with a valid record behind them; `head` where it
        /// survived.
        case damaged(Range<Int>, head: RecordHead?)
        /// The last record's write or sync failed, and its writer said so.
        case abandoned
        /// No record from here to the limit. `isBlank`: nothing at all was written here.
        case tail(from: Int, isBlank: Bool)
    }

    init(
        _ file: DiskFile, generation: UInt64, seed: UInt32, from offset: Int, to limit: Int,
        window: ReadWindow,
        on disk: any QueueDisk
    ) {
        self.disk = disk
        self.file = file
        self.generation = generation
        self.seed = seed
        self.offset = offset
        self.limit = limit
        self.window = window
        window.forget()
    }

    mutating func next() throws(DiskError) -> Step {
        guard let head = try head(at: offset) else {
            let start = offset
            guard let found = try search(from: start + RecordHead.alignment) else {
                return .tail(from: start, isBlank: try isBlank(at: start))
            }
            offset = found
            return .damaged(start..<found, head: nil)
        }
        if head.kind == RecordHead.Kind.abandoned.rawValue { return .abandoned }
        let start = offset
        let bytes = try window.bytes(of: file, at: start, octets: head.recordOctets, limit: limit, on: disk)
        guard let bytes else {
            // Its length reaches beyond the limit; what is behind it can't be a record of this segment.
            return .tail(from: start, isBlank: false)
        }
        let end = start + head.recordOctets
        let payload = UnsafeRawBufferPointer(
            rebasing: bytes[RecordHead.octets..<(RecordHead.octets + head.payloadOctets)])
        if Checksum.of(payload, seed: seed) == head.payloadChecksum {
            offset = end
            return .record(head, payload)
        }
        guard try search(from: end) != nil else { return .tail(from: start, isBlank: false) }
        offset = end
        return .damaged(start..<end, head: head)
    }

    private func head(at place: Int) throws(DiskError) -> RecordHead? {
        let bytes = try window.bytes(of: file, at: place, octets: RecordHead.octets, limit: limit, on: disk)
        guard let bytes else { return nil }
        let id = MessageID(generation: generation, offset: UInt64(place))
        return RecordHead.read(bytes, expecting: id, seed: seed)
    }

    private func isBlank(at place: Int) throws(DiskError) -> Bool {
        let octets = min(RecordHead.octets, limit - place)
        guard octets > 0,
            let bytes = try window.bytes(of: file, at: place, octets: octets, limit: limit, on: disk)
        else { return true }
        return Self.isBlank(bytes)
    }

    /// The next place from `start` on where a valid head stands.
    private func search(from start: Int) throws(DiskError) -> Int? {
        var place = start
        while place + RecordHead.octets <= limit {
            let span = min(ReadWindow.searchOctets, limit - place)
            guard let bytes = try window.bytes(of: file, at: place, octets: span, limit: limit, on: disk)
            else {
                return nil
            }
            if Self.isBlank(bytes) {
                place += Self.advance(past: span)
                continue
            }
            var candidate: Int?
            for at in stride(from: 0, through: span - RecordHead.octets, by: RecordHead.alignment)
            where UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self))
                == RecordHead.magic
            {
                let id = MessageID(generation: generation, offset: UInt64(place + at))
                let rest = UnsafeRawBufferPointer(rebasing: bytes[at...])
                if RecordHead.read(rest, expecting: id, seed: seed) != nil {
                    candidate = place + at
                    break
                }
            }
            if let candidate { return candidate }
            place += Self.advance(past: span)
        }
        return nil
    }

    /// Stretches overlap by less than a head, and begin where records may.
    private static func advance(past span: Int) -> Int {
        (span - RecordHead.octets) / RecordHead.alignment * RecordHead.alignment + RecordHead.alignment
    }

    /// Most of what is searched was never written.
    private static func isBlank(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress, bytes[0] == 0 else { return bytes.isEmpty }
        return memcmp(base, base + 1, bytes.count - 1) == 0
    }
}

/// Memory that a file is read through; kept and used again from one scan to the next.
final class ReadWindow {
    private var memory: QueueMemory
    private let readOctets: Int
    private var start = 0
    private var count = 0

    /// One stretch in which a record is searched for.
    static let searchOctets = 256 << 10

    init(readOctets: Int) {
        self.readOctets = max(readOctets, Self.searchOctets)
        memory = QueueMemory(octets: self.readOctets)
    }

    /// What was read is of another file, or older than the file.
    func forget() { count = 0 }

    /// `octets` at `place`, or nil where the file or `limit` ends before. Valid until the next call.
    func bytes(
        of file: DiskFile, at place: Int, octets: Int, limit: Int, on disk: any QueueDisk
    ) throws(DiskError) -> UnsafeRawBufferPointer? {
        guard place + octets <= limit else { return nil }
        if place < start || place + octets > start + count {
            if octets > memory.bytes.count {
                memory = QueueMemory(octets: octets)
            } else if memory.bytes.count > readOctets, octets <= readOctets {
                // A giant passed through; its memory is not kept.
                memory = QueueMemory(octets: readOctets)
            }
            let wanted = min(memory.bytes.count, limit - place)
            count = 0
            let got = try disk.read(
                file, at: place, into: UnsafeMutableRawBufferPointer(rebasing: memory.bytes[..<wanted]))
            start = place
            count = got
            guard got >= octets else { return nil }
        }
        let from = place - start
        return UnsafeRawBufferPointer(rebasing: memory.bytes[from..<(from + octets)])
    }
}
