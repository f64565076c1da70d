// SPDX-License-Identifier: MIT
internal import Mail

/// Bytes being decoded. They come from a disk, so nothing in them is believed: every count is checked against
/// what is left before anything is taken.
struct RecordBytes {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    /// What is wrong with them.
    struct Malformed: Error, Hashable {
        let what: String
    }

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var left: Int { bytes.count - position }

    mutating func number<Number: FixedWidthInteger>(_: Number.Type = Number.self) throws(Malformed) -> Number
    {
        let octets = Number.bitWidth / 8
        guard left >= octets else { throw Malformed(what: "it ends inside a number") }
        let value = bytes.loadUnaligned(fromByteOffset: position, as: Number.self)
        position += octets
        return Number(littleEndian: value)
    }

    /// A number that says how many of something follow, each at least `octetsEach` long.
    mutating func count(octetsEach: Int) throws(Malformed) -> Int {
        let value = Int(try number(UInt32.self))
        guard value <= left / max(octetsEach, 1) else {
            throw Malformed(what: "a count exceeds what follows")
        }
        return value
    }

    mutating func range() throws(Malformed) -> Range<Int> {
        let octets = try count(octetsEach: 1)
        let start = position
        position += octets
        return start..<position
    }

    mutating func counted() throws(Malformed) -> UnsafeRawBufferPointer {
        let range = try range()
        return UnsafeRawBufferPointer(rebasing: bytes[range])
    }

    mutating func text() throws(Malformed) -> String {
        String(decoding: try counted(), as: UTF8.self)
    }

    mutating func address() throws(Malformed) -> Address {
        Address(localPart: try text(), domain: try text())
    }

    mutating func skipAddress() throws(Malformed) {
        _ = try range()
        _ = try range()
    }
}
