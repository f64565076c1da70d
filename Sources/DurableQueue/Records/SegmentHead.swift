// SPDX-License-Identifier: MIT

/// The first page of a segment or log: what it is, in which format, and what its checksums are seeded with.
///
/// Written twice, in sectors of their own, before the first record and never again; either copy will do.
///
///     0  8 octets magic     12  u32 CRC32C of 16..<64   24  u64 salt     40  u64 made, seconds
///     8  u32 version        16  u64 generation          32  u64 writer   48  u64 octets; 56 zero
struct SegmentHead: Hashable {
    enum Content: UInt64 {
        /// "PSTNSPL\n" and "PSTNLOG\n" as they stand in the file.
        case spool = 0x0A4C_5053_4E54_5350
        case log = 0x0A47_4F4C_4E54_5350

        /// Of a new file's format and of every record's in it.
        var version: UInt32 { self == .spool ? 3 : 1 }
        /// Those that are read; any other is refused. What a record of format 2 lacks, options, its flags say
        /// too.
        var versions: ClosedRange<UInt32> { self == .spool ? 2...3 : 1...1 }
        var versionsText: String {
            versions.count == 1 ? "\(version)" : "\(versions.lowerBound) and \(versions.upperBound)"
        }
    }

    var content: Content
    var generation: UInt64
    /// Random, so that nobody outside can make bytes that pass for a record of this segment.
    var salt: UInt64
    /// The generation of the writer's first segment: names the writer, and its bodies.
    var writer: UInt64
    var madeSeconds: Int64
    var octets: UInt64

    /// Where the first record stands.
    static let pageOctets = 4096
    private static let copies = [0, 2048]
    private static let headOctets = 64

    /// What the checksums of this segment's records go on from.
    var seed: UInt32 {
        var sum = Checksum()
        sum.add(generation)
        sum.add(salt)
        return sum.value
    }

    /// One page.
    func encode(into buffer: inout RecordBuffer) {
        for copy in Self.copies {
            buffer.pad(to: 2048)
            precondition(buffer.count == copy, "an empty buffer was expected")
            buffer.put(content.rawValue)
            buffer.put(content.version)
            buffer.put(UInt32(0))
            buffer.put(generation)
            buffer.put(salt)
            buffer.put(writer)
            buffer.put(madeSeconds)
            buffer.put(octets)
            buffer.put(UInt64(0))
            let summed = UnsafeRawBufferPointer(rebasing: buffer.bytes[(copy + 16)...])
            buffer.set(Checksum.of(summed, seed: content.version), at: copy + 12)
        }
        buffer.pad(to: Self.pageOctets)
    }

    enum Reading: Hashable {
        case head(SegmentHead)
        case unknownVersion(UInt32)
        case damaged
    }

    /// Reads the page at the start of a file. A version is believed only where both copies agree on it: one
    /// flipped bit must not pass for a newer format.
    static func read(_ page: UnsafeRawBufferPointer, content: Content) -> Reading {
        var versions: [UInt32] = []
        for copy in copies {
            guard page.count >= copy + headOctets else { continue }
            var bytes = RecordBytes(UnsafeRawBufferPointer(rebasing: page[copy..<(copy + headOctets)]))
            let summed = UnsafeRawBufferPointer(rebasing: page[(copy + 16)..<(copy + headOctets)])
            // Cannot be malformed: the length was checked, and numbers alone are read.
            guard let magic = try? bytes.number(UInt64.self), let version = try? bytes.number(UInt32.self),
                let sum = try? bytes.number(UInt32.self), let head = try? fields(&bytes, content)
            else { continue }
            guard magic == content.rawValue else { continue }
            if content.versions.contains(version), sum == Checksum.of(summed, seed: version) {
                return .head(head)
            }
            versions.append(version)
        }
        if versions.count == copies.count, let version = versions.first,
            !content.versions.contains(version), versions.allSatisfy({ $0 == version })
        {
            return .unknownVersion(version)
        }
        return .damaged
    }

    private static func fields(
        _ bytes: inout RecordBytes, _ content: Content
    ) throws(RecordBytes.Malformed) -> SegmentHead {
        SegmentHead(
            content: content, generation: try bytes.number(), salt: try bytes.number(),
            writer: try bytes.number(),
            madeSeconds: try bytes.number(), octets: try bytes.number())
    }
}
