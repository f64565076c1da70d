// SPDX-License-Identifier: MIT

/// What stands before each record of a segment or log: where it belongs, how long it is, and two checksums.
///
/// The head has a checksum of its own, so that a flipped bit in a payload costs that record and not those
/// after it: its length can still be believed. Both are seeded with the segment's generation and salt, and
/// the head names generation and offset, so that bytes of another segment, or of a message's body, are never
/// taken for a record.
///
///     0  u32 magic "PREC"    8  u64 generation    24  u32 payload octets    32  u32 payload's CRC32C
///     4  u32 head's CRC32C  16  u64 offset        28  u16 kind, u16 zero    36  u32 zero
struct RecordHead: Hashable {
    enum Kind: UInt16 {
        case commit = 1
        /// Nothing from here on counts: the write or sync failed, and nobody was promised anything.
        case abandoned = 2
        /// An entry's state, in the keeper's log.
        case entryState = 3
    }

    var id: MessageID
    var payloadOctets: Int
    /// Raw, so that a kind of a newer version is seen as such.
    var kind: UInt16
    var payloadChecksum: UInt32

    static let octets = 40
    static let magic: UInt32 = 0x4345_5250
    /// Records start at multiples of this.
    static let alignment = 8
    /// No record is longer; a length beyond it is damage whatever its checksum says.
    static let payloadOctetsMax = 64 << 20

    /// Octets that the record takes up, padding included.
    var recordOctets: Int { Self.recordOctets(payload: payloadOctets) }

    static func recordOctets(payload: Int) -> Int {
        (octets + payload + alignment - 1) / alignment * alignment
    }

    /// Puts a head whose lengths and sums `finish` fills in; returns where it stands in the buffer.
    static func begin(_ kind: Kind, in buffer: inout RecordBuffer) -> Int {
        let start = buffer.count
        buffer.put(magic)
        buffer.put(UInt32(0))
        buffer.put(UInt64(0))
        buffer.put(UInt64(0))
        buffer.put(UInt32(0))
        buffer.put(kind.rawValue)
        buffer.put(UInt16(0))
        buffer.put(UInt32(0))
        buffer.put(UInt32(0))
        return start
    }

    /// Ends the record that `begin` began at `start` and pads it.
    static func finish(at start: Int, as id: MessageID, seed: UInt32, in buffer: inout RecordBuffer) {
        let payload = UnsafeRawBufferPointer(rebasing: buffer.bytes[(start + octets)...])
        let sum = Checksum.of(payload, seed: seed)
        buffer.set(id.generation, at: start + 8)
        buffer.set(id.offset, at: start + 16)
        buffer.set(UInt32(clamping: payload.count), at: start + 24)
        buffer.set(sum, at: start + 32)
        let head = UnsafeRawBufferPointer(rebasing: buffer.bytes[(start + 8)..<(start + octets)])
        buffer.set(Checksum.of(head, seed: seed), at: start + 4)
        buffer.pad(to: alignment)
    }

    /// The head at the start of `bytes`, or nil where none stands that belongs to `id`.
    static func read(_ bytes: UnsafeRawBufferPointer, expecting id: MessageID, seed: UInt32) -> RecordHead? {
        guard bytes.count >= octets,
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self)) == magic
        else { return nil }
        let sum = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
        let summed = UnsafeRawBufferPointer(rebasing: bytes[8..<octets])
        let generation = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        let offset = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        guard generation == id.generation, offset == id.offset, sum == Checksum.of(summed, seed: seed) else {
            return nil
        }
        let length = Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt32.self)))
        guard length <= payloadOctetsMax else { return nil }
        return RecordHead(
            id: id, payloadOctets: length,
            kind: UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 28, as: UInt16.self)),
            payloadChecksum: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 32, as: UInt32.self)))
    }
}
