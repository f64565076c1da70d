// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("Lines")
struct LineReaderTests {
    /// What a reader with all of it before its eyes finds: starts, ends of content, and what it saw.
    private func plainly(_ bytes: [UInt8]) -> (lines: [[Int]], bareLF: Bool, bareCR: Bool, longest: Int) {
        var lines: [[Int]] = []
        var bareLF = false
        var bareCR = false
        var start = 0
        while start < bytes.count {
            let lf = bytes[start...].firstIndex(of: 0x0A)
            let next = lf.map { $0 + 1 } ?? bytes.count
            var end = lf ?? bytes.count
            if let lf {
                if lf > start, bytes[lf - 1] == 0x0D { end -= 1 } else { bareLF = true }
            }
            if bytes[start..<end].contains(0x0D) { bareCR = true }
            lines.append([start, end, next])
            start = next
        }
        return (lines, bareLF, bareCR, lines.map { $0[1] - $0[0] }.max() ?? 0)
    }

    private func check(_ bytes: [UInt8]) {
        let expected = plainly(bytes)
        bytes.withUnsafeBytes { buffer in
            var reader = LineReader(buffer, from: 0)
            var lines: [[Int]] = []
            while let line = reader.next() { lines.append([line.start, line.contentEnd, line.next]) }
            reader.readToEnd()
            #expect(lines == expected.lines)
            #expect(reader.sawBareLF == expected.bareLF)
            #expect(reader.sawBareCR == expected.bareCR)
            #expect(reader.longestLine == expected.longest)
            #expect(reader.sawNUL == bytes.contains(0))
        }
    }

    @Test("are found alike wherever the blocks end in which the message is fetched")
    func blocks() {
        let block = 16_384
        for tail in ["\r\nx", "\rx\r\n", "\n", "\r", "\0\r\n", "x", "\r\r\n", "\n\r", ""] {
            for count in (block - 4)...(block + 2) {
                check([UInt8](repeating: 0x61, count: count) + Array(tail.utf8))
                let lines = (0..<count).map { $0 % 78 == 76 ? UInt8(0x0D) : $0 % 78 == 77 ? 0x0A : 0x61 }
                check(lines + Array(tail.utf8) + lines)
            }
        }
        check([UInt8](repeating: 0x61, count: 5 * block) + [0x0D, 0x0A])
        check([])
    }

    @Test("are found alike in any octets")
    func anyOctets() {
        var lot = Lot(seed: 3)
        for _ in 0..<300 {
            check((0..<lot.next(below: 60)).map { _ in [0x0D, 0x0A, 0x61, 0x61, 0][lot.next(below: 5)] })
        }
    }
}
