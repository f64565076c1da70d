// SPDX-License-Identifier: MIT

internal import CPostern
internal import DurableQueue
internal import Glibc

/// Which entries are being delivered right now, where the death of this process doesn't erase it (promise
/// P1): whatever a crash makes the next start deliver again, that start can name.
///
/// The file `queue/running` is there, and synced, as long as outbound runs; an orderly end renames it to
/// `queue/stopped`, so that a full disk can't keep the next start from having it. It is mapped: to note a
/// delivery costs a few stores and no call. An entry stands in it from before its delivery begins until the
/// record of what came of it is in the queue's log. After a power cut only the mark itself is to be believed.
///
///     0  8 octets magic, 8  56 octets: the machine's boot, 64  slots: u64 generation, offset, number, in use
final class InFlightTable {
    /// Entries handed to all next hops and maildirs at once, at most: beyond it they wait their turn.
    static let slotsMax = 8_192

    private static let magic: UInt64 = 0x0A31_4E55_524E_5450
    private static let headOctets = 64
    /// Octets of a boot's name that the head has room for: the kernel's has 36.
    private static let bootOctetsMax = 56
    private static let slotWords = 4
    private static let octets = headOctets + slotsMax * slotWords * MemoryLayout<UInt64>.stride

    /// What a predecessor left that did not end in order.
    struct Leftover: Equatable {
        /// Those that were being delivered; to be believed only if the machine ran on.
        var ids: [EntryID]
        /// The machine has not been started anew since: only our process died.
        var isSameBoot: Bool
    }

    /// Nil where the predecessor ended in order, or there was none.
    let leftover: Leftover?
    /// Why there is no file: a crash will then go unnoticed. For the log.
    private(set) var trouble: String?

    private let path: String
    private let bootID: String
    private var base: UnsafeMutablePointer<UInt64>?
    private var freeSlots = Array((0..<InFlightTable.slotsMax).reversed())

    /// Looks for what a predecessor left at `path`. `bootID` tells one run of the machine from another; empty
    /// where that isn't known.
    init(path: String, bootID: String) {
        self.path = path
        self.bootID = String(decoding: bootID.utf8.prefix(Self.bootOctetsMax), as: UTF8.self)
        leftover = Self.read(path, bootID: self.bootID)
    }

    deinit {
        if let base { munmap(base, Self.octets) }
    }

    /// Begins with an empty table: from here on a crash is seen. What was left is forgotten, so tell it
    /// before. A disk that refuses keeps nobody from delivering; `trouble` then says so.
    func begin() {
        if leftover == nil { rename(stoppedPath, path) }
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { return fail(errno) }
        defer { close(file) }
        // With its blocks: a write into a hole would end this process when the disk is full.
        let code = posix_fallocate(file, 0, off_t(Self.octets))
        guard code == 0 else { return fail(code) }
        guard let memory = mmap(nil, Self.octets, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0),
            memory != MAP_FAILED
        else { return fail(errno) }
        memset(memory, 0, Self.octets)
        memory.storeBytes(of: Self.magic.littleEndian, as: UInt64.self)
        for (offset, octet) in bootID.utf8.enumerated() {
            memory.storeBytes(of: octet, toByteOffset: 8 + offset, as: UInt8.self)
        }
        base = memory.bindMemory(to: UInt64.self, capacity: Self.octets / MemoryLayout<UInt64>.stride)
        guard fsync(file) == 0, syncFolder() else { return fail(errno) }
    }

    /// Whether another delivery may begin.
    var hasRoom: Bool { !freeSlots.isEmpty }

    /// Notes a delivery before it begins. Nil where there is no room.
    func add(_ id: EntryID) -> Int? {
        guard let slot = freeSlots.popLast() else { return nil }
        guard let entry = place(slot) else { return slot }
        postern_counter_set(entry, id.message.generation)
        postern_counter_set(entry + 1, id.message.offset)
        postern_counter_set(entry + 2, UInt64(id.index))
        postern_counter_set(entry + 3, 1)
        return slot
    }

    /// The record of what came of it is written.
    func remove(_ slot: Int) {
        if let entry = place(slot) { postern_counter_set(entry + 3, 0) }
        freeSlots.append(slot)
    }

    /// An orderly end: nothing is being delivered, and the queue's log is closed.
    func end() {
        guard base != nil, rename(path, stoppedPath) == 0 else { return }
        // Where the sync fails, the next start may tell of a crash that wasn't.
        _ = syncFolder()
    }

    private func place(_ slot: Int) -> UnsafeMutablePointer<UInt64>? {
        base.map { $0 + Self.headOctets / MemoryLayout<UInt64>.stride + slot * Self.slotWords }
    }

    private func fail(_ number: Int32) {
        trouble = "\(path): \(String(cString: strerror(number)))"
    }

    private var folder: String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? "."
    }

    private var stoppedPath: String { "\(folder)/stopped" }

    private func syncFolder() -> Bool {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return fsync(descriptor) == 0
    }

    /// Nil where there is no file. One that can't be read was there all the same.
    private static func read(_ path: String, bootID: String) -> Leftover? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else { return errno == ENOENT ? nil : Leftover(ids: [], isSameBoot: false) }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: octets)
        let count = bytes.withUnsafeMutableBytes { pread(file, $0.baseAddress, $0.count, 0) }
        guard count == octets, word(bytes, 0) == magic else { return Leftover(ids: [], isSameBoot: false) }
        let boot = Array(bytes[8..<headOctets].prefix { $0 != 0 })
        var ids: [EntryID] = []
        for slot in 0..<slotsMax {
            let start = headOctets + slot * slotWords * 8
            guard word(bytes, start + 24) == 1, let index = Int(exactly: word(bytes, start + 16)) else {
                continue
            }
            let message = MessageID(generation: word(bytes, start), offset: word(bytes, start + 8))
            ids.append(EntryID(message: message, index: index))
        }
        return Leftover(ids: ids, isSameBoot: !bootID.isEmpty && boot == Array(bootID.utf8))
    }

    private static func word(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        UInt64(
            littleEndian: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: UInt64.self) })
    }
}
