// SPDX-License-Identifier: MIT

/// Appends fields to a payload as `ScanFieldReader` takes them off.
struct ScanFieldWriter {
    var bytes: [UInt8] = []

    mutating func write(_ value: some FixedWidthInteger & UnsignedInteger) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    /// Cut at `octetsMax`: a name is for people, and a long one must not cost the verdict.
    mutating func write(text: String, octetsMax: Int) {
        let octets = text.utf8.prefix(octetsMax)
        write(UInt16(octets.count))
        bytes += octets
    }
}
