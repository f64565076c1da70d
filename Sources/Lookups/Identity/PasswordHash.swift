// SPDX-License-Identifier: MIT

internal import CCrypt
internal import Glibc

/// Hashes of crypt(5), by libcrypt: yescrypt, sha512crypt and the others that it knows.
enum PasswordHash {
    /// `sizeof(struct crypt_data)`, of which crypt.h promises that it stays.
    private static let scratchOctets = 32_768

    /// A hash that no secret has: hashed against where there is no identity at all to take one from.
    static let nobody = "$6$nobody$" + String(repeating: ".", count: 86)

    /// Whether `hash` was made of `secret`. The hash is one that libcrypt takes for new secrets, or an old
    /// one; a locked one (`!`, `*`) matches nothing.
    static func matches(_ secret: [UInt8], _ hash: String) -> Bool {
        // A C string ends at a NUL: the rest of the secret would count for nothing.
        guard !secret.isEmpty, !secret.contains(0) else { return false }
        var phrase = secret.map { CChar(bitPattern: $0) } + [0]
        var scratch = [UInt8](repeating: 0, count: scratchOctets)
        defer {
            explicit_bzero(&phrase, phrase.count)
            explicit_bzero(&scratch, scratch.count)
        }
        return scratch.withUnsafeMutableBytes { scratch in
            guard let made = crypt_rn(phrase, hash, scratch.baseAddress, Int32(scratch.count)) else {
                return false
            }
            return isEqual(UnsafeBufferPointer(start: made, count: strlen(made)), hash)
        }
    }

    /// Whether libcrypt can work with it at all: a typing error in a file matches nothing, and should be
    /// heard of.
    static func isUsable(_ hash: String) -> Bool { crypt_checksalt(hash) != CRYPT_SALT_INVALID }

    /// Every octet is looked at, whatever the first difference: the time tells nothing of where it is.
    private static func isEqual(_ made: UnsafeBufferPointer<CChar>, _ hash: String) -> Bool {
        let expected = Array(hash.utf8)
        guard made.count == expected.count else { return false }
        var difference: UInt8 = 0
        for (one, other) in zip(made, expected) { difference |= UInt8(bitPattern: one) ^ other }
        return difference == 0
    }
}
