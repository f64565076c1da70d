// SPDX-License-Identifier: MIT

internal import Glibc
internal import Logging
internal import Mail
internal import MappingTables
internal import Telemetry

/// One live text database: its entries, and the file that they are from.
///
/// The file is looked at once a second. A new file in its place is read at once; one that was changed where
/// it lies is read when it has been the same for a second, so that half of it is not taken for all. What has
/// a mistake in it, and what can't be read, leaves the entries as they were.
final class LiveDatabase: SenseWork {
    /// Which file, and how it was when it was read.
    private struct Stamp: Equatable {
        var device: UInt64
        var inode: UInt64
        var octets: Int64
        var seconds: Int
        var nanoseconds: Int

        init(_ about: stat) {
            device = UInt64(about.st_dev)
            inode = UInt64(about.st_ino)
            octets = Int64(about.st_size)
            seconds = about.st_mtim.tv_sec
            nanoseconds = about.st_mtim.tv_nsec
        }

        func isSameFile(as other: Stamp) -> Bool { device == other.device && inode == other.inode }
    }

    private let name: String
    private let path: String
    private let logger: Logger?
    private let clock: SenseClock
    private var database: TextDatabase?
    /// Of what was read last, well or not.
    private var taken: Stamp?
    /// As it was when it was looked at last.
    private var seen: Stamp?
    private var lookedMs: Int64?
    /// Why nothing is known; said to whoever asks before a file was read.
    private var trouble = "it was not read yet"

    /// Milliseconds between two looks at the file.
    private static let lookPauseMs: Int64 = 1_000

    init(name: String, path: String, clock: SenseClock = .system, logger: Logger?) {
        self.name = name
        self.path = path
        self.clock = clock
        self.logger = logger
        look()
    }

    func work(_ tasks: [SenseTask]) {
        lookIfDue()
        for task in tasks {
            guard case .database(let question)? = task.question else {
                task.fail("database \(name) answers no such question")
                continue
            }
            task.answer(.database(answer(question.key)))
        }
    }

    func rest() { lookIfDue() }

    func answer(_ key: String) -> DatabaseAnswer {
        guard let database else { return .failed("database \(name): \(trouble)") }
        guard let value = database[Array(key.utf8)] else { return .none }
        return .value(String(decoding: value, as: UTF8.self))
    }

    private func lookIfDue() {
        if let lookedMs, clock.steadyMs() - lookedMs < Self.lookPauseMs { return }
        look()
    }

    private func look() {
        lookedMs = clock.steadyMs()
        var about = stat()
        guard stat(path, &about) == 0 else {
            seen = nil
            return keep(because: String(cString: strerror(errno)))
        }
        let now = Stamp(about)
        defer { seen = now }
        guard now != taken else { return }
        let isNewFile = taken.map { !$0.isSameFile(as: now) } ?? true
        guard isNewFile || seen == now else { return }
        read(now)
    }

    private func read(_ stamp: Stamp) {
        let begun = clock.steadyMs()
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return keep(because: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var (before, after) = (stat(), stat())
        guard fstat(descriptor, &before) == 0 else { return keep(because: String(cString: strerror(errno))) }
        guard before.st_size <= TextDatabaseLimits().fileOctetsMax else {
            taken = stamp
            return keep(because: "it has more than \(TextDatabaseLimits().fileOctetsMax) octets")
        }
        guard let octets = Self.octets(descriptor, Int(before.st_size)), fstat(descriptor, &after) == 0,
            Stamp(before) == Stamp(after), Stamp(before) == stamp
        else { return /* It changes at this moment: the next look finds it. */ }
        taken = stamp
        let (database, complaints) = TextDatabase.parse(octets, file: path)
        if let mistake = complaints.first(where: { $0.severity == .error }) {
            return keep(because: "line \(mistake.line): \(mistake.message)")
        }
        self.database = database
        trouble = ""
        logger?.log(
            LookupsEvent.databaseRead(
                database: name, entries: database.count, tookMs: clock.steadyMs() - begun))
    }

    /// Nothing changes; said once for each reason.
    private func keep(because reason: String) {
        guard trouble != reason else { return }
        trouble = reason
        logger?.log(LookupsEvent.databaseKept(database: name, path: path, reason: reason))
    }

    /// Nil where it isn't as long as was said.
    private static func octets(_ descriptor: Int32, _ count: Int) -> [UInt8]? {
        var octets = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = octets.withUnsafeMutableBytes { buffer in
                buffer.baseAddress.map { Glibc.read(descriptor, $0 + filled, count - filled) } ?? -1
            }
            if got < 0, errno == EINTR { continue }
            guard got > 0 else { return nil }
            filled += got
        }
        return octets
    }
}
