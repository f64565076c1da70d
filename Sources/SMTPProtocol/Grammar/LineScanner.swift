// SPDX-License-Identifier: MIT

/// Reads one command line, without its CRLF, from left to right. Every access is checked.
struct LineScanner {
    private let bytes: [UInt8]
    /// Offset of the next octet.
    private(set) var position = 0
    /// White space before the line end is not part of the line (RFC 5321 §4.1.1 has us tolerate it).
    private let end: Int

    init(_ line: [UInt8]) {
        bytes = line
        var end = line.count
        while end > 0, line[end - 1] == Octet.space { end -= 1 }
        self.end = end
    }

    var isAtEnd: Bool { position >= end }

    var next: UInt8? { position < end ? bytes[position] : nil }

    mutating func take(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    mutating func takeAny() -> UInt8? {
        guard let byte = next else { return nil }
        position += 1
        return byte
    }

    /// The longest run of octets that are `wanted`; empty where the next isn't.
    mutating func take(while wanted: (UInt8) -> Bool) -> Range<Int> {
        let start = position
        while position < end, wanted(bytes[position]) { position += 1 }
        return start..<position
    }

    /// How many spaces there were.
    @discardableResult
    mutating func skipSpaces() -> Int { take(while: { $0 == Octet.space }).count }

    /// Takes `word`, which is upper case, in any case; or takes nothing.
    mutating func take(word: StaticString) -> Bool {
        let length = word.utf8CodeUnitCount
        guard end - position >= length else { return false }
        let matches = word.withUTF8Buffer { letters in
            letters.indices.allSatisfy { bytes[position + $0].upperCased == letters[$0] }
        }
        guard matches else { return false }
        position += length
        return true
    }

    /// The octets of `range`, which is made of positions that this scanner gave. They are ASCII: `Command`
    /// refuses any other line before its arguments are read.
    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range.clamped(to: 0..<end)], as: UTF8.self)
    }

    func slice(_ range: Range<Int>) -> ArraySlice<UInt8> { bytes[range.clamped(to: 0..<end)] }
}
