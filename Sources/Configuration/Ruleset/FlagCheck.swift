// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import MappingTables

/// Flags that the access tables set must be known to whoever reads the table: one that nobody acts on would
/// be a rule that does nothing, and nobody would notice.
enum FlagCheck {
    /// `source` gives the bytes of a mapping file by the name that `tables` knows it by.
    static func complaints(of tables: TableSet, source: (String) -> [UInt8]?) -> [Complaint] {
        AccessTable.allCases.flatMap { table in
            tables.outputFlags(of: table.rawValue).filter { !table.knownFlags.contains($0.flag) }.map {
                found in
                let known = table.knownFlags.sorted().map { "$\($0)" }.joined(separator: ", ")
                return Complaint(
                    file: found.place.file, line: found.place.line,
                    column: column(of: found.flag, line: found.place.line, in: source(found.place.file)),
                    length: 2,
                    message: "flag $\(found.flag) is not supported in table \(table.rawValue)",
                    help: "remove it; this table's flags are \(known)")
            }
        }
    }

    /// From 1, in characters. An entry that goes on in the next line may have its flag there; then the
    /// entry's beginning is good enough.
    private static func column(of flag: String, line number: Int, in source: [UInt8]?) -> Int {
        guard let source, let flag = flag.utf8.first else { return 1 }
        let lines = source.split(separator: 0x0A, maxSplits: number, omittingEmptySubsequences: false)
        guard lines.indices.contains(number - 1) else { return 1 }
        let line = lines[number - 1]
        // From the end, because a pattern may hold the same two characters.
        for index in line.indices.dropLast().reversed()
        where line[index] == UInt8(ascii: "$") && upper(line[index + 1]) == flag {
            return line[..<index].reduce(1) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
        }
        return (line.firstIndex { $0 != 0x20 && $0 != 0x09 } ?? line.startIndex) - line.startIndex + 1
    }

    private static func upper(_ octet: UInt8) -> UInt8 {
        (0x61...0x7A).contains(octet) ? octet & 0xDF : octet
    }
}
