// SPDX-License-Identifier: MIT

import Glibc

/// Lines of standard input as they come, without their ends: whoever writes them may wait for the answer to
/// one before it writes the next.
struct InputLines: Sequence, IteratorProtocol {
    /// Octets of one line; a longer one comes in pieces of this length.
    static let lineOctetsMax = 1 << 20

    private var buffer: [UInt8] = []
    private var start = 0
    private var isAtEnd = false

    mutating func next() -> String? { nextOctets().map { String(decoding: $0, as: UTF8.self) } }

    /// As `next`, for what need not be UTF-8.
    mutating func nextOctets() -> [UInt8]? {
        // Octets of the line that hold no line end, so that a long one isn't searched again with each piece
        // of it.
        var searched = 0
        while true {
            if let end = buffer[(start + searched)...].firstIndex(of: 0x0A) {
                return take(upTo: end, next: end + 1)
            }
            searched = buffer.count - start
            if searched >= Self.lineOctetsMax {
                return take(upTo: start + Self.lineOctetsMax, next: start + Self.lineOctetsMax)
            }
            if isAtEnd { return searched > 0 ? take(upTo: buffer.count, next: buffer.count) : nil }
            fill()
        }
    }

    private mutating func take(upTo end: Int, next: Int) -> [UInt8] {
        var line = buffer[start..<end]
        if line.last == 0x0D { line.removeLast() }
        start = next
        return Array(line)
    }

    private mutating func fill() {
        buffer.removeFirst(start)
        start = 0
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let count = chunk.withUnsafeMutableBytes { read(0, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR { return }
        if count > 0 { buffer += chunk[..<count] } else { isAtEnd = true }
    }
}
