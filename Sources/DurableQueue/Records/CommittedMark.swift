// SPDX-License-Identifier: MIT

/// How far a segment is committed, published by its writer in a small file beside it.
///
/// Written after the sync and before any 250 of the batch; read by the keeper. Never synced: it matters only
/// while the machine that wrote it runs. Afterwards the segment's lock is free, and the keeper reads to the
/// end. Each number is followed by its complement, so that a reader can tell a number that is just being
/// written.
struct CommittedMark: Hashable {
    /// Everything below is committed.
    var committed: Int
    /// Nothing from here on was acknowledged or ever will be: a write or sync failed.
    var abandoned: Int?

    static let octets = 32

    static func write(
        committed: Int, abandoned: Int?, to file: DiskFile, on disk: any QueueDisk
    ) throws(DiskError) {
        let numbers = (
            UInt64(committed).littleEndian, (~UInt64(committed)).littleEndian,
            UInt64(abandoned ?? 0).littleEndian, (~UInt64(abandoned ?? 0)).littleEndian
        )
        let result: Result<Void, DiskError> = withUnsafeBytes(of: numbers) { bytes in
            do throws(DiskError) {
                try disk.write(bytes, to: file, at: 0)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try result.get()
    }

    /// Nil where there is none, or it is just being written; look again later.
    static func read(_ file: DiskFile, on disk: any QueueDisk) throws(DiskError) -> CommittedMark? {
        let memory = QueueMemory(octets: octets)
        guard try disk.read(file, at: 0, into: memory.bytes) == octets else { return nil }
        let numbers = (0..<4).map { index in
            UInt64(littleEndian: memory.bytes.loadUnaligned(fromByteOffset: index * 8, as: UInt64.self))
        }
        guard numbers[0] == ~numbers[1], numbers[2] == ~numbers[3], let committed = Int(exactly: numbers[0]),
            let abandoned = Int(exactly: numbers[2])
        else { return nil }
        return CommittedMark(committed: committed, abandoned: abandoned == 0 ? nil : abandoned)
    }
}
