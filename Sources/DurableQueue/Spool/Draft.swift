// SPDX-License-Identifier: MIT
package import Mail

/// A message being received: bytes that no one has promised to deliver.
///
/// Small ones stay in memory; what grows beyond `QueueLimits.draftMemoryOctetsMax` continues in a file
/// without a name. A draft that goes out of scope, by a refusal, a thrown error or a lost connection, leaves
/// nothing behind, nor does one whose process dies.
package struct Draft: ~Copyable {
    /// Octets appended so far.
    package private(set) var octets = 0

    private let disk: any QueueDisk
    private let folder: String
    private let limits: QueueLimits
    private var memory: DraftMemory
    private var spill: SpilledDraft?

    init(disk: any QueueDisk, folder: String, limits: QueueLimits) {
        self.disk = disk
        self.folder = folder
        self.limits = limits
        memory = DraftMemory()
    }

    /// Takes a copy of `bytes`. After an error the draft is good for nothing but being dropped.
    package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(QueueError) {
        guard bytes.count <= limits.messageOctetsMax - octets else {
            throw QueueError(
                .tooLarge, "the message exceeds the \(limits.messageOctetsMax) octets that the queue takes",
                isTransient: false)
        }
        octets += bytes.count
        var rest = bytes
        while !rest.isEmpty {
            let room = limits.draftMemoryOctetsMax - memory.count
            let part = min(room, rest.count)
            memory.append(UnsafeRawBufferPointer(rebasing: rest[..<part]))
            rest = UnsafeRawBufferPointer(rebasing: rest[part...])
            if !rest.isEmpty { try writeOut() }
        }
    }

    /// The whole message in one piece, in memory or as a mapped file.
    package consuming func finish() throws(QueueError) -> MessageBytes {
        guard spill != nil else {
            return MessageBytes(taking: memory.bytes, release: .owner(memory))
        }
        try writeOut()
        guard let spill else { return MessageBytes([]) }
        do throws(DiskError) {
            let file = try spill.finish(octets: octets)
            return MessageBytes(taking: UnsafeRawBufferPointer(file.memory.bytes), release: .owner(file))
        } catch {
            throw QueueError(error, while: "a message was received into \(folder)")
        }
    }

    /// Empties the memory into the file.
    private mutating func writeOut() throws(QueueError) {
        do throws(DiskError) {
            if spill == nil { spill = SpilledDraft(try disk.openUnnamed(in: folder), disk) }
            guard let spill else { return }
            try disk.write(memory.bytes, to: spill.file, at: spill.written)
            spill.written += memory.count
            memory.removeAll()
        } catch {
            throw QueueError(error, while: "a message was received into \(folder)")
        }
    }
}

/// What a draft holds in memory; once finished, what its `MessageBytes` points at.
private final class DraftMemory: @unchecked Sendable {
    // Sendable: changed by the draft's one owner only, and no longer once it is shared.
    private var base: UnsafeMutableRawPointer
    private var capacity = 8 << 10
    private(set) var count = 0

    init() { base = .allocate(byteCount: capacity, alignment: 16) }

    deinit { base.deallocate() }

    var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

    func removeAll() { count = 0 }

    func append(_ bytes: UnsafeRawBufferPointer) {
        guard let source = bytes.baseAddress else { return }
        if count + bytes.count > capacity {
            var grown = capacity
            while grown < count + bytes.count { grown *= 2 }
            let larger = UnsafeMutableRawPointer.allocate(byteCount: grown, alignment: 16)
            larger.copyMemory(from: base, byteCount: count)
            base.deallocate()
            base = larger
            capacity = grown
        }
        (base + count).copyMemory(from: source, byteCount: bytes.count)
        count += bytes.count
    }
}

/// The file of a draft that is still being written.
private final class SpilledDraft {
    let file: DiskFile
    var written = 0
    private let disk: any QueueDisk
    private var isHandedOn = false

    init(_ file: DiskFile, _ disk: any QueueDisk) {
        self.file = file
        self.disk = disk
    }

    func finish(octets: Int) throws(DiskError) -> DraftFile {
        isHandedOn = true
        return try DraftFile(file, octets: octets, on: disk)
    }

    deinit {
        if !isHandedOn { disk.close(file) }
    }
}
