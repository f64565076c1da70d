// SPDX-License-Identifier: MIT

internal import Glibc

/// Walks over the lines of a message. A line ends in CRLF or in LF alone; a CR within a line is an octet like
/// any.
struct LineReader {
    struct Line {
        let start: Int
        /// Where its content ends: the line end isn't in it.
        let contentEnd: Int
        /// Where the next line starts.
        let next: Int
    }

    let bytes: UnsafeRawBufferPointer
    /// Where the next line starts. May be set back to read a line again.
    var position: Int
    private(set) var sawBareLF = false
    private(set) var sawBareCR = false
    /// Octets of the longest line, without its line end.
    private(set) var longestLine = 0

    init(_ bytes: UnsafeRawBufferPointer, from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func next() -> Line? {
        let start = position
        guard start < bytes.count else { return nil }
        var contentEnd = bytes.count
        var next = bytes.count
        if let lf = Self.firstIndex(of: ASCII.lf, in: bytes, from: start, upTo: bytes.count) {
            next = lf + 1
            if lf > start, bytes[lf - 1] == ASCII.cr {
                contentEnd = lf - 1
            } else {
                contentEnd = lf
                sawBareLF = true
            }
        }
        if !sawBareCR, Self.firstIndex(of: ASCII.cr, in: bytes, from: start, upTo: contentEnd) != nil {
            sawBareCR = true
        }
        if contentEnd - start > longestLine { longestLine = contentEnd - start }
        position = next
        return Line(start: start, contentEnd: contentEnd, next: next)
    }

    /// Reads on to the end only to learn how the lines end.
    mutating func readToEnd() {
        while next() != nil {}
    }

    /// `memchr` within `from..<upTo`.
    static func firstIndex(
        of byte: UInt8, in bytes: UnsafeRawBufferPointer, from: Int, upTo: Int
    ) -> Int? {
        guard let base = bytes.baseAddress, from < upTo,
            let found = memchr(base + from, Int32(byte), upTo - from)
        else { return nil }
        return UnsafeRawPointer(found) - base
    }

    /// Whether the octets at `from` are `wanted`.
    static func matches(_ wanted: [UInt8], in bytes: UnsafeRawBufferPointer, at from: Int) -> Bool {
        wanted.withUnsafeBytes { areEqual(bytes, at: from, $0, at: 0, octets: $0.count) }
    }

    /// `memcmp`; what reaches beyond either end is not equal.
    static func areEqual(
        _ one: UnsafeRawBufferPointer, at from: Int, _ other: UnsafeRawBufferPointer, at otherFrom: Int,
        octets: Int
    ) -> Bool {
        guard from >= 0, otherFrom >= 0, from + octets <= one.count, otherFrom + octets <= other.count,
            let mine = one.baseAddress, let theirs = other.baseAddress
        else { return false }
        return memcmp(mine + from, theirs + otherFrom, octets) == 0
    }
}
