// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import Glibc
internal import Mail

/// The folder below which rules have copies kept of what leaves the queue.
///
/// A rule makes the path, and what it makes it of may come from outside (a recipient's name, say). So every
/// part of it is looked at, each folder on the way is opened from the one above and never through a link, and
/// nothing is written over.
struct CopyFolder {
    /// Parts of one path, at most: folders by year, month, day, channel and the like.
    static let partsMax = 16
    /// Octets of one part, at most: what file systems take, with room for an entry's id.
    static let partOctetsMax = 200

    let root: String
    /// Free octets below which nothing is kept.
    let reserveOctets: Int

    /// The parts of `path` below the folder, or what is wrong with it. A path that begins with the folder's
    /// own is taken for one below it.
    func parts(of path: String) -> Result<[String], OutboundError> {
        var rest = Array(path.utf8)[...]
        let own = Array((root + "/").utf8)
        if rest.starts(with: own) { rest = rest.dropFirst(own.count) }
        let parts = rest.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        func wrong(_ what: String) -> Result<[String], OutboundError> {
            .failure(
                OutboundError(code: .disk, message: "the path that a rule gave \(what); correct the rule"))
        }
        guard parts.count <= Self.partsMax else { return wrong("has more than \(Self.partsMax) parts") }
        for part in parts {
            guard !part.isEmpty else { return wrong("has an empty part, or leads out of \(root)") }
            guard part.count <= Self.partOctetsMax else {
                return wrong("has a part of more than \(Self.partOctetsMax) octets")
            }
            guard part.first != UInt8(ascii: ".") else {
                return wrong("has a part that begins with a dot, which may lead out of \(root)")
            }
            guard part.allSatisfy({ (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "\\") }) else {
                return wrong("has characters that are no printable ASCII, or a backslash")
            }
        }
        return .success(parts.map { String(decoding: $0, as: UTF8.self) })
    }

    /// Writes `content` as a mail file with its envelope on top; returns where it is, below the folder. Where
    /// the name is taken the entry's id is put behind it; where that is too, it was kept before.
    func keep(_ content: QueuedContent, at path: String) throws(OutboundError) -> String {
        let parts = try parts(of: path).get()
        guard let name = parts.last else { return path }
        var folder = open(root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw .system(.disk, root, help: "make the folder, writable for us") }
        defer { close(folder) }
        try checkRoom(folder)
        for part in parts.dropLast() {
            guard mkdirat(folder, part, 0o750) == 0 || errno == EEXIST else { throw failure(path) }
            let next = openat(folder, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
            guard next >= 0 else { throw failure(path) }
            close(folder)
            folder = next
        }
        let temporary = ".\(content.item.id).part"
        unlinkat(folder, temporary, 0)
        let file = openat(folder, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o640)
        guard file >= 0 else { throw failure(path) }
        defer {
            close(file)
            unlinkat(folder, temporary, 0)
        }
        guard write(content, to: file) else { throw failure(path) }
        for candidate in [name, "\(name).\(content.item.id)"] {
            if linkat(folder, temporary, folder, candidate, 0) == 0 {
                return (parts.dropLast() + [candidate]).joined(separator: "/")
            }
            guard errno == EEXIST else { throw failure(path) }
        }
        return (parts.dropLast() + ["\(name).\(content.item.id)"]).joined(separator: "/")
    }

    private func checkRoom(_ folder: Int32) throws(OutboundError) {
        var status = statvfs()
        guard fstatvfs(folder, &status) == 0 else { return }
        let free = UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize))
        guard free.overflow || free.partialValue >= UInt64(max(0, reserveOctets)) else {
            throw OutboundError(
                code: .disk,
                message:
                    "\(free.partialValue) octets are free below \(root), \(reserveOctets) are reserved for "
                    + "mail; make room")
        }
    }

    /// False leaves the reason in `errno`.
    private func write(_ content: QueuedContent, to file: Int32) -> Bool {
        var top = "Return-Path: <\(content.envelope.sender?.description ?? "")>\r\n"
        for recipient in content.envelope.recipients { top += "Delivered-To: \(recipient)\r\n" }
        guard writeAll(Array(top.utf8), to: file) else { return false }
        return content.edition.pieces.allSatisfy { piece in
            switch piece {
            case .inserted(let bytes): return writeAll(bytes, to: file)
            case .original(let range):
                return content.body.withBytes { all in
                    let part = all[range.clamped(to: 0..<all.count)]
                    return writeAll(UnsafeRawBufferPointer(rebasing: part), to: file)
                }
            }
        }
    }

    private func writeAll(_ bytes: [UInt8], to file: Int32) -> Bool {
        bytes.withUnsafeBytes { writeAll($0, to: file) }
    }

    private func writeAll(_ bytes: UnsafeRawBufferPointer, to file: Int32) -> Bool {
        var rest = bytes[...]
        while !rest.isEmpty {
            let chunk = UnsafeRawBufferPointer(rebasing: rest)
            let count = Glibc.write(file, chunk.baseAddress, chunk.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    private func failure(_ path: String) -> OutboundError {
        .system(.disk, "\(root)/\(path)", help: "check that the folder is writable and its disk not full")
    }
}
