// SPDX-License-Identifier: MIT
internal import CLibcrypto

/// SHA-256 of bytes that come in pieces. A value: a copy goes on by itself.
///
/// The plain `SHA256_*` functions are used and not the `EVP` ones: those allocate and may fail, and a digest
/// that may be missing would have to be answered for at each place that names a ruleset or a message by it.
/// These compute in place and return nothing but success.
package struct RunningDigest: Sendable {
    private var context = SHA256_CTX()

    package init() {
        SHA256_Init(&context)
    }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        SHA256_Update(&context, base, bytes.count)
    }

    package mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything so far, `Digest.octets` long. More may be added afterwards: the value isn't
    /// used up.
    package func finish() -> [UInt8] {
        var last = context
        var digest = [UInt8](repeating: 0, count: Digest.octets)
        SHA256_Final(&digest, &last)
        return digest
    }
}
