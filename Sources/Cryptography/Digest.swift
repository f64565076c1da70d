// SPDX-License-Identifier: MIT
internal import CLibcrypto

/// SHA-256 (FIPS 180-4) of bytes that are at hand as a whole. For bytes that come in pieces: `RunningDigest`.
package enum Digest {
    /// Octets of a SHA-256 value.
    package static let octets = 32

    /// Always `octets` long; the digest of nothing is a digest too.
    package static func sha256(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var running = RunningDigest()
        running.update(bytes)
        return running.finish()
    }

    package static func sha256(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { sha256($0) }
    }

    /// 64 lower-case hexadecimal digits.
    package static func sha256Hex(_ bytes: UnsafeRawBufferPointer) -> String {
        hexadecimal(sha256(bytes))
    }

    package static func sha256Hex(_ bytes: [UInt8]) -> String {
        hexadecimal(sha256(bytes))
    }

    /// Two lower-case digits for each octet.
    package static func hexadecimal(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0xF)])
        }
        return String(decoding: text, as: UTF8.self)
    }
}
