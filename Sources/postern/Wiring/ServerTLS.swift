// SPDX-License-Identifier: MIT

import Configuration
import Cryptography
import Glibc
import NIOSSL

/// The certificate that inbound shows: the configured one, or one of our own, made at the first start.
enum ServerTLS {
    static let certificate = "tls/own-certificate.pem"
    static let key = "tls/own-key.pem"
    /// Days that our own certificate is valid. Senders don't check it; one that expires in the night helps
    /// nobody.
    static let ownDays = 3_650

    static func context(_ settings: ServiceSettings) throws -> NIOSSLContext {
        let files = settings.tls ?? ServiceSettings.TLSFiles(certificate: certificate, key: key)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMFile(files.certificate).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(file: files.key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }

    /// Makes our own certificate if there is none yet. The key is readable by its owner alone from its first
    /// byte on.
    static func makeOwn(hostname: String, stateFolder: String, owner: (user: UInt32, group: UInt32)?) throws {
        let keyPath = "\(stateFolder)/\(key)"
        let certificatePath = "\(stateFolder)/\(certificate)"
        if access(keyPath, F_OK) == 0, access(certificatePath, F_OK) == 0 { return }
        let made = try Certificate.makeSelfSigned(hostname: hostname, days: ownDays)
        try write(made.keyPEM, to: keyPath, mode: 0o600, owner: owner)
        try write(made.certificatePEM, to: certificatePath, mode: 0o644, owner: owner)
    }

    private static func write(
        _ bytes: [UInt8], to path: String, mode: mode_t, owner: (user: UInt32, group: UInt32)?
    ) throws {
        let fresh = path + ".new"
        unlink(fresh)
        let file = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
        guard file >= 0 else { throw StateFolderError(path: fresh, reason: String(cString: strerror(errno))) }
        defer { close(file) }
        let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        if let owner { fchown(file, owner.user, owner.group) }
        guard count == bytes.count, fsync(file) == 0, rename(fresh, path) == 0 else {
            throw StateFolderError(path: path, reason: String(cString: strerror(errno)))
        }
    }
}
