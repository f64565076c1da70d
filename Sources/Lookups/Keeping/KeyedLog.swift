// SPDX-License-Identifier: MIT

internal import CPostern
internal import Glibc

/// Keys with a value each, in a file that is only appended to, and written anew when most of it is outdated.
///
/// The file begins with eight octets of magic and a version; each record is its length, a CRC32C and what was
/// put or removed. Reading stops at the first record that isn't whole: what a crash tore off is cut away. A
/// record is in the kernel's hands when `flush` returns, so that it survives the process, and on the disk
/// where `flush` was told to sync.
final class KeyedLog {
    struct Record: Equatable {
        var table: String
        var key: String
        /// Nil: removed.
        var value: [UInt8]?
    }

    /// What opening found.
    struct Findings: Equatable {
        var records = 0
        /// Cut away at the end.
        var tornOctets = 0
        /// A file of another kind or version was put aside under this name.
        var putAside: String?
    }

    let path: String
    private var descriptor: Int32 = -1
    private var length: Int64 = 0
    private var pending: [UInt8] = []
    /// Octets of the file when it was last written anew.
    private var freshLength: Int64 = 0
    /// Something that was appended is not in the file.
    private var isBehind = false

    private static let magic = Array("PSTNKEYS".utf8)
    private static let version: UInt32 = 1
    private static let headOctets = 12
    /// Octets of one record: keys and values are bounded far below it.
    private static let recordOctetsMax = 65_536
    /// A file is not written anew below this size, in octets.
    private static let rewriteOctetsMin: Int64 = 4 << 20
    /// Octets that are written at once.
    private static let chunkOctets = 1 << 20

    /// Opens or makes the file, locks it and reads every record. Throws where another process holds it, or
    /// the disk refuses.
    init(path: String, take: (Record) -> Void) throws(LookupError) {
        self.path = path
        findings = Findings()
        descriptor = try Self.openLocked(path)
        var about = stat()
        guard fstat(descriptor, &about) == 0 else { throw Self.failure(path) }
        if about.st_size == 0 {
            try writeHead()
        } else if try !readAll(octets: Int64(about.st_size), take) {
            try putAside()
        }
        freshLength = length
    }

    deinit {
        guard descriptor >= 0 else { return }
        // Not left to `close`: a child that is about to become another program may share the file.
        postern_unlock(descriptor)
        close(descriptor)
    }

    private(set) var findings: Findings

    // MARK: Writing

    func append(_ record: Record) {
        var body = FrameWriter()
        body.octet(record.value == nil ? 2 : 1)
        body.text(record.table)
        body.text(record.key)
        if let value = record.value { body.bytes(value) }
        var head = FrameWriter()
        head.word(UInt32(body.octets.count))
        let sum = Self.checksum(head.octets, body.octets)
        head.word(sum)
        pending += head.octets
        pending += body.octets
    }

    /// Hands what was appended to the kernel, and to the disk where `syncs`. Nil, or why not; then what was
    /// appended is lost to the file, and `needsRewrite` until all is written anew.
    func flush(syncs: Bool) -> String? {
        defer { pending.removeAll(keepingCapacity: true) }
        guard !isBehind else { return "\(path): not up to date since a write failed" }
        guard !pending.isEmpty else { return nil }
        guard Self.writeAll(descriptor, pending) else {
            let reason = String(cString: strerror(errno))
            // Half a record would hide those behind it.
            _ = ftruncate(descriptor, off_t(length))
            _ = lseek(descriptor, off_t(length), SEEK_SET)
            isBehind = true
            return "\(path): \(reason)"
        }
        length += Int64(pending.count)
        if syncs, fdatasync(descriptor) != 0 {
            isBehind = true
            return "\(path): fdatasync: \(String(cString: strerror(errno)))"
        }
        return nil
    }

    /// Whether most of the file is outdated, or it isn't up to date.
    var needsRewrite: Bool {
        isBehind || length > max(Self.rewriteOctetsMin, freshLength * 2)
    }

    /// Writes the file anew with just what `list` appends. Nil, or why the old one stays.
    func rewrite(_ list: (_ append: (Record) -> Void) -> Void) -> String? {
        let temporary = path + ".new"
        pending.removeAll()
        unlink(temporary)
        do {
            let new = try KeyedLog(path: temporary) { _ in }
            var failure: String?
            list { record in
                new.append(record)
                if new.pending.count >= Self.chunkOctets, failure == nil { failure = new.flush(syncs: false) }
            }
            failure = failure ?? new.flush(syncs: false)
            // An empty file in the place of a full one is what a power cut would leave otherwise.
            if failure == nil,
                fdatasync(new.descriptor) != 0 || rename(temporary, path) != 0 || !Self.syncFolder(of: path)
            {
                failure = "\(path): \(String(cString: strerror(errno)))"
            }
            if let failure {
                unlink(temporary)
                return failure
            }
            close(descriptor)
            descriptor = new.descriptor
            new.descriptor = -1
            length = new.length
            freshLength = length
            isBehind = false
            return nil
        } catch {
            return error.description
        }
    }

    // MARK: Reading

    /// False where it is no such file, or of another version.
    private func readAll(octets: Int64, _ take: (Record) -> Void) throws(LookupError) -> Bool {
        var expected = FrameWriter()
        for octet in Self.magic { expected.octet(octet) }
        expected.word(Self.version)
        let head = Self.read(descriptor, Self.headOctets, orLess: true) ?? []
        if head.count < Self.headOctets, expected.octets.starts(with: head) {
            // It was being made when the machine or the process went down.
            findings.tornOctets = head.count
            guard ftruncate(descriptor, 0) == 0, lseek(descriptor, 0, SEEK_SET) == 0 else {
                throw Self.failure(path)
            }
            try writeHead()
            return true
        }
        guard head == expected.octets else { return false }
        length = Int64(Self.headOctets)
        while let (record, size) = nextRecord() {
            take(record)
            length += Int64(size)
            findings.records += 1
        }
        findings.tornOctets = Int(octets - length)
        if findings.tornOctets > 0, ftruncate(descriptor, off_t(length)) != 0 { throw Self.failure(path) }
        unread = []
        guard lseek(descriptor, off_t(length), SEEK_SET) >= 0 else { throw Self.failure(path) }
        return true
    }

    private var unread: ArraySlice<UInt8> = []

    /// Nil at the end, and at what isn't whole.
    private func nextRecord() -> (Record, Int)? {
        guard let head = buffered(8) else { return nil }
        var reader = FrameReader(head)
        guard let size = reader.word(), let sum = reader.word(), size <= Self.recordOctetsMax,
            let whole = buffered(8 + Int(size))
        else { return nil }
        let body = whole.dropFirst(8)
        guard sum == Self.checksum(Array(head.prefix(4)), Array(body)) else { return nil }
        reader = FrameReader(body)
        guard let kind = reader.octet(), let table = reader.text(), let key = reader.text() else {
            return nil
        }
        var value: [UInt8]?
        if kind == 1 {
            value = reader.bytes()
            guard value != nil else { return nil }
        }
        guard kind == 1 || kind == 2, reader.isAtEnd else { return nil }
        unread = unread.dropFirst(whole.count)
        return (Record(table: table, key: key, value: value), whole.count)
    }

    /// The next octets, without taking them.
    private func buffered(_ count: Int) -> ArraySlice<UInt8>? {
        if unread.count < count, let more = Self.read(descriptor, Self.chunkOctets, orLess: true) {
            unread = ArraySlice(Array(unread) + more)
        }
        return unread.count >= count ? unread.prefix(count) : nil
    }

    /// Begins a new file, and leaves the one that can't be understood to whoever wrote it.
    private func putAside() throws(LookupError) {
        let name = path + ".unknown"
        guard rename(path, name) == 0 else { throw Self.failure(path) }
        close(descriptor)
        descriptor = try Self.openLocked(path)
        findings.putAside = name
        try writeHead()
    }

    private func writeHead() throws(LookupError) {
        var head = FrameWriter()
        for octet in Self.magic { head.octet(octet) }
        head.word(Self.version)
        guard Self.writeAll(descriptor, head.octets), Self.syncFolder(of: path) else {
            throw Self.failure(path)
        }
        length = Int64(Self.headOctets)
    }

    // MARK: The disk

    private static func openLocked(_ path: String) throws(LookupError) -> Int32 {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else { throw failure(path) }
        var (opened, named) = (stat(), stat())
        // The one that held it may have put a new file in its place meanwhile.
        guard postern_lock(descriptor, 0) == 0, fstat(descriptor, &opened) == 0, stat(path, &named) == 0,
            opened.st_ino == named.st_ino
        else {
            close(descriptor)
            throw LookupError("\(path): another process of the lookups role still keeps it")
        }
        return descriptor
    }

    /// A file's name must survive a power cut as its content does.
    private static func syncFolder(of path: String) -> Bool {
        let end = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let descriptor = open(
            end.map { String(path[..<$0]) } ?? ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { if descriptor >= 0 { close(descriptor) } }
        return descriptor >= 0 && fsync(descriptor) == 0
    }

    private static func checksum(_ head: [UInt8], _ body: [UInt8]) -> UInt32 {
        postern_crc32c(postern_crc32c(0, head, head.count), body, body.count)
    }

    private static func read(_ descriptor: Int32, _ count: Int, orLess: Bool = false) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = octets.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(descriptor, $0 + filled, count - filled) } ?? -1
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { break }
            filled += got
        }
        guard filled == count || orLess && filled > 0 else { return nil }
        return Array(octets.prefix(filled))
    }

    private static func writeAll(_ descriptor: Int32, _ octets: [UInt8]) -> Bool {
        var written = 0
        while written < octets.count {
            let count = octets.withUnsafeBytes { buffer in
                buffer.baseAddress.map { write(descriptor, $0 + written, octets.count - written) } ?? -1
            }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            written += count
        }
        return true
    }

    private static func failure(_ path: String) -> LookupError {
        LookupError("\(path): \(String(cString: strerror(errno)))")
    }
}
