// SPDX-License-Identifier: MIT
import Cryptography
import Foundation
import Testing

@Suite("FIPS 180-4: SHA-256")
struct DigestTests {
    @Test(
        "the standard's examples",
        arguments: [
            ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
            ),
        ])
    func vectors(text: String, digest: String) {
        #expect(Digest.sha256Hex(Array(text.utf8)) == digest)
        #expect(Array(text.utf8).withUnsafeBytes { Digest.sha256Hex($0) } == digest)
        #expect(Digest.sha256(Array(text.utf8)).count == Digest.octets)
    }

    @Test("a million times \"a\", in pieces of every small size, is the standard's example too")
    func pieces() {
        let expected = "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        for size in [1, 63, 64, 65, 4_096] {
            var digest = RunningDigest()
            var left = 1_000_000
            while left > 0 {
                digest.update([UInt8](repeating: UInt8(ascii: "a"), count: min(size, left)))
                left -= size
            }
            #expect(Digest.hexadecimal(digest.finish()) == expected)
        }
    }

    @Test("a copy goes on by itself, and finishing uses nothing up")
    func copies() {
        var one = RunningDigest()
        one.update(Array("ab".utf8))
        var other = one
        other.update(Array("x".utf8))
        _ = one.finish()
        one.update(Array("c".utf8))
        #expect(one.finish() == Digest.sha256(Array("abc".utf8)))
        #expect(other.finish() == Digest.sha256(Array("abx".utf8)))
    }
}

@Suite("Random bytes")
struct SecureRandomTests {
    @Test("there are as many as asked for, and never the same")
    func counts() {
        for count in [-1, 0, 1, 7, 8, 9, 1_000] { #expect(SecureRandom.bytes(count).count == max(0, count)) }
        #expect(SecureRandom.bytes(16) != SecureRandom.bytes(16))
    }
}

@Suite("A certificate of our own")
struct CertificateTests {
    /// What `openssl` says on standard output; nil if it fails.
    private func openssl(_ arguments: [String]) throws -> String? {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/openssl")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
    }

    @Test("openssl reads it: the names, the curve, the days, and a key that fits")
    func openssl() throws {
        let folder = try TemporaryFolder()
        let made = try Certificate.makeSelfSigned(hostname: "gate.example.net", days: 30)
        let certificate = try folder.write(String(decoding: made.certificatePEM, as: UTF8.self), to: "c.pem")
        let key = try folder.write(String(decoding: made.keyPEM, as: UTF8.self), to: "k.pem")

        let text = try #require(try openssl(["x509", "-in", certificate, "-noout", "-text"]))
        #expect(text.contains("Subject: CN = gate.example.net"))
        #expect(text.contains("Issuer: CN = gate.example.net"))
        #expect(text.contains("DNS:gate.example.net"))
        #expect(text.contains("NIST CURVE: P-256"))
        #expect(text.contains("CA:FALSE"))
        #expect(text.contains("TLS Web Server Authentication"))
        let publicKeys = [
            try openssl(["x509", "-in", certificate, "-noout", "-pubkey"]),
            try openssl(["pkey", "-in", key, "-pubout"]),
        ]
        #expect(publicKeys[0] != nil && publicKeys[0] == publicKeys[1])
        #expect(
            try openssl([
                "verify", "-CAfile", certificate, "-verify_hostname", "gate.example.net", certificate,
            ]) != nil)
        let day = 86_400
        #expect(try openssl(["x509", "-in", certificate, "-noout", "-checkend", "\(29 * day)"]) != nil)
        #expect(try openssl(["x509", "-in", certificate, "-noout", "-checkend", "\(31 * day)"]) == nil)
    }

    @Test("no two have the same key or serial number")
    func unique() throws {
        let one = try Certificate.makeSelfSigned(hostname: "gate.example.net", days: 1)
        let other = try Certificate.makeSelfSigned(hostname: "gate.example.net", days: 1)
        #expect(one.keyPEM != other.keyPEM)
        #expect(one.certificatePEM != other.certificatePEM)
        #expect(one.keyPEM.starts(with: "-----BEGIN PRIVATE KEY-----\n".utf8))
    }

    @Test("a host name longer than a common name may be stands in the alternative name alone")
    func longName() throws {
        let name = Array(repeating: "abcdefghij", count: 8).joined(separator: ".")
        let folder = try TemporaryFolder()
        let made = try Certificate.makeSelfSigned(hostname: name, days: 1)
        let path = try folder.write(String(decoding: made.certificatePEM, as: UTF8.self), to: "c.pem")
        let text = try #require(try openssl(["x509", "-in", path, "-noout", "-text"]))
        #expect(text.contains("DNS:\(name)"))
        #expect(!text.contains("CN = "))
    }

    @Test(
        "a name that could smuggle in another is refused, and days without sense",
        arguments: [
            ("gate.example.net,DNS:bank.example", 30), ("", 30), ("a..b", 30), ("a b", 30), ("höst", 30),
            ("gate", 0),
            ("gate", 3_651),
        ])
    func refused(hostname: String, days: Int) {
        #expect(throws: CryptographyError.self) {
            try Certificate.makeSelfSigned(hostname: hostname, days: days)
        }
    }
}
