// SPDX-License-Identifier: MIT

/// Takes fields off the front of a payload; what is missing is an error, never a trap.
struct ScanFieldReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func readUInt8() throws(ScanWireError) -> UInt8 { UInt8(try readNumber(octets: 1)) }
    mutating func readUInt16() throws(ScanWireError) -> UInt16 { UInt16(try readNumber(octets: 2)) }
    mutating func readUInt32() throws(ScanWireError) -> UInt32 { UInt32(try readNumber(octets: 4)) }
    mutating func readUInt64() throws(ScanWireError) -> UInt64 { try readNumber(octets: 8) }

    /// A length in 16 bits, then that many octets; what isn't printable ASCII is shown as `?`, because the
    /// text goes into logs and headers.
    mutating func readText(octetsMax: Int) throws(ScanWireError) -> String {
        let count = Int(try readUInt16())
        guard count <= octetsMax else { throw .badField("text length") }
        guard rest.count >= count else { throw .cut }
        let text = rest.prefix(count).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }
        rest = rest.dropFirst(count)
        return String(decoding: text, as: UTF8.self)
    }

    func expectEnd() throws(ScanWireError) {
        guard rest.isEmpty else { throw .trailing(octets: rest.count) }
    }

    private mutating func readNumber(octets: Int) throws(ScanWireError) -> UInt64 {
        guard rest.count >= octets else { throw .cut }
        let value = rest.prefix(octets).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        rest = rest.dropFirst(octets)
        return value
    }
}
