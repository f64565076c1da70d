// SPDX-License-Identifier: MIT

internal import FoundationEssentials
internal import Glibc

/// What people did to entries, so that an act is done once: whoever asks again, with the same key or another,
/// before a restart or after it, hears what came of the first.
///
/// A file of JSON lines, appended and synced before the act is answered. A line that a crash tore is skipped.
struct ActLog: ~Copyable {
    struct Act: Codable, Hashable, Sendable {
        var key: String
        var verb: String
        var entry: String
        var result: String
        var reply: String?
        /// Seconds since 1970-01-01 UTC.
        var at: Int64
    }

    /// Acts that are remembered, at most: the newest.
    static let actsMax = 10_000
    /// Octets of the file that are read at start, at most: the newest lines. 10,000 acts of 1 KB, twice over.
    static let octetsMax = 20_000_000

    private let path: String
    private var descriptor: Int32
    private var acts: [Act] = []
    /// Lines in the file, for knowing when to write it anew.
    private var lines = 0
    private let encoder = JSONEncoder()

    init(path: String) throws(OutboundError) {
        self.path = path
        descriptor = try Self.open(path, O_RDWR | O_CREAT | O_APPEND)
        for line in Self.contents(of: descriptor).split(separator: UInt8(ascii: "\n")) {
            lines += 1
            // A torn or foreign line says nothing that could be acted on; the state of the queue is in the
            // queue.
            guard let act = try? JSONDecoder().decode(Act.self, from: Data(line)) else { continue }
            acts.append(act)
        }
        if acts.count > Self.actsMax { acts.removeFirst(acts.count - Self.actsMax) }
        // A torn last line must not swallow the next one.
        var newline = UInt8(ascii: "\n")
        if lines > 0 { _ = write(descriptor, &newline, 1) }
    }

    deinit { close(descriptor) }

    /// The newest act on an entry, or on any of a message's if its id is given, that was asked for with
    /// `key`.
    func act(key: String, entry: String) -> Act? {
        key.isEmpty ? nil : acts.last { $0.key == key && Self.names($0.entry, entry) }
    }

    /// The newest act on an entry, or on any of a message's if its id is given.
    func newest(entry: String) -> Act? { acts.last { Self.names($0.entry, entry) } }

    /// An entry's id is its message's, a dot and a number.
    private static func names(_ entry: String, _ id: String) -> Bool {
        entry == id || entry.utf8.starts(with: (id + ".").utf8)
    }

    /// Remembers an act; when this returns, a power cut doesn't make us forget it.
    mutating func record(_ act: Act) throws(OutboundError) {
        if lines >= 2 * Self.actsMax { try rewrite() }
        try append([act])
        lines += 1
        acts.append(act)
        if acts.count > Self.actsMax { acts.removeFirst(acts.count - Self.actsMax) }
    }

    private func append(_ acts: [Act]) throws(OutboundError) {
        var bytes: [UInt8] = []
        for act in acts {
            // Strings and a number: there is nothing in an act that JSON can't hold.
            guard let line = try? encoder.encode(act) else { continue }
            bytes += line
            bytes.append(UInt8(ascii: "\n"))
        }
        let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
        guard count == bytes.count, fdatasync(descriptor) == 0 else {
            throw .system(.disk, "log of acts \(path)", help: "check that its disk is not full")
        }
    }

    /// A new file with what is remembered, in place of the old one.
    private mutating func rewrite() throws(OutboundError) {
        let fresh = try Self.open(path + ".new", O_RDWR | O_CREAT | O_TRUNC | O_APPEND)
        let old = descriptor
        descriptor = fresh
        do throws(OutboundError) {
            try append(acts)
            guard rename(path + ".new", path) == 0 else {
                throw .system(.disk, "log of acts \(path)", help: "check that its folder is writable")
            }
        } catch {
            close(fresh)
            descriptor = old
            throw error
        }
        close(old)
        lines = acts.count
    }

    private static func open(_ path: String, _ flags: Int32) throws(OutboundError) -> Int32 {
        let descriptor = Glibc.open(path, flags | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw .system(.disk, "log of acts \(path)", help: "check that its folder exists and is writable")
        }
        return descriptor
    }

    private static func contents(of descriptor: Int32) -> [UInt8] {
        let size = Int(lseek(descriptor, 0, SEEK_END))
        let start = max(0, size - octetsMax)
        guard size > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: size - start) { buffer, count in
            count = max(0, pread(descriptor, buffer.baseAddress, size - start, off_t(start)))
        }
    }
}
