// SPDX-License-Identifier: MIT

/// Gives generations, each once for all slots and for ever.
///
/// A generation is above the last one given, which a synced file remembers, and above the clock's seconds
/// times 2^20. The file guards against a clock that went back; the clock against a file that was lost.
struct GenerationCounter {
    let disk: any QueueDisk
    let layout: QueueLayout

    private static let clockShift: UInt64 = 20

    /// When this returns, no later call gives the same number, power cut or not.
    func next() throws(DiskError) -> UInt64 {
        let file = try disk.openOrCreate(layout.generation)
        defer { disk.close(file) }
        _ = try disk.lock(file, waiting: true)
        let last = try read(file)
        let clock = UInt64(clamping: disk.wallSeconds()) << Self.clockShift
        let next = max((last ?? 0) &+ 1, clock)
        var buffer = RecordBuffer(capacity: 16)
        buffer.put(next)
        buffer.put(Checksum.of(buffer.bytes))
        try disk.write(buffer.bytes, to: file, at: 0)
        try disk.sync(file)
        // The file may be new; its name must be there too.
        if last == nil { try disk.syncFolder(layout.spool) }
        return next
    }

    /// Nil where the file is new or damaged.
    private func read(_ file: DiskFile) throws(DiskError) -> UInt64? {
        let memory = QueueMemory(octets: 12)
        guard try disk.read(file, at: 0, into: memory.bytes) == 12 else { return nil }
        let number = UnsafeRawBufferPointer(rebasing: memory.bytes[..<8])
        let sum = UInt32(littleEndian: memory.bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self))
        guard sum == Checksum.of(number) else { return nil }
        return UInt64(littleEndian: number.loadUnaligned(as: UInt64.self))
    }
}
