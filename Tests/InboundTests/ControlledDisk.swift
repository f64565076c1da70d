// SPDX-License-Identifier: MIT

import DurableQueue
import Foundation

/// The real disk, until a test wants a call to fail, to wait, or to say that there is no room.
final class ControlledDisk: QueueDisk, @unchecked Sendable {
    // Sendable: what changes is behind the condition's lock.
    enum Call { case write, sync, openUnnamed, map }

    private let real = SystemDisk()
    private let lock = NSCondition()
    private var failing: [Call: Int32] = [:]
    private var holdsSyncs = false
    private var heldSyncs = 0
    private let freeOctets: Int?

    init(freeOctets: Int? = nil) { self.freeOctets = freeOctets }

    func fail(_ call: Call, with number: Int32) { lock.withLock { failing[call] = number } }

    func heal() { lock.withLock { failing = [:] } }

    /// From now on a sync waits.
    func holdSyncs() { lock.withLock { holdsSyncs = true } }

    func letSyncsGo() {
        lock.withLock {
            holdsSyncs = false
            lock.broadcast()
        }
    }

    /// Returns once a sync is waiting; false if none came in time.
    func awaitHeldSync() -> Bool {
        lock.withLock {
            let deadline = Date(timeIntervalSinceNow: Double(Inbox.secondsMax))
            while heldSyncs == 0 { guard lock.wait(until: deadline) else { return false } }
            return true
        }
    }

    private func check(_ call: Call, _ path: String) throws(DiskError) {
        let number = lock.withLock { failing[call] }
        if let number { throw DiskError(call: "\(call)", path: path, number: number) }
    }

    func sync(_ file: DiskFile) throws(DiskError) {
        lock.withLock {
            heldSyncs += 1
            lock.broadcast()
            while holdsSyncs { lock.wait() }
            heldSyncs -= 1
        }
        try check(.sync, file.path)
        try real.sync(file)
    }

    func write(_ bytes: UnsafeRawBufferPointer, to file: DiskFile, at offset: Int) throws(DiskError) {
        try check(.write, file.path)
        try real.write(bytes, to: file, at: offset)
    }

    func openUnnamed(in folder: String) throws(DiskError) -> DiskFile {
        try check(.openUnnamed, folder)
        return try real.openUnnamed(in: folder)
    }

    func map(_ file: DiskFile, octets: Int) throws(DiskError) -> QueueMemory {
        try check(.map, file.path)
        return try real.map(file, octets: octets)
    }

    func space(at path: String) throws(DiskError) -> DiskSpace {
        guard let freeOctets else { return try real.space(at: path) }
        return DiskSpace(freeOctets: freeOctets, freeFiles: nil)
    }

    func makeFolder(_ path: String) throws(DiskError) { try real.makeFolder(path) }
    func list(_ path: String) throws(DiskError) -> [String] { try real.list(path) }
    func syncFolder(_ path: String) throws(DiskError) { try real.syncFolder(path) }
    func open(_ path: String) throws(DiskError) -> DiskFile { try real.open(path) }
    func openOrCreate(_ path: String) throws(DiskError) -> DiskFile { try real.openOrCreate(path) }
    func link(_ file: DiskFile, to path: String) throws(DiskError) { try real.link(file, to: path) }
    func close(_ file: DiskFile) { real.close(file) }
    func rename(_ from: String, to target: String) throws(DiskError) { try real.rename(from, to: target) }
    func remove(_ path: String) throws(DiskError) { try real.remove(path) }
    func preallocate(_ file: DiskFile, octets: Int) throws(DiskError) {
        try real.preallocate(file, octets: octets)
    }
    func read(_ file: DiskFile, at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DiskError)
        -> Int
    {
        try real.read(file, at: offset, into: buffer)
    }
    func octets(of file: DiskFile) throws(DiskError) -> Int { try real.octets(of: file) }
    func octets(at path: String) throws(DiskError) -> Int { try real.octets(at: path) }
    func lock(_ file: DiskFile, waiting: Bool) throws(DiskError) -> Bool {
        try real.lock(file, waiting: waiting)
    }
    func wallSeconds() -> Int64 { real.wallSeconds() }
    func monotonicMs() -> Int64 { real.monotonicMs() }
    func random() -> UInt64 { real.random() }
}
