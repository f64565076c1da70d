// SPDX-License-Identifier: MIT

/// Random bytes that nobody can guess, from the kernel's generator (getrandom).
///
/// The kernel is asked and not libcrypto: its generator can't fail after boot, holds no state that a fork
/// would double, and is there before any library is.
package enum SecureRandom {
    /// `count` octets; none for a count below 1.
    package static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(max(0, count))
        while bytes.count < count {
            var word = generator.next()
            for _ in 0..<min(8, count - bytes.count) {
                bytes.append(UInt8(truncatingIfNeeded: word))
                word >>= 8
            }
        }
        return bytes
    }
}
