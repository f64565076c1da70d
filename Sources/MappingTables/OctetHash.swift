// SPDX-License-Identifier: MIT

/// A running hash of octets: the same in every process, as everything about an evaluation is.
///
/// Nothing is decided by it alone: whoever finds a slot by it compares octets or lets the matcher compare.
/// Who could choose octets that collide gains nothing either: what is stored came from the operator, and a
/// probe can at worst meet one slot that it is then compared with.
struct OctetHash: Sendable {
    private var state: UInt64

    /// `seed` sets the kinds of keys in one table apart.
    @inline(__always)
    init(seed: UInt64 = 0) { state = 0xCBF2_9CE4_8422_2325 ^ (seed &* 0x9E37_79B9_7F4A_7C15) }

    @inline(__always)
    mutating func add(_ octet: UInt8) { state = (state ^ UInt64(octet)) &* 0x0000_0100_0000_01B3 }

    @inline(__always)
    mutating func add(_ word: UInt64) {
        state = (state ^ word) &* 0x9FB2_1C65_1E98_DF25
        state ^= state >> 29
    }

    /// Every octet that was added shows in every bit.
    @inline(__always)
    var value: UInt64 {
        var value = state
        value = (value ^ (value >> 32)) &* 0xD6E8_FEB8_6659_FD93
        return value ^ (value >> 29)
    }
}
