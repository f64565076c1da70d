// SPDX-License-Identifier: MIT
import Foundation
import Gates
import Glibc
import Mail
import Telemetry
import Testing

@testable import Replay

@Suite("The case log")
struct CaseLogTests {
    private let folder: TemporaryFolder
    private let counters = CounterPage()
    private let capture = LogCapture()

    init() throws { folder = try TemporaryFolder() }

    private func log(limits: CaseLimits = limits(), in path: String? = nil) -> CaseLog {
        CaseLog(
            folder: path ?? folder.path, writer: "inbound-0", level: .headers, limits: limits,
            counters: counters, logger: capture.logger)
    }

    private func writer(_ limits: CaseLimits, named name: String = "inbound-0") -> CaseWriter {
        CaseWriter(
            folder: folder.path, writer: name, limits: limits, counters: counters,
            logger: capture.logger)
    }

    /// A test machine's disk may be fuller than a mail server's should.
    private static func limits() -> CaseLimits {
        var limits = CaseLimits()
        limits.reserveOctets = 0
        return limits
    }

    private func records(_ count: Int) throws -> [CaseRecord] {
        var recorder = Recorder(try House.ruleset())
        return (0..<count).map { number in
            recorder.id = "A1-\(number).1"
            return recorder.record()
        }
    }

    private func read() -> [CaseRecord] {
        var found: [CaseRecord] = []
        var reader = CaseReader(folder: folder.path)
        reader.forEach {
            found.append($0)
            return true
        }
        return found
    }

    @Test("what was kept is there, in its order, once the log is closed")
    func close() throws {
        let log = log()
        let records = try records(50)
        for record in records { log.keep(record) }
        log.close()
        #expect(read() == records)
        #expect(counters.value(.casesWritten) == 50)
        #expect(counters.value(.casesLost) == 0)
        #expect(try folder.names.count == 1)
    }

    @Test("a segment is readable for its group, and for nobody else")
    func mode() throws {
        let log = log()
        for record in try records(1) { log.keep(record) }
        log.close()
        var status = stat()
        let name = try #require(try folder.names.first)
        #expect(stat("\(folder.path)/\(name)", &status) == 0)
        #expect(status.st_mode & 0o7 == 0)
        #expect(name.contains("-inbound-0-"))
        #expect(name.hasSuffix(".cases"))
    }

    @Test("closing writes the counts of what was folded")
    func closeFolds() throws {
        var limits = Self.limits()
        limits.foldPerMinute = 2
        var recorder = Recorder(try House.ruleset())
        recorder.client = "192.0.2.9"
        // Of this minute, so that it can't pass meanwhile.
        recorder.atMs = Int64(Date().timeIntervalSince1970 + 3_600) * 1_000
        let log = log(limits: limits)
        for _ in 0..<10 { log.keep(recorder.record()) }
        log.close()
        #expect(read().map(\.foldedCount) == [0, 0, 8])
        #expect(counters.value(.casesFolded) == 8)
        #expect(counters.value(.casesWritten) == 3)
    }

    @Test("what comes after the end is counted as lost, and nothing waits")
    func afterClose() throws {
        let log = log()
        log.close()
        log.close()
        for record in try records(3) { log.keep(record) }
        #expect(counters.value(.casesLost) == 3)
    }

    @Test("beyond what may wait, records are lost and counted: none is unaccounted for")
    func flood() throws {
        var limits = Self.limits()
        limits.waitingMax = 1
        limits.waitingOctetsMax = 1
        let log = log(limits: limits)
        let record = try #require(try records(1).first)
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for _ in 0..<500 { log.keep(record) }
        }
        log.close()
        let written = counters.value(.casesWritten)
        #expect(written >= 1)
        #expect(written + counters.value(.casesLost) == 2_000)
        #expect(read().count == Int(written))
    }

    @Test("a folder that can't be written to is said once and counted, and blocks nobody")
    func noFolder() throws {
        let log = log(in: "\(folder.path)/absent")
        for record in try records(5) { log.keep(record) }
        log.close()
        #expect(counters.value(.casesLost) == 5)
        #expect(counters.value(.casesWritten) == 0)
        #expect(capture.events == ["cases.stopped"])
    }

    @Test("cases are the first to go when the disk fills")
    func diskFull() throws {
        var limits = CaseLimits()
        limits.reserveOctets = .max
        let log = log(limits: limits)
        for record in try records(5) { log.keep(record) }
        log.close()
        #expect(counters.value(.casesLost) == 5)
        #expect(capture.events == ["cases.stopped"])
        #expect(try folder.names == [])
    }

    @Test("when a segment has its size, the next begins, and the oldest go")
    func roll() throws {
        var limits = Self.limits()
        limits.segmentOctetsMax = 1
        limits.octetsMax = 1
        let writer = writer(limits)
        let records = try records(3)
        for record in records { writer.write([record]) }
        #expect(read().map(\.id) == ["A1-2.1"])
        limits.octetsMax = 1 << 30
        let roomier = self.writer(limits, named: "inbound-1")
        for record in records { roomier.write([record]) }
        #expect(try folder.names.count == 4)
    }

    @Test("a segment that is old, or that another process deleted, is written to no more")
    func replaced() throws {
        let records = try records(3)
        let writer = writer(Self.limits())
        writer.write([records[0]])
        for name in try folder.names { unlink("\(folder.path)/\(name)") }
        writer.write([records[1]])
        #expect(read() == [records[1]])
        var limits = Self.limits()
        limits.segmentSecondsMax = 0
        let daily = self.writer(limits, named: "inbound-1")
        daily.write([records[1]])
        daily.write([records[2]])
        #expect(try folder.names.count == 3)
    }
}

@Suite("The folder of cases")
struct CaseFolderTests {
    private let folder: TemporaryFolder
    private let now = 1_792_976_000

    init() throws { folder = try TemporaryFolder() }

    private func segment(_ age: Int, octets: Int = 100, sequence: Int = 1) throws -> String {
        let name = CaseFolder.segmentName(
            now: Int64(now - age), writer: "inbound-0", process: 7, sequence: sequence)
        try folder.write([UInt8](repeating: 0x61, count: octets), to: name, modified: now - age)
        return name
    }

    private func prune(octets: Int = 1 << 30, days: Int = 14) {
        CaseFolder.prune(folder.path, octetsMax: octets, daysMax: days, now: Int64(now))
    }

    @Test("names sort by age")
    func names() throws {
        let names = [0, 1, 0xFFFF_FFFF, 0x1_0000_0000, 1_792_976_000].sorted().map {
            CaseFolder.segmentName(now: $0, writer: "inbound-0", process: 1, sequence: 1)
        }
        #expect(names == names.sorted())
        for age in [5, 500, 50] { _ = try segment(age) }
        #expect(CaseFolder.segments(folder.path).count == 3)
        #expect(CaseFolder.segments(folder.path) == CaseFolder.segments(folder.path).sorted())
        #expect(CaseFolder.segments(folder.path + "/absent") == [])
    }

    @Test("what is too old goes, and other files stay")
    func age() throws {
        let old = try segment(14 * 86_400 + 1)
        let young = try segment(14 * 86_400 - 1)
        try folder.write([1], to: "notes.txt", modified: 0)
        prune()
        #expect(try folder.names == [young, "notes.txt"].sorted())
        #expect(try !folder.names.contains(old))
    }

    @Test("the oldest go until the rest fits; the newest stays")
    func size() throws {
        _ = try segment(30)
        let kept = [try segment(20), try segment(10)]
        prune(octets: 250)
        #expect(try folder.names == kept)
        prune(octets: 0)
        #expect(try folder.names == [kept[1]])
    }
}

@Suite("Reading cases")
struct CaseReaderTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func lines(_ records: [CaseRecord]) throws -> [UInt8] {
        try records.flatMap { try FactsEncoder().encode($0) + [0x0A] }
    }

    private func records(_ ids: String...) throws -> [CaseRecord] {
        var recorder = Recorder(try House.ruleset())
        return ids.map {
            recorder.id = $0
            return recorder.record()
        }
    }

    private func read(containing needle: String? = nil, most: Int = .max) -> (ids: [String], unreadable: Int)
    {
        var ids: [String] = []
        var reader = CaseReader(folder: folder.path)
        reader.forEach(containing: needle) {
            ids.append($0.id)
            return ids.count < most
        }
        return (ids, reader.unreadable)
    }

    @Test("segments are read in their order, lines in theirs")
    func order() throws {
        try folder.write(lines(records("c")), to: "0000000002-x.cases")
        try folder.write(lines(records("a", "b")), to: "0000000001-x.cases")
        try folder.write(lines(records("z")), to: "0000000000-x.other")
        #expect(read() == (["a", "b", "c"], 0))
        #expect(read(most: 2).ids == ["a", "b"])
    }

    @Test("a line that was cut off, as by a kill, is counted, and the rest is read")
    func cut() throws {
        let whole = try lines(records("a", "b"))
        let last = try lines(records("c"))
        for length in [1, last.count / 2, last.count - 2] {
            try folder.write(whole + last.prefix(length), to: "1.cases")
            try folder.write(try lines(records("d")), to: "2.cases")
            #expect(read() == (["a", "b", "d"], 1))
        }
        try folder.write(whole + last.dropLast(), to: "1.cases")
        #expect(read() == (["a", "b", "c", "d"], 0))
    }

    @Test("lines that are no case are counted, empty ones are not")
    func garbage() throws {
        let garbage: [[UInt8]] = [
            Array("{}".utf8), [0, 255, 128], Array("[[[[".utf8), Array("null".utf8), [],
        ]
        try folder.write(
            garbage.flatMap { $0 + [0x0A] } + lines(records("a")), to: "1.cases")
        try folder.write([], to: "2.cases")
        #expect(read() == (["a"], 4))
    }

    @Test("a case of another version is not guessed at")
    func version() throws {
        var other = try records("a")
        other[0].factsVersion += 1
        try folder.write(lines(other + records("b")), to: "1.cases")
        #expect(read() == (["b"], 1))
    }

    @Test("looking for an id decodes only the lines that hold it")
    func find() throws {
        try folder.write(
            lines(records("A1-1.1", "A1-11.1")) + Array("garbage\n".utf8) + lines(records("A1-2.1")),
            to: "1.cases")
        #expect(read(containing: "\"A1-2.1\"") == (["A1-2.1"], 0))
        #expect(read(containing: "\"A1-1.1\"") == (["A1-1.1"], 0))
        #expect(read(containing: "absent") == ([], 0))
    }

    @Test("what a caller throws ends the reading")
    func throwing() throws {
        struct Enough: Error {}
        try folder.write(lines(records("a", "b")), to: "1.cases")
        var reader = CaseReader(folder: folder.path)
        #expect(throws: Enough.self) { try reader.forEach { _ in throw Enough() } }
    }
}
