// SPDX-License-Identifier: MIT

internal import Glibc

/// The two searches that the C library does many octets at a time. They read memory and know nothing else.
enum OctetSearch {
    /// Where `octet` stands first in `range`; nil where it doesn't.
    static func first(
        _ octet: UInt8, in bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>
    ) -> Int? {
        let range = range.clamped(to: 0..<bytes.count)
        guard let base = bytes.baseAddress, !range.isEmpty,
            let found = memchr(base + range.lowerBound, Int32(octet), range.count)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Whether `wanted` stands at `offset`; what would reach beyond the end doesn't.
    static func stands(
        _ wanted: UnsafeBufferPointer<UInt8>, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        guard offset >= 0, wanted.count <= bytes.count - offset, let base = bytes.baseAddress,
            let sought = wanted.baseAddress
        else { return false }
        return memcmp(base + offset, sought, wanted.count) == 0
    }
}

extension [UInt8] {
    /// Where `octet` stands first at or behind `start`; the end where it doesn't.
    func firstOffset(of octet: UInt8, from start: Int) -> Int {
        guard start < count else { return count }
        return withUnsafeBufferPointer { OctetSearch.first(octet, in: $0, start..<$0.count) ?? $0.count }
    }
}
