// SPDX-License-Identifier: MIT
internal import Mail

/// Reads the lines of a text database. A mistake never stops it.
struct TextDatabaseParser {
    private let file: String
    private let limits: TextDatabaseLimits

    private var octets: [UInt8] = []
    private var starts: [UInt32] = []
    /// Number of the line that each entry stands in: for keys that stand twice.
    private var lines: [UInt32] = []
    private var slots: [UInt32] = []
    private var isFull = false
    private var complaints: [Complaint] = []
    private var complaintsLeftOut = 0

    init(file: String, limits: TextDatabaseLimits) {
        self.file = file
        self.limits = limits
    }

    mutating func parse(_ source: [UInt8]) -> (database: TextDatabase, complaints: [Complaint]) {
        // Offsets are 32 bits wide.
        guard source.count <= min(limits.fileOctetsMax, Int(UInt32.max) - 1) else {
            complain(
                1, 0..<1, [],
                "the file has \(source.count) octets, more than the \(limits.fileOctetsMax) that are read",
                help: "split it into databases of their own, or keep it live in the lookups role")
            return (.empty, complaints)
        }
        reserve(for: source)
        readLines(source)
        starts.append(UInt32(octets.count))
        if complaintsLeftOut > 0 {
            complaints.append(
                Complaint(
                    file: file, line: 1, message: "\(complaintsLeftOut) more mistakes are not shown",
                    help: "mend those shown, and check again"))
        }
        return (TextDatabase(octets: octets, starts: starts, slots: slots), complaints)
    }

    /// Room for all, so that nothing is copied while it grows.
    private mutating func reserve(for source: [UInt8]) {
        let lineCount = min(source.count { $0 == 0x0A } + 1, limits.entriesMax)
        octets.reserveCapacity(source.count + 1)
        starts.reserveCapacity(lineCount + 1)
        lines.reserveCapacity(lineCount)
        var slotCount = 2
        while slotCount * 2 < lineCount * 3 { slotCount *= 2 }
        slots = [UInt32](repeating: 0, count: slotCount)
    }

    private mutating func readLines(_ source: [UInt8]) {
        let text = source.span
        var position = source.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        var number = 0
        while position < text.count {
            number += 1
            var end = position
            var isPlain = true
            while end < text.count, text[end] != 0x0A {
                // Printable ASCII and tabs need no closer look.
                let octet = text[end]
                if octet >= 0x7F || octet < 0x20 && octet != 0x09 { isPlain = false }
                end += 1
            }
            var lineEnd = end
            if lineEnd > position, text[lineEnd - 1] == 0x0D { lineEnd -= 1 }
            let line = position..<lineEnd
            if line.count > limits.lineOctetsMax {
                complain(
                    number, 0..<1, [],
                    "this line has \(line.count) octets, more than \(limits.lineOctetsMax)",
                    help: "is a line end missing?")
            } else if !line.isEmpty, text[position] != UInt8(ascii: "!") {
                if isPlain || isReadable(number, source[line]) { take(number, line, text, source) }
            }
            position = end + 1
        }
    }

    private mutating func isReadable(_ number: Int, _ line: ArraySlice<UInt8>) -> Bool {
        let octets = Array(line)
        if String(validating: octets, as: UTF8.self) == nil {
            let octet = octets.firstIndex { $0 >= 0x80 } ?? 0
            complain(
                number, octet..<(octet + 1), octets, "this line is not UTF-8",
                help: "save the file as UTF-8; in comments any octets may stand")
            return false
        }
        if let index = octets.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            complain(
                number, index..<(index + 1), octets, "there is a control character in this line",
                help: "remove it; lines end in LF or CRLF")
            return false
        }
        return true
    }

    private mutating func take(_ number: Int, _ line: Range<Int>, _ text: Span<UInt8>, _ source: [UInt8]) {
        if text[line.lowerBound].isColumnSpace {
            guard let first = line.first(where: { !text[$0].isColumnSpace }) else { return }
            let start = first - line.lowerBound
            complain(
                number, start..<(start + 1), Array(source[line]),
                "this entry does not begin in the first column",
                help: "remove the blanks before the key; a key that begins with a blank is written \"$ \"")
            return
        }
        guard starts.count < limits.entriesMax else {
            guard !isFull else { return }
            isFull = true
            complain(
                number, 0..<line.count, Array(source[line]),
                "a database may have \(limits.entriesMax) entries; this and all later ones are left out",
                help: "split the database")
            return
        }
        let start = octets.count
        var hash = OctetHash()
        guard let keyEnd = readKey(number, line, text, source, &hash) else {
            octets.removeLast(octets.count - start)
            return
        }
        octets.append(0)
        var value = keyEnd..<line.upperBound
        while let first = value.first, text[first].isColumnSpace { value.removeFirst() }
        while let last = value.last, text[last].isColumnSpace { value.removeLast() }
        octets.append(contentsOf: source[value])
        if isNew(number, start, line, source, hash) {
            starts.append(UInt32(start))
            lines.append(UInt32(truncatingIfNeeded: number))
        } else {
            octets.removeLast(octets.count - start)
        }
    }

    /// Writes the key in lower case. Where it ends in the source; nil if it doesn't.
    private mutating func readKey(
        _ number: Int, _ line: Range<Int>, _ text: Span<UInt8>, _ source: [UInt8], _ hash: inout OctetHash
    ) -> Int? {
        var position = line.lowerBound
        var quote: Int?
        while position < line.upperBound {
            var octet = text[position]
            if octet == UInt8(ascii: "$"), position + 1 < line.upperBound, Self.isQuotable(text[position + 1])
            {
                position += 1
                octet = text[position]
            } else if octet == UInt8(ascii: "\"") {
                quote = quote == nil ? position : nil
            } else if quote == nil {
                if octet.isColumnSpace { return position }
            } else if octet == UInt8(ascii: "\\"), position + 1 < line.upperBound {
                // Inside quotes it takes the next character as it is (RFC 5321 §4.1.2), and stays.
                octets.append(octet)
                hash.add(octet)
                position += 1
                octet = text[position]
            }
            octet = octet.asciiLowercased
            octets.append(octet)
            hash.add(octet)
            position += 1
        }
        guard let quote else { return position }
        complain(
            number, (quote - line.lowerBound)..<line.count, Array(source[line]),
            "the quote that begins here has no end",
            help: "close it, or write $\" for a double quote that quotes nothing")
        return nil
    }

    private static func isQuotable(_ octet: UInt8) -> Bool {
        octet.isColumnSpace || octet == UInt8(ascii: "$") || octet == UInt8(ascii: "\"")
    }

    /// Takes a slot for the entry at `start`, unless its key has one.
    private mutating func isNew(
        _ number: Int, _ start: Int, _ line: Range<Int>, _ source: [UInt8], _ hash: OctetHash
    ) -> Bool {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: hash.value) & mask
        while slots[slot] != 0 {
            let entry = Int(slots[slot]) - 1
            let end = entry + 1 < starts.count ? Int(starts[entry + 1]) : start
            let other = octets[Int(starts[entry])..<end]
            let own = octets[start...]
            let key = own.prefix { $0 != 0 }
            if other.starts(with: key), other[other.startIndex + key.count] == 0 {
                let isSame = other.elementsEqual(own)
                complain(
                    number, 0..<key.count, Array(source[line]),
                    "this key stands in line \(lines[entry]) already, with "
                        + (isSame ? "the same value" : "another value"),
                    help: "remove one; keys compare without regard to case",
                    severity: isSame ? .warning : .error)
                return false
            }
            slot = (slot + 1) & mask
        }
        slots[slot] = UInt32(starts.count + 1)
        return true
    }

    /// `range` counts octets of `line`, the place shown counts characters.
    private mutating func complain(
        _ number: Int, _ range: Range<Int>, _ line: [UInt8], _ message: String, help: String,
        severity: Complaint.Severity = .error
    ) {
        guard complaints.count < limits.complaintsMax else {
            complaintsLeftOut += 1
            return
        }
        let whole = SourceLine(number: number, octets: line, joints: [], isUnfinished: false)
        complaints.append(
            Complaint(Fault(range, message, help: help, severity: severity), in: file, at: whole))
    }
}
