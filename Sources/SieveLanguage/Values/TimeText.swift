// SPDX-License-Identifier: MIT

/// Times as RFC 3339 §5.6 writes them: `2026-11-22T12:00:00Z`.
enum TimeText {
    static func parse(_ octets: [UInt8]) -> CivilTime? {
        guard octets.count >= 20, octets.count <= 40 else { return nil }
        func number(_ range: Range<Int>) -> Int? {
            let digits = octets[range]
            guard digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
            return Int(String(decoding: digits, as: UTF8.self))
        }
        func isMark(_ index: Int, _ marks: String) -> Bool { marks.utf8.contains(octets[index]) }
        guard let year = number(0..<4), isMark(4, "-"), let month = number(5..<7), isMark(7, "-"),
            let day = number(8..<10), isMark(10, "Tt"), let hour = number(11..<13), isMark(13, ":"),
            let minute = number(14..<16), isMark(16, ":"), let second = number(17..<19)
        else { return nil }
        var rest = octets[19...]
        if rest.first == UInt8(ascii: ".") { rest = rest.dropFirst().drop { (0x30...0x39).contains($0) } }
        let offset: Int?
        if rest.count == 1, rest.first.map({ $0 | 0x20 }) == UInt8(ascii: "z") {
            offset = 0
        } else {
            // `+01:00`, without its colon.
            let zone = Array(rest)
            offset =
                zone.count == 6 && zone[3] == UInt8(ascii: ":")
                ? DateField.offsetMinutes(Array(zone[..<3] + zone[4...])) : nil
        }
        return offset.flatMap {
            CivilTime(
                year: year, month: month, day: day, hour: hour, minute: minute, second: second,
                offsetMinutes: $0)
        }
    }
}
