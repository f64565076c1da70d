// SPDX-License-Identifier: MIT

/// One line of a mapping file as the grammar sees it: without its line end, continuations joined.
struct SourceLine: Sendable {
    enum Kind: Equatable {
        case blank
        case comment
        case entry
        /// `<name`
        case include
        /// A letter in the first column.
        case name
        /// Something else in the first column.
        case stray
    }

    /// Of its first physical line, from 1.
    let number: Int
    let octets: [UInt8]
    /// Where each further physical line begins in `octets`.
    let joints: [Int]
    /// True where the file ended after a `\`.
    let isUnfinished: Bool
    /// True for the last line where it has no line end: perhaps somebody is still writing it.
    var isCutOff = false

    var kind: Kind {
        guard let first = octets.first, !octets.allSatisfy(\.isColumnSpace) else { return .blank }
        if first == UInt8(ascii: "!") { return .comment }
        if first == UInt8(ascii: "<") { return .include }
        if first.isColumnSpace { return .entry }
        return first.isASCIILetter ? .name : .stray
    }

    /// Line, column and length in characters of a stretch of `octets`. What runs on over a continuation ends
    /// with the line it began on.
    func place(of range: Range<Int>) -> (line: Int, column: Int, length: Int) {
        let start = min(max(range.lowerBound, 0), octets.count)
        let before = joints.filter { $0 <= start }
        let lineStart = before.last ?? 0
        let lineEnd = joints.first { $0 > start } ?? octets.count
        let end = min(max(range.upperBound, start), lineEnd)
        return (number + before.count, 1 + characters(lineStart..<start), max(1, characters(start..<end)))
    }

    private func characters(_ range: Range<Int>) -> Int { octets[range].count { !$0.isUTF8Continuation } }
}

/// Cuts a file into lines. Lines end in LF or CRLF; an entry that ends in `\` goes on in the next line.
struct SourceLines: Sequence, IteratorProtocol {
    private let source: [UInt8]
    private var position: Int
    private var number = 0

    init(_ source: [UInt8]) {
        self.source = source
        position = source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    }

    mutating func next() -> SourceLine? {
        guard var octets = physicalLine() else { return nil }
        let first = number
        var joints: [Int] = []
        // Only entries go on: a name, comment or include with a backslash at its end would swallow a table.
        if octets.first?.isColumnSpace == true {
            while octets.last == UInt8(ascii: "\\") {
                guard let more = physicalLine() else {
                    return SourceLine(number: first, octets: octets, joints: joints, isUnfinished: true)
                }
                octets.removeLast()
                joints.append(octets.count)
                octets += more
            }
        }
        return SourceLine(
            number: first, octets: octets, joints: joints, isUnfinished: false,
            isCutOff: position > source.count)
    }

    private mutating func physicalLine() -> [UInt8]? {
        guard position < source.count else { return nil }
        number += 1
        let end = source[position...].firstIndex(of: 0x0A) ?? source.count
        var line = source[position..<end]
        if line.last == 0x0D { line.removeLast() }
        position = end + 1
        return Array(line)
    }
}
