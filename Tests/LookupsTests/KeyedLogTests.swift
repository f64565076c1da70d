// SPDX-License-Identifier: MIT
import Foundation
import Testing

@testable import Lookups

@Suite("The file of keys and values")
struct KeyedLogTests {
    private let folder: TemporaryFolder
    private var path: String { "\(folder.path)/keys" }

    init() throws { folder = try TemporaryFolder() }

    private func read(_ path: String) throws -> ([KeyedLog.Record], KeyedLog.Findings) {
        var records: [KeyedLog.Record] = []
        let log = try KeyedLog(path: path) { records.append($0) }
        return (records, log.findings)
    }

    private static let records = (0..<20).map { number in
        KeyedLog.Record(
            table: "t\(number % 3)", key: "key\r\n\0|\(number)",
            value: number % 4 == 3 ? nil : Array(repeating: UInt8(number), count: number))
    }

    private func fill() throws {
        let log = try KeyedLog(path: path) { _ in }
        for record in Self.records { log.append(record) }
        #expect(log.flush(syncs: true) == nil)
    }

    @Test("what was appended is read again, in its order")
    func again() throws {
        try fill()
        let (records, findings) = try read(path)
        #expect(records == Self.records)
        #expect(findings == KeyedLog.Findings(records: 20))
    }

    @Test("torn off anywhere, every whole record before is there, and the file goes on from there")
    func torn() throws {
        try fill()
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        var last = -1
        for length in 12...whole.count {
            let cut = "\(folder.path)/cut"
            try Data(whole.prefix(length)).write(to: URL(fileURLWithPath: cut))
            let (records, findings) = try read(cut)
            #expect(records == Array(Self.records.prefix(records.count)))
            #expect(records.count >= last)
            last = records.count
            if length < whole.count { #expect(records.count < 20) }
            let more = KeyedLog.Record(table: "x", key: "later", value: [1])
            do {
                let log = try KeyedLog(path: cut) { _ in }
                #expect(log.findings.tornOctets == 0, "cut off at the first reading: \(findings.tornOctets)")
                log.append(more)
                #expect(log.flush(syncs: false) == nil)
            }
            #expect(try read(cut).0 == records + [more])
        }
        #expect(last == 20)
    }

    @Test("a flipped bit ends the reading, and nothing after it is believed")
    func flipped() throws {
        try fill()
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        for position in stride(from: 12, to: whole.count, by: 7) {
            var octets = whole
            octets[position] ^= 1 << UInt8(position % 8)
            let damaged = "\(folder.path)/damaged"
            try Data(octets).write(to: URL(fileURLWithPath: damaged))
            let (records, findings) = try read(damaged)
            #expect(records == Array(Self.records.prefix(records.count)))
            #expect(records.count < 20)
            #expect(findings.tornOctets > 0)
        }
    }

    @Test("a file of another kind or version is put aside, not guessed at and not lost")
    func foreign() throws {
        for octets in [
            Array("something else entirely".utf8), Array("PSTNKEYS".utf8) + [0, 0, 0, 2], [1, 2],
        ] {
            try Data(octets).write(to: URL(fileURLWithPath: path))
            let (records, findings) = try read(path)
            #expect(records.isEmpty)
            #expect(findings.putAside == path + ".unknown")
            #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: path + ".unknown"))) == octets)
        }
    }

    @Test("a file that was only begun is begun anew", arguments: 0..<12)
    func begun(length: Int) throws {
        try fill()
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        try whole.prefix(length).write(to: URL(fileURLWithPath: path))
        let (records, findings) = try read(path)
        #expect(records.isEmpty)
        #expect(findings.putAside == nil)
        try fill()
        #expect(try read(path).0 == Self.records)
    }

    @Test("written anew it holds what was listed, and appending goes on")
    func rewritten() throws {
        try fill()
        let log = try KeyedLog(path: path) { _ in }
        let kept = Array(Self.records.prefix(2))
        #expect(log.rewrite { append in for record in kept { append(record) } } == nil)
        let more = KeyedLog.Record(table: "x", key: "later", value: [])
        log.append(more)
        #expect(log.flush(syncs: false) == nil)
        // The lock is on the new file too.
        let error = #expect(throws: LookupError.self) { try read(path) }
        #expect(error?.description == "\(path): another process of the lookups role still keeps it")
        let copy = path + ".copy"
        try FileManager.default.copyItem(atPath: path, toPath: copy)
        #expect(try read(copy).0 == kept + [more])
    }

    @Test("a file that was not written anew for long is, once most of it is outdated")
    func outdated() throws {
        let log = try KeyedLog(path: path) { _ in }
        let value = [UInt8](repeating: 0, count: 60_000)
        var appended = 0
        while !log.needsRewrite {
            log.append(KeyedLog.Record(table: "t", key: "same", value: value))
            #expect(log.flush(syncs: false) == nil)
            appended += 1
            try #require(appended < 1_000)
        }
        #expect(appended > 60)
        #expect(
            log.rewrite { append in append(KeyedLog.Record(table: "t", key: "same", value: value)) } == nil)
        #expect(!log.needsRewrite)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
        #expect(size.map { $0 < 61_000 } == true)
    }
}
