// SPDX-License-Identifier: MIT
import DurableQueue
import Glibc
import Synchronization

/// A disk in memory that can lose its power: what was not synced is then gone, whole or in part.
///
/// It can also fail one call, and it can lie about syncs. Its clock goes by the number of calls.
final class ForgetfulDisk: QueueDisk {
    enum Cut: Hashable {
        /// Only what was synced is left, and of the last unsynced write of each file its first half, the
        /// sector in the middle torn.
        case forgetful
        /// The process died, the machine did not: everything is left.
        case processOnly
        /// Any sectors of unsynced writes, any beginning of the folders' journal.
        case random(UInt64)
    }

    struct Lie: OptionSet {
        let rawValue: Int
        /// `fdatasync` answers without doing anything.
        static let dropsFileSyncs = Lie(rawValue: 1)
        /// The same for folders.
        static let dropsFolderSyncs = Lie(rawValue: 2)
    }

    private struct Inode {
        var bytes: [UInt8] = []
        var durable: [UInt8] = []
        /// Since the last sync: where, what; an empty write at an offset only lengthens the file.
        var unsynced: [(offset: Int, bytes: [UInt8])] = []
        var lockedBy: Int32?
    }

    private enum Change {
        case set(String, Int)
        case unset(String)
        case folder(String)

        var parent: String {
            switch self {
            case .set(let path, _), .unset(let path), .folder(let path): ForgetfulDisk.parent(of: path)
            }
        }
    }

    private struct State {
        var inodes: [Int: Inode] = [:]
        var names: [String: Int] = [:]
        var folders: Set<String> = [""]
        var durableNames: [String: Int] = [:]
        var durableFolders: Set<String> = [""]
        var journal: [Change] = []
        var files: [Int32: Int] = [:]
        var nextInode = 1
        var nextFile: Int32 = 3
        var random: UInt64 = 1
        var calls = 0
        var cutAfter = Int.max
        var fault: (call: Int, number: Int32)?
        var standing: (call: String, number: Int32)?
        var history: [String] = []
        var clockMs: Int64 = 0
        var lie: Lie = []
        var space = DiskSpace(freeOctets: 1 << 40, freeFiles: 1 << 20)
    }

    private let state = Mutex(State())

    init(lie: Lie = []) { state.withLock { $0.lie = lie } }

    /// Calls made so far.
    var calls: Int { state.withLock { $0.calls } }
    var history: [String] { state.withLock { $0.history } }
    var isCut: Bool { state.withLock { $0.calls >= $0.cutAfter } }

    /// After so many calls nothing reaches the disk any more.
    func cut(after calls: Int) { state.withLock { $0.cutAfter = calls } }
    /// The call of that number, from 1, fails once.
    func fail(call: Int, with number: Int32) { state.withLock { $0.fault = (call, number) } }
    /// Every call of that name fails until told otherwise; "" is every call that writes.
    func failAll(_ call: String, with number: Int32) { state.withLock { $0.standing = (call, number) } }
    func failNothing() { state.withLock { $0.standing = nil } }
    func advance(ms: Int64) { state.withLock { $0.clockMs += ms } }
    func leave(_ space: DiskSpace) { state.withLock { $0.space = space } }

    /// What a machine finds that starts again on this disk.
    func afterCut(_ cut: Cut) -> ForgetfulDisk {
        let before = state.withLock { $0 }
        let after = ForgetfulDisk()
        after.state.withLock { state in
            state.nextInode = before.nextInode
            state.random = before.random &+ 99
            state.clockMs = before.clockMs + 1_000
            var dice = Dice(seed: 0)
            if case .random(let seed) = cut { dice = Dice(seed: seed) }
            (state.names, state.folders) = Self.names(before, cut, &dice)
            for (number, inode) in before.inodes.sorted(by: { $0.key < $1.key }) {
                let bytes = Self.bytes(inode, cut, &dice)
                state.inodes[number] = Inode(bytes: bytes, durable: bytes)
            }
            state.durableNames = state.names
            state.durableFolders = state.folders
        }
        return after
    }

    private static func names(
        _ before: State, _ cut: Cut, _ dice: inout Dice
    ) -> ([String: Int], Set<String>) {
        switch cut {
        case .forgetful: return (before.durableNames, before.durableFolders)
        case .processOnly: return (before.names, before.folders)
        case .random:
            var names = before.durableNames
            var folders = before.durableFolders
            let kept = before.journal.isEmpty ? 0 : dice.below(before.journal.count + 1)
            for change in before.journal.prefix(kept) { Self.apply(change, &names, &folders) }
            return (names, folders)
        }
    }

    private static func bytes(_ inode: Inode, _ cut: Cut, _ dice: inout Dice) -> [UInt8] {
        if cut == .processOnly { return inode.bytes }
        var bytes = inode.durable
        for (number, write) in inode.unsynced.enumerated() {
            let isLast = number == inode.unsynced.count - 1
            if cut == .forgetful {
                guard isLast, write.bytes.count > 1 else { continue }
                place(Array(write.bytes.prefix(write.bytes.count / 2)), at: write.offset, in: &bytes)
                continue
            }
            var at = 0
            while at < write.bytes.count {
                let end = min(at + 512 - (write.offset + at) % 512, write.bytes.count)
                if dice.below(2) == 0 {
                    // Sectors are written whole, but for the last.
                    let isTorn = isLast && end == write.bytes.count
                    let stop = isTorn ? at + dice.below(end - at) : end
                    place(Array(write.bytes[at..<stop]), at: write.offset + at, in: &bytes)
                }
                at = end
            }
            if write.bytes.isEmpty, dice.below(2) == 0, bytes.count < write.offset {
                bytes += Array(repeating: 0, count: write.offset - bytes.count)
            }
        }
        return bytes
    }

    private static func place(_ new: [UInt8], at offset: Int, in bytes: inout [UInt8]) {
        if bytes.count < offset + new.count {
            bytes += Array(repeating: 0, count: offset + new.count - bytes.count)
        }
        bytes.replaceSubrange(offset..<(offset + new.count), with: new)
    }

    private static func apply(_ change: Change, _ names: inout [String: Int], _ folders: inout Set<String>) {
        switch change {
        case .set(let path, let inode): names[path] = inode
        case .unset(let path): names[path] = nil
        case .folder(let path): folders.insert(path)
        }
    }

    fileprivate static func parent(of path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[..<$0]) } ?? ""
    }

    /// The bytes of a file, to look at and to flip.
    func contents(_ path: String) -> [UInt8]? {
        state.withLock { state in state.names[path].flatMap { state.inodes[$0]?.bytes } }
    }

    func setContents(_ path: String, _ bytes: [UInt8]) {
        state.withLock { state in
            if let inode = state.names[path] { state.inodes[inode] = Inode(bytes: bytes, durable: bytes) }
        }
    }

    func removeForGood(_ path: String) {
        state.withLock { state in
            state.names[path] = nil
            state.durableNames[path] = nil
        }
    }

    func plant(_ path: String, _ bytes: [UInt8]) {
        state.withLock { state in
            state.inodes[state.nextInode] = Inode(bytes: bytes, durable: bytes)
            state.names[path] = state.nextInode
            state.durableNames[path] = state.nextInode
            state.nextInode += 1
            var folder = Self.parent(of: path)
            while state.folders.insert(folder).inserted {
                state.durableFolders.insert(folder)
                folder = Self.parent(of: folder)
            }
        }
    }

    var paths: [String] { state.withLock { $0.names.keys.sorted() } }

    // MARK: Calls

    private func step<Value>(
        _ call: String, _ path: String, _ body: (inout State) -> Result<Value, DiskError>
    ) throws(DiskError) -> Value {
        let result: Result<Value, DiskError> = state.withLock { state in
            guard state.calls < state.cutAfter else {
                return .failure(DiskError(call: call, path: path, number: EIO))
            }
            state.calls += 1
            state.clockMs += 7
            state.history.append("\(call) \(path)")
            if let fault = state.fault, fault.call == state.calls {
                return .failure(DiskError(call: call, path: path, number: fault.number))
            }
            let writes = [
                "write", "sync", "syncFolder", "link", "makeFolder", "rename", "remove", "preallocate",
            ]
            if let standing = state.standing,
                standing.call == call || (standing.call.isEmpty && writes.contains(call))
            {
                return .failure(DiskError(call: call, path: path, number: standing.number))
            }
            return body(&state)
        }
        return try result.get()
    }

    private static func missing(_ call: String, _ path: String) -> DiskError {
        DiskError(call: call, path: path, number: ENOENT)
    }

    func makeFolder(_ path: String) throws(DiskError) {
        try step("makeFolder", path) { (state) -> Result<Void, DiskError> in
            guard state.folders.contains(Self.parent(of: path)) else {
                return .failure(Self.missing("mkdir", path))
            }
            if state.folders.insert(path).inserted { state.journal.append(.folder(path)) }
            return .success(())
        }
    }

    func list(_ path: String) throws(DiskError) -> [String] {
        try step("list", path) { (state) -> Result<[String], DiskError> in
            if state.names[path] != nil {
                return .failure(DiskError(call: "list", path: path, number: ENOTDIR))
            }
            guard state.folders.contains(path) else { return .failure(Self.missing("list", path)) }
            let prefix = Array("\(path)/".utf8)
            var here: [String] = []
            for name in Array(state.names.keys) + state.folders where name.utf8.starts(with: prefix) {
                let rest = name.utf8.dropFirst(prefix.count)
                if !rest.contains(UInt8(ascii: "/")) { here.append(String(decoding: rest, as: UTF8.self)) }
            }
            return .success(here.sorted())
        }
    }

    func syncFolder(_ path: String) throws(DiskError) {
        try step("syncFolder", path) { (state) -> Result<Void, DiskError> in
            guard state.folders.contains(path) else { return .failure(Self.missing("syncFolder", path)) }
            if state.lie.contains(.dropsFolderSyncs) { return .success(()) }
            var rest: [Change] = []
            for change in state.journal {
                if change.parent == path {
                    Self.apply(change, &state.durableNames, &state.durableFolders)
                } else {
                    rest.append(change)
                }
            }
            state.journal = rest
            return .success(())
        }
    }

    func open(_ path: String) throws(DiskError) -> DiskFile {
        try step("open", path) { (state) -> Result<DiskFile, DiskError> in
            guard let inode = state.names[path] else { return .failure(Self.missing("open", path)) }
            return .success(Self.opened(inode, path, &state))
        }
    }

    private static func opened(_ inode: Int, _ path: String, _ state: inout State) -> DiskFile {
        let file = DiskFile(descriptor: state.nextFile, path: path)
        state.nextFile += 1
        state.files[file.descriptor] = inode
        return file
    }

    func openOrCreate(_ path: String) throws(DiskError) -> DiskFile {
        try step("openOrCreate", path) { (state) -> Result<DiskFile, DiskError> in
            if let inode = state.names[path] { return .success(Self.opened(inode, path, &state)) }
            guard state.folders.contains(Self.parent(of: path)) else {
                return .failure(Self.missing("open", path))
            }
            let inode = state.nextInode
            state.nextInode += 1
            state.inodes[inode] = Inode()
            state.names[path] = inode
            state.journal.append(.set(path, inode))
            return .success(Self.opened(inode, path, &state))
        }
    }

    func openUnnamed(in folder: String) throws(DiskError) -> DiskFile {
        try step("openUnnamed", folder) { (state) -> Result<DiskFile, DiskError> in
            guard state.folders.contains(folder) else { return .failure(Self.missing("open", folder)) }
            let inode = state.nextInode
            state.nextInode += 1
            state.inodes[inode] = Inode()
            return .success(Self.opened(inode, folder, &state))
        }
    }

    func link(_ file: DiskFile, to path: String) throws(DiskError) {
        try step("link", path) { (state) -> Result<Void, DiskError> in
            guard let inode = state.files[file.descriptor] else {
                return .failure(Self.missing("link", path))
            }
            guard state.names[path] == nil else {
                return .failure(DiskError(call: "link", path: path, number: EEXIST))
            }
            state.names[path] = inode
            state.journal.append(.set(path, inode))
            return .success(())
        }
    }

    func close(_ file: DiskFile) {
        state.withLock { state in
            guard let inode = state.files.removeValue(forKey: file.descriptor) else { return }
            if state.inodes[inode]?.lockedBy == file.descriptor { state.inodes[inode]?.lockedBy = nil }
        }
    }

    func rename(_ from: String, to target: String) throws(DiskError) {
        try step("rename", from) { (state) -> Result<Void, DiskError> in
            guard let inode = state.names[from] else { return .failure(Self.missing("rename", from)) }
            state.names[from] = nil
            state.names[target] = inode
            state.journal += [.set(target, inode), .unset(from)]
            return .success(())
        }
    }

    func remove(_ path: String) throws(DiskError) {
        try step("remove", path) { (state) -> Result<Void, DiskError> in
            guard state.names[path] != nil else { return .failure(Self.missing("remove", path)) }
            state.names[path] = nil
            state.journal.append(.unset(path))
            return .success(())
        }
    }

    func preallocate(_ file: DiskFile, octets: Int) throws(DiskError) {
        try step("preallocate", file.path) { (state) -> Result<Void, DiskError> in
            guard let inode = state.files[file.descriptor] else {
                return .failure(Self.missing("allocate", file.path))
            }
            let count = state.inodes[inode]?.bytes.count ?? 0
            if count < octets {
                state.inodes[inode]?.bytes += Array(repeating: 0, count: octets - count)
                state.inodes[inode]?.unsynced.append((octets, []))
            }
            return .success(())
        }
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int) throws(DiskError) {
        try step("write", file.path) { (state) -> Result<Void, DiskError> in
            guard let inode = state.files[file.descriptor], var node = state.inodes.removeValue(forKey: inode)
            else {
                return .failure(Self.missing("write", file.path))
            }
            let new = Array(bytes)
            Self.place(new, at: offset, in: &node.bytes)
            node.unsynced.append((offset, new))
            state.inodes[inode] = node
            return .success(())
        }
    }

    func read(
        _ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws(DiskError) -> Int {
        try step("read", file.path) { (state) -> Result<Int, DiskError> in
            guard let inode = state.files[file.descriptor], let bytes = state.inodes[inode]?.bytes else {
                return .failure(Self.missing("read", file.path))
            }
            guard offset < bytes.count else { return .success(0) }
            let part = bytes[offset..<min(offset + buffer.count, bytes.count)]
            buffer.copyBytes(from: part)
            return .success(part.count)
        }
    }

    func sync(_ file: DiskFile) throws(DiskError) {
        try step("sync", file.path) { (state) -> Result<Void, DiskError> in
            guard let inode = state.files[file.descriptor] else {
                return .failure(Self.missing("sync", file.path))
            }
            if state.lie.contains(.dropsFileSyncs) { return .success(()) }
            if let bytes = state.inodes[inode]?.bytes { state.inodes[inode]?.durable = bytes }
            state.inodes[inode]?.unsynced = []
            return .success(())
        }
    }

    func octets(of file: DiskFile) throws(DiskError) -> Int {
        try step("octets", file.path) { (state) -> Result<Int, DiskError> in
            .success(state.files[file.descriptor].flatMap { state.inodes[$0]?.bytes.count } ?? 0)
        }
    }

    func octets(at path: String) throws(DiskError) -> Int {
        try step("octets", path) { (state) -> Result<Int, DiskError> in
            guard let inode = state.names[path] else { return .failure(Self.missing("stat", path)) }
            return .success(state.inodes[inode]?.bytes.count ?? 0)
        }
    }

    func map(_ file: DiskFile, octets: Int) throws(DiskError) -> QueueMemory {
        let memory = QueueMemory(octets: octets)
        _ = try read(file, at: 0, into: memory.bytes)
        return memory
    }

    func lock(_ file: DiskFile, waiting: Bool) throws(DiskError) -> Bool {
        try step("lock", file.path) { (state) -> Result<Bool, DiskError> in
            guard let inode = state.files[file.descriptor] else {
                return .failure(Self.missing("lock", file.path))
            }
            if let holder = state.inodes[inode]?.lockedBy { return .success(holder == file.descriptor) }
            state.inodes[inode]?.lockedBy = file.descriptor
            return .success(true)
        }
    }

    func space(at path: String) throws(DiskError) -> DiskSpace {
        try step("space", path) { .success($0.space) }
    }

    func wallSeconds() -> Int64 { state.withLock { 1_763_000_000 + $0.clockMs / 1_000 } }
    func monotonicMs() -> Int64 { state.withLock { $0.clockMs } }

    func random() -> UInt64 {
        state.withLock { state in
            var dice = Dice(seed: state.random)
            state.random = dice.next()
            return state.random
        }
    }
}

/// Numbers that a seed decides (SplitMix64).
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    mutating func below(_ bound: Int) -> Int { bound <= 1 ? 0 : Int(next() % UInt64(bound)) }
}
