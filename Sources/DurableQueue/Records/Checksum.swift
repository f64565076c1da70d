// SPDX-License-Identifier: MIT
internal import CPostern

/// CRC32C (Castagnoli, RFC 3720 appendix B.4), which finds bit flips and torn writes; it is no proof against
/// a forger.
package struct Checksum: Hashable, Sendable {
    package private(set) var value: UInt32

    /// Goes on from `value`: a seed, or the sum of what came before.
    package init(_ value: UInt32 = 0) { self.value = value }

    package mutating func add(_ bytes: UnsafeRawBufferPointer) {
        value = postern_crc32c(value, bytes.baseAddress, bytes.count)
    }

    mutating func add(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { add($0) }
    }

    static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        postern_crc32c(seed, bytes.baseAddress, bytes.count)
    }
}
