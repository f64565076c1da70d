// SPDX-License-Identifier: MIT

/// A multipart's boundary (RFC 2046 §5.1.1), made ready to be compared with many lines: most differ within
/// the first eight octets, and those are compared as one number.
///
/// The octets themselves lie in a store that all open boundaries share, so that comparing counts no
/// references.
struct Boundary {
    /// Where the octets lie in the store.
    let place: Range<Int>
    private let key: UInt64
    private let mask: UInt64

    /// Adds `octets`, which aren't empty, to the end of `store`.
    init(_ octets: [UInt8], in store: inout [UInt8]) {
        place = store.count..<(store.count + octets.count)
        store += octets
        var key: UInt64 = 0
        var mask: UInt64 = 0
        for octet in octets.prefix(8).reversed() {
            key = key << 8 | UInt64(octet)
            mask = mask << 8 | 0xFF
        }
        self.key = key
        self.mask = mask
    }

    /// The first eight octets of a line as `begins` wants them.
    static func key(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> UInt64 {
        if range.lowerBound + 8 <= bytes.count {
            return UInt64(
                littleEndian: bytes.loadUnaligned(fromByteOffset: range.lowerBound, as: UInt64.self))
        }
        var key: UInt64 = 0
        for octet in bytes[range].reversed() { key = key << 8 | UInt64(octet) }
        return key
    }

    /// Whether the octets in `range`, whose key was made before, begin with the boundary.
    func begins(
        _ lineKey: UInt64, in bytes: UnsafeRawBufferPointer, _ range: Range<Int>,
        store: UnsafeRawBufferPointer
    ) -> Bool {
        guard lineKey & mask == key, range.count >= place.count else { return false }
        return place.count <= 8
            || LineReader.areEqual(
                bytes, at: range.lowerBound, store, at: place.lowerBound, octets: place.count)
    }
}
