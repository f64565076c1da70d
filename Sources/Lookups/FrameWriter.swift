// SPDX-License-Identifier: MIT

/// Octets of a frame's payload, piece by piece: numbers in network order, texts with their length before
/// them.
struct FrameWriter {
    private(set) var octets: [UInt8] = []

    mutating func octet(_ value: UInt8) { octets.append(value) }

    mutating func short(_ value: UInt16) { octets += [UInt8(value >> 8), UInt8(value & 0xFF)] }

    mutating func word(_ value: UInt32) {
        for shift in stride(from: 24, through: 0, by: -8) {
            octets.append(UInt8(value >> UInt32(shift) & 0xFF))
        }
    }

    mutating func number(_ value: Int64) {
        word(UInt32(UInt64(bitPattern: value) >> 32))
        word(UInt32(UInt64(bitPattern: value) & 0xFFFF_FFFF))
    }

    mutating func flag(_ value: Bool) { octets.append(value ? 1 : 0) }

    mutating func bytes(_ value: [UInt8]) {
        word(UInt32(clamping: value.count))
        octets += value
    }

    mutating func text(_ value: String) { bytes(Array(value.utf8)) }

    mutating func texts(_ values: [String]) {
        word(UInt32(clamping: values.count))
        for value in values { text(value) }
    }

    /// A value that may be missing: whether it is there, then the value.
    mutating func optional<Value>(_ value: Value?, _ write: (inout FrameWriter, Value) -> Void) {
        flag(value != nil)
        if let value { write(&self, value) }
    }
}
