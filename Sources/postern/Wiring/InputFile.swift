// SPDX-License-Identifier: MIT

import Glibc

/// Files that a command line names.
enum InputFile {
    /// Octets of a message: far above what any server takes, so that only a mistake meets it.
    static let messageOctetsMax = 512 << 20
    /// Octets of a rules, zone or script file. As much as a mapping file may have.
    static let textOctetsMax = 64 << 20

    /// The whole file; pipes and devices are read to their end. What can't be read is bad usage.
    static func read(_ path: String, octetsMax: Int) throws(CommandFailure) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw unreadable(path, errno) }
        defer { close(descriptor) }
        var status = stat()
        let expected = fstat(descriptor, &status) == 0 ? Int(clamping: status.st_size) : 0
        // Not after half a gigabyte was read.
        guard expected <= octetsMax else { throw tooLarge(path, octetsMax) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(max(0, expected))
        var chunk = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw unreadable(path, errno) }
            guard count > 0 else { return bytes }
            bytes += chunk[..<count]
            guard bytes.count <= octetsMax else { throw tooLarge(path, octetsMax) }
        }
    }

    private static func tooLarge(_ path: String, _ octetsMax: Int) -> CommandFailure {
        .badUsage("\(path): it has more than \(octetsMax) octets, which is all that is read")
    }

    private static func unreadable(_ path: String, _ code: Int32) -> CommandFailure {
        .badUsage("\(path): can't be read: \(String(cString: strerror(code)))")
    }

    /// `name` in `folder`.
    static func join(_ folder: String, _ name: String) -> String {
        folder == "." ? name : folder.utf8.last == UInt8(ascii: "/") ? folder + name : "\(folder)/\(name)"
    }

    /// `path` from the root on, with the working folder before a relative one.
    static func absolute(_ path: String) throws(CommandFailure) -> String {
        if path.utf8.first == UInt8(ascii: "/") { return path }
        guard let working = getcwd(nil, 0) else {
            throw .badUsage("the working folder is gone: \(String(cString: strerror(errno)))")
        }
        defer { free(working) }
        return path == "." ? String(cString: working) : join(String(cString: working), path)
    }

    /// A path's folder and last component.
    static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        let folder = String(path[..<slash])
        return (folder.isEmpty ? "/" : folder, String(path[path.utf8.index(after: slash)...]))
    }
}
