// SPDX-License-Identifier: MIT

/// Finds the line and the column of an offset in a script.
struct SourceMap: Sendable {
    let source: [UInt8]
    /// The offset at which each line begins.
    private let starts: [Int]

    init(_ source: [UInt8]) {
        self.source = source
        var starts = [source.starts(with: Self.byteOrderMark) ? Self.byteOrderMark.count : 0]
        // Lines have about so many octets.
        starts.reserveCapacity(source.count / 24 + 8)
        var end = source.firstOffset(of: 0x0A, from: 0)
        while end < source.count {
            starts.append(end + 1)
            end = source.firstOffset(of: 0x0A, from: end + 1)
        }
        self.starts = starts
    }

    /// Some editors begin a UTF-8 file with it and don't show it.
    static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// From 1. Offsets beyond the end are on the last line.
    func line(of offset: Int) -> Int {
        var low = 0
        var high = starts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low + 1
    }

    /// The same, looked for around `hint` first: scripts are compiled from their beginning to their end.
    func line(of offset: Int, near hint: Int) -> Int {
        guard hint > 0, hint <= starts.count, starts[hint - 1] <= offset else { return line(of: offset) }
        for line in hint..<hint + 8 where line >= starts.count || starts[line] > offset { return line }
        return line(of: offset)
    }

    /// Line and column from 1, the column in characters (Unicode scalars), and how many characters of that
    /// line `range` covers, at least 1.
    func place(of range: Range<Int>) -> (line: Int, column: Int, length: Int) {
        let line = line(of: range.lowerBound)
        let start = starts[line - 1]
        let end = line < starts.count ? starts[line] - 1 : source.count
        let from = min(max(range.lowerBound, start), source.count)
        let to = max(from, min(range.upperBound, end))
        return (line, scalars(in: start..<max(start, from)) + 1, max(1, scalars(in: from..<to)))
    }

    private func scalars(in range: Range<Int>) -> Int {
        source[range].reduce(0) { $1 & 0xC0 == 0x80 || $1 == 0x0D ? $0 : $0 + 1 }
    }
}
