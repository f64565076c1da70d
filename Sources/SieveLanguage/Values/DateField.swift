// SPDX-License-Identifier: MIT

/// Reads and writes dates as mail has them (RFC 5322 §3.3, §4.3).
enum DateField {
    static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// Octets of a field that may hold a date: dates have about 40, and comments some more.
    private static let octetsMax = 998

    /// The time that a field's body holds, in the zone that it names. Nil for anything else; a weekday that
    /// isn't that day's is forgiven.
    static func parse(_ body: [UInt8]) -> CivilTime? {
        guard body.count <= octetsMax, var words = words(body) else { return nil }
        if let first = words.first, weekdays.contains(where: { first.lowercased() == $0.lowercased() }) {
            words.removeFirst()
            if words.first == "," { words.removeFirst() }
        }
        // day month year hour : minute [: second] zone
        guard words.count >= 6, let day = number(words[0], digits: 1...2),
            let month = months.firstIndex(where: { $0.lowercased() == words[1].lowercased() }),
            let year = year(words[2]), let hour = number(words[3], digits: 1...2), words[4] == ":",
            let minute = number(words[5], digits: 2...2)
        else { return nil }
        var rest = words.dropFirst(6)
        var second = 0
        if rest.first == ":" {
            guard let word = rest.dropFirst().first, let found = number(word, digits: 2...2) else {
                return nil
            }
            second = found
            rest = rest.dropFirst(2)
        }
        // Without a zone nobody knows; RFC 5322 §4.3 takes an unknown one as -0000.
        guard rest.count <= 1, let offset = rest.first.map(offset) ?? 0 else { return nil }
        return CivilTime(
            year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second,
            offsetMinutes: offset)
    }

    /// `Tue, 1 Apr 1997 09:06:31 -0800`.
    static func text(_ time: CivilTime) -> String {
        "\(weekdays[time.weekday]), \(time.day) \(months[time.month - 1]) \(padded(time.year, 4)) "
            + "\(padded(time.hour)):\(padded(time.minute)):\(padded(time.second)) \(zone(time.offsetMinutes))"
    }

    /// `+0130`.
    static func zone(_ offsetMinutes: Int) -> String {
        let minutes = abs(offsetMinutes)
        return (offsetMinutes < 0 ? "-" : "+") + padded(minutes / 60) + padded(minutes % 60)
    }

    /// `+hhmm` or `-hhmm` as minutes.
    static func offsetMinutes(_ text: [UInt8]) -> Int? {
        guard text.count == 5, text[0] == UInt8(ascii: "+") || text[0] == UInt8(ascii: "-"),
            let number = number(String(decoding: text.dropFirst(), as: UTF8.self), digits: 4...4),
            number % 100 < 60, number / 100 < 24
        else { return nil }
        return (number / 100 * 60 + number % 100) * (text[0] == UInt8(ascii: "-") ? -1 : 1)
    }

    static func padded(_ number: Int, _ width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    /// Words, and `,` and `:` each as a word of its own; comments are left out (RFC 5322 §3.2.2). Nil where
    /// one doesn't end.
    private static func words(_ body: [UInt8]) -> [String]? {
        var words: [String] = []
        var word: [UInt8] = []
        var depth = 0
        var isQuoted = false
        func end() {
            if !word.isEmpty { words.append(String(decoding: word, as: UTF8.self)) }
            word = []
        }
        for octet in body {
            if depth > 0 {
                if isQuoted { isQuoted = false; continue }
                switch octet {
                case UInt8(ascii: "\\"): isQuoted = true
                case UInt8(ascii: "("): depth += 1
                case UInt8(ascii: ")"): depth -= 1
                default: break
                }
                continue
            }
            switch octet {
            case 0x20, 0x09, 0x0D, 0x0A: end()
            case UInt8(ascii: "("):
                end()
                depth = 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                end()
                words.append(String(Unicode.Scalar(octet)))
            default: word.append(octet)
            }
        }
        end()
        return depth == 0 ? words : nil
    }

    private static func number(_ word: String, digits: ClosedRange<Int>) -> Int? {
        guard digits.contains(word.utf8.count), word.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        return Int(word)
    }

    /// RFC 5322 §4.3: two digits below 50 are of this century, others and three digits count from 1900.
    private static func year(_ word: String) -> Int? {
        guard let number = number(word, digits: 2...4) else { return nil }
        switch word.utf8.count {
        case 2: return number + (number < 50 ? 2_000 : 1_900)
        case 3: return number + 1_900
        default: return number
        }
    }

    private static func offset(_ word: String) -> Int? {
        if let offset = offsetMinutes(Array(word.utf8)) { return offset }
        switch word.uppercased() {
        case "EDT": return -240
        case "EST", "CDT": return -300
        case "CST", "MDT": return -360
        case "MST", "PDT": return -420
        case "PST": return -480
        default:
            // UT, GMT, and whatever else is letters: military zones were written with both signs.
            return word.utf8.allSatisfy { $0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A } ? 0 : nil
        }
    }
}
