// SPDX-License-Identifier: MIT
internal import Synchronization

/// Answers whether another message fits, from a snapshot that the committer renews: no disk call on an event
/// loop.
final class AdmissionDesk: Sendable {
    private let disk: any QueueDisk
    private let layout: QueueLayout
    private let limits: QueueLimits

    private struct Snapshot {
        var space: DiskSpace?
        var spoolOctets = 0
        var stored = StoredUsage()
        /// Why nothing can be committed now.
        var trouble: String? = "the spool is being opened"
        var renewedMs: Int64?
        /// Octets committed since, which the numbers above don't know.
        var spentOctets = 0
        /// Octets handed in and not yet answered.
        var pendingOctets = 0
    }

    private let snapshot = Mutex(Snapshot())

    init(disk: any QueueDisk, layout: QueueLayout, limits: QueueLimits) {
        self.disk = disk
        self.layout = layout
        self.limits = limits
    }

    func admits(octets: Int, holding: Bool) -> QueueAdmission {
        snapshot.withLock { now in
            if let trouble = now.trouble { return .refused(trouble) }
            let coming = now.pendingOctets + octets
            if coming > limits.pendingOctetsMax {
                return .refused("our disk is slow: \(now.pendingOctets) octets wait to be synced")
            }
            if let space = now.space {
                let free = space.freeOctets - now.spentOctets - coming
                if free < limits.reserveOctets {
                    return .refused(
                        "our disk is nearly full: \(space.freeOctets) octets are free, "
                            + "\(limits.reserveOctets) are kept in reserve")
                }
                if let files = space.freeFiles, files < limits.reserveFiles {
                    return .refused("our disk is nearly out of files: \(files) can still be made")
                }
            }
            if now.spoolOctets + now.spentOctets + coming > limits.spoolOctetsMax {
                return .refused(
                    "the spool is at its quota: \(now.spoolOctets) of \(limits.spoolOctetsMax) octets")
            }
            if now.stored.owedOctets > limits.owedOctetsMax {
                return .refused(
                    "waiting mail is at its quota: \(now.stored.owedOctets) of \(limits.owedOctetsMax) octets"
                )
            }
            if holding, now.stored.heldOctets + coming > limits.heldOctetsMax {
                return .refused(
                    "held mail is at its quota: \(now.stored.heldOctets) of \(limits.heldOctetsMax) octets")
            }
            return .admitted
        }
    }

    func handedIn(octets: Int) { snapshot.withLock { $0.pendingOctets += octets } }

    func answered(octets: Int) {
        snapshot.withLock {
            $0.pendingOctets -= octets
            $0.spentOctets += octets
        }
    }

    /// Whether the snapshot is so old that `renew` should be called.
    func isStale() -> Bool {
        let now = disk.monotonicMs()
        return snapshot.withLock { now - ($0.renewedMs ?? .min / 2) >= limits.admissionRenewMs }
    }

    /// Asks the disk. `trouble` is why no segment is open, if so.
    func renew(trouble: String?) {
        var trouble = trouble
        var space: DiskSpace?
        do throws(DiskError) {
            space = try disk.space(at: layout.spool)
        } catch {
            trouble = trouble ?? QueueError(error, while: "its free space was asked").description
        }
        let spool = spoolOctets()
        let stored = StoredUsage.read(layout: layout, disk: disk)
        let (newSpace, newTrouble, now) = (space, trouble, disk.monotonicMs())
        snapshot.withLock {
            $0.space = newSpace
            $0.spoolOctets = spool
            // A usage that is just being written, or not there yet, leaves the last one.
            if let stored { $0.stored = stored }
            $0.trouble = newTrouble
            $0.renewedMs = now
            $0.spentOctets = 0
        }
    }

    /// Octets of all slots' segments and bodies. A file that vanishes meanwhile counts nothing, and so does a
    /// slot that this process may not look into: its own process counts it.
    private func spoolOctets() -> Int {
        var sum = 0
        for slot in (try? disk.list(layout.spool)) ?? [] {
            let folder = layout.slot(slot)
            for name in (try? disk.list(folder)) ?? [] where name.hasSuffix(".seg") {
                sum += (try? disk.octets(at: "\(folder)/\(name)")) ?? 0
            }
            let bodies = layout.bodies(slot)
            for name in (try? disk.list(bodies)) ?? [] {
                sum += (try? disk.octets(at: "\(bodies)/\(name)")) ?? 0
            }
        }
        return sum
    }
}

/// What the keeper publishes of the store, for admission.
struct StoredUsage: Hashable {
    var owedOctets = 0
    var heldOctets = 0

    private static let octets = 20

    /// Nil where there is none or it is just being written.
    static func read(layout: QueueLayout, disk: any QueueDisk) -> StoredUsage? {
        // Not there before the keeper's first start; then nothing is stored.
        guard let file = try? disk.open(layout.usage) else { return nil }
        defer { disk.close(file) }
        let memory = QueueMemory(octets: octets)
        guard let count = try? disk.read(file, at: 0, into: memory.bytes), count == octets else { return nil }
        // Cannot be malformed: the length was checked, and numbers alone are read.
        var bytes = RecordBytes(UnsafeRawBufferPointer(memory.bytes))
        guard let owed = try? bytes.number(UInt64.self), let held = try? bytes.number(UInt64.self),
            let sum = try? bytes.number(UInt32.self),
            sum == Checksum.of(UnsafeRawBufferPointer(rebasing: memory.bytes[..<16]))
        else { return nil }
        return StoredUsage(owedOctets: Int(clamping: owed), heldOctets: Int(clamping: held))
    }

    func write(layout: QueueLayout, disk: any QueueDisk) throws(DiskError) {
        let file = try disk.openOrCreate(layout.usage)
        defer { disk.close(file) }
        var buffer = RecordBuffer(capacity: 32)
        buffer.put(UInt64(clamping: owedOctets))
        buffer.put(UInt64(clamping: heldOctets))
        buffer.put(Checksum.of(buffer.bytes))
        try disk.write(buffer.bytes, to: file, at: 0)
    }
}
