// SPDX-License-Identifier: MIT

internal import CPostern
internal import FoundationEssentials
package import Gates
internal import Glibc
internal import Mail

/// Reads case segments. A line that can't be read is counted, not fatal: the last one of a process that was
/// killed is usually cut.
package struct CaseReader: Sendable {
    /// Octets of one line, at most: a message at level `full`, in Base64, with room.
    static let lineOctetsMax = 512 << 20

    private let paths: [String]
    /// Lines that were no case, or of a version that this program doesn't know.
    package private(set) var unreadable = 0

    /// All segments of `folder`.
    package init(folder: String) { paths = CaseFolder.segments(folder) }

    /// Calls `body` with each record, in the order of the segments. `containing`: only lines that hold these
    /// bytes are decoded, which makes looking for one id quick. Stops when `body` returns false.
    package mutating func forEach(
        containing needle: String? = nil, _ body: (CaseRecord) throws -> Bool
    ) rethrows {
        try forEachLine(containing: needle) { data, line, decoder in
            if Self.isTable(data, line) { return true }
            guard let record = Self.record(data, line, decoder) else { return nil }
            return try body(record)
        }
    }

    /// The same for records of tables that were consulted beside.
    package mutating func forEachTable(
        containing needle: String? = nil, _ body: (TableRecord) throws -> Bool
    ) rethrows {
        try forEachLine(containing: needle) { data, line, decoder in
            guard Self.isTable(data, line) else { return true }
            // As for cases: most that don't decode are cut.
            guard line.count <= Self.lineOctetsMax,
                let record = try? decoder.decode(TableRecord.self, from: data[line]),
                record.factsVersion == Mail.factsVersion
            else { return nil }
            return try body(record)
        }
    }

    private static let tableStart = Array("{\"kind\":\"\(TableRecord.kind)\",".utf8)

    private static func isTable(_ data: Data, _ line: Range<Int>) -> Bool {
        data[line].starts(with: tableStart)
    }

    /// Calls `body` with each line; nil from it counts the line as unreadable, false ends.
    private mutating func forEachLine(
        containing needle: String?, _ body: (Data, Range<Int>, JSONDecoder) throws -> Bool?
    ) rethrows {
        let decoder = JSONDecoder()
        let wanted = needle.map { Array($0.utf8) }
        for path in paths {
            // A segment may be deleted while others are read; what can't be read is counted.
            guard let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe) else {
                unreadable += 1
                continue
            }
            var start = 0
            while start < data.count {
                let line = Self.line(of: data, from: start)
                defer { start = line.upperBound + 1 }
                guard !line.isEmpty else { continue }
                if let wanted, !Self.contains(data, line, wanted) { continue }
                guard let goesOn = try body(data, line, decoder) else {
                    unreadable += 1
                    continue
                }
                guard goesOn else { return }
            }
        }
    }

    /// Nil for what is no case, or a case of another version.
    private static func record(_ data: Data, _ line: Range<Int>, _ decoder: JSONDecoder) -> CaseRecord? {
        guard line.count <= lineOctetsMax,
            // Why a line doesn't decode helps nobody: most are cut.
            let record = try? decoder.decode(CaseRecord.self, from: data[line]),
            record.factsVersion == Mail.factsVersion
        else { return nil }
        return record
    }

    /// The line that begins at `start`, without its end.
    private static func line(of data: Data, from start: Int) -> Range<Int> {
        data.withUnsafeBytes { bytes in
            guard let base = bytes.baseAddress, let end = memchr(base + start, 0x0A, bytes.count - start)
            else { return start..<bytes.count }
            return start..<(start + (UnsafeRawPointer(end) - (base + start)))
        }
    }

    private static func contains(_ data: Data, _ line: Range<Int>, _ needle: [UInt8]) -> Bool {
        data.withUnsafeBytes { bytes in
            needle.withUnsafeBytes {
                postern_find(
                    bytes.baseAddress.map { $0 + line.lowerBound }, line.count, $0.baseAddress, $0.count) == 1
            }
        }
    }
}
