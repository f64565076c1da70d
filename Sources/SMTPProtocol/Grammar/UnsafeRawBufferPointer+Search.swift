// SPDX-License-Identifier: MIT

internal import Glibc

extension UnsafeRawBufferPointer {
    /// The byte at `offset`, or nil outside the buffer: the subscript is not checked in release builds.
    @inline(__always)
    func byte(at offset: Int) -> UInt8? {
        offset >= 0 && offset < count ? self[offset] : nil
    }

    /// Offset of the first `byte` in `from..<to`, both cut to the buffer; nil where there is none.
    @inline(__always)
    func offset(of byte: UInt8, from: Int, to: Int) -> Int? {
        let to = Swift.min(to, count)
        guard let base = baseAddress, from >= 0, from < to else { return nil }
        guard let found = memchr(base + from, Int32(byte), to - from) else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// The bytes of `range`, cut to the buffer, with offsets from 0.
    @inline(__always)
    func part(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: self[range.clamped(to: 0..<count)])
    }
}
