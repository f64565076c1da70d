// SPDX-License-Identifier: MIT

internal import Glibc
internal import Mail

/// A file of identities: `identity:hash[:address]` lines, `#` before a comment. Read anew when it changes.
///
/// A file that can't be read, or with a line that makes no sense, is no source of identities: nobody is
/// verified by half of one.
final class PasswordFile {
    struct Identity: Equatable {
        let hash: String
        let address: Address
    }

    private struct Version: Equatable {
        var inode: UInt64
        var octets: Int
        var seconds: Int
        var nanoseconds: Int
    }

    private let path: String
    private var version: Version?
    private(set) var identities: [String: Identity] = [:]

    init(path: String) { self.path = path }

    /// Throws `LookupError` with the line that is wrong.
    func refresh() throws(LookupError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw LookupError("\(path): \(Self.reason())") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw LookupError("\(path): \(Self.reason())") }
        let now = Version(
            inode: UInt64(status.st_ino), octets: Int(status.st_size), seconds: Int(status.st_mtim.tv_sec),
            nanoseconds: Int(status.st_mtim.tv_nsec))
        guard now != version else { return }
        version = nil
        identities = [:]
        let found = try Self.parse(try Self.contents(descriptor, path), path: path)
        identities = found
        version = now
    }

    static func parse(_ octets: [UInt8], path: String) throws(LookupError) -> [String: Identity] {
        var identities: [String: Identity] = [:]
        let lines = octets.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard lines.count <= IdentityLimits.linesMax else {
            throw LookupError("\(path): more than \(IdentityLimits.linesMax) lines")
        }
        for (index, line) in lines.enumerated() {
            let line = line.last == 0x0D ? line.dropLast() : line
            guard let first = line.first, first != UInt8(ascii: "#") else { continue }
            let parts = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
                .map { String(decoding: $0, as: UTF8.self) }
            guard parts.count == 2 || parts.count == 3, !parts[0].isEmpty,
                parts[0].utf8.count <= IdentityLimits.identityOctetsMax,
                (1...IdentityLimits.hashOctetsMax).contains(parts[1].utf8.count)
            else {
                throw LookupError("\(path): line \(index + 1) is not identity:hash or identity:hash:address")
            }
            guard let address = Address(parts.count == 3 ? parts[2] : parts[0]) else {
                throw LookupError(
                    "\(path): line \(index + 1): the identity is no mail address, so write one behind the hash"
                )
            }
            guard identities[parts[0]] == nil else {
                throw LookupError("\(path): line \(index + 1): \(parts[0]) stands there twice")
            }
            identities[parts[0]] = Identity(hash: parts[1], address: address)
        }
        return identities
    }

    private static func contents(_ descriptor: Int32, _ path: String) throws(LookupError) -> [UInt8] {
        var octets: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
            guard count >= 0 else { throw LookupError("\(path): \(reason())") }
            guard count > 0 else { return octets }
            octets += chunk[..<count]
            guard octets.count <= IdentityLimits.fileOctetsMax else {
                throw LookupError("\(path): more than \(IdentityLimits.fileOctetsMax) octets")
            }
        }
    }

    private static func reason() -> String { String(cString: strerror(errno)) }
}
