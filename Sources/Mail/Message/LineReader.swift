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
    /// A NUL anywhere. Complete after `readToEnd`.
    private(set) var sawNUL = false
    /// Up to here NULs were looked for.
    private var surveyed = 0
    /// Where the block ends in which lines are looked for.
    private var blockEnd = 0

    /// Octets that are fetched from memory at once and then searched for all that is wanted: so many stay in
    /// the processor's nearest memory.
    private static let blockOctets = 16_384

    init(_ bytes: UnsafeRawBufferPointer, from position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func next() -> Line? {
        let start = position
        guard start < bytes.count else { return nil }
        var contentEnd = bytes.count
        var next = bytes.count
        var from = start
        // A CR that ends what was searched may belong to a line end.
        var crFrom = start
        while from < bytes.count {
            if from >= blockEnd {
                // Now, while what was just read for its lines is still near.
                survey(upTo: blockEnd)
                blockEnd = min(bytes.count, from + Self.blockOctets)
            }
            if let lf = Self.firstIndex(of: ASCII.lf, in: bytes, from: from, upTo: blockEnd) {
                next = lf + 1
                if lf > start, bytes[lf - 1] == ASCII.cr {
                    contentEnd = lf - 1
                } else {
                    contentEnd = lf
                    sawBareLF = true
                }
                break
            }
            noteCR(from: crFrom, upTo: blockEnd - 1)
            crFrom = max(crFrom, blockEnd - 1)
            from = blockEnd
        }
        noteCR(from: crFrom, upTo: contentEnd)
        if contentEnd - start > longestLine { longestLine = contentEnd - start }
        position = next
        return Line(start: start, contentEnd: contentEnd, next: next)
    }

    private mutating func noteCR(from: Int, upTo end: Int) {
        if !sawBareCR, Self.firstIndex(of: ASCII.cr, in: bytes, from: from, upTo: end) != nil {
            sawBareCR = true
        }
    }

    private mutating func survey(upTo end: Int) {
        if !sawNUL, Self.firstIndex(of: ASCII.nul, in: bytes, from: surveyed, upTo: end) != nil {
            sawNUL = true
        }
        surveyed = end
    }

    /// Reads on to the end only to learn how the lines end, how long they are, and whether there is a NUL.
    mutating func readToEnd() {
        while next() != nil {}
        survey(upTo: bytes.count)
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
