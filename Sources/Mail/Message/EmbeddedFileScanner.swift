// SPDX-License-Identifier: MIT

/// Finds uuencoded and yEnc files in a text, in one pass: each line is looked at once, and most only at their
/// first octet.
struct EmbeddedFileScanner {
    private let bytes: UnsafeRawBufferPointer
    private let filesMax: Int
    private let limits: MessageLimits
    private var files: [EmbeddedFile] = []
    /// `filesMax` was reached with text left.
    private(set) var isCutShort = false
    /// The text has octets above 127.
    private(set) var sawEightBit = false
    /// Up to here octets above 127 were looked for.
    private var surveyed = 0

    /// Octets that are looked through for octets above 127 at once: few enough to be in the processor's
    /// nearest memory still when their lines are read.
    private static let blockOctets = 16_384

    private static let uuWord = Array("begin ".utf8)
    private static let yWord = Array("=ybegin ".utf8)
    private static let yPart = Array("=ypart ".utf8)
    private static let yEnd = Array("=yend".utf8)

    init(_ bytes: UnsafeRawBufferPointer, filesMax: Int, limits: MessageLimits) {
        self.bytes = bytes
        self.filesMax = filesMax
        self.limits = limits
    }

    mutating func scan(_ body: Range<Int>) -> [EmbeddedFile] {
        let body = body.clamped(to: 0..<bytes.count)
        var position = body.lowerBound
        surveyed = body.lowerBound
        while let start = nextBeginning(from: position, in: body) {
            guard files.count < filesMax else {
                isCutShort = true
                break
            }
            let line = line(at: start, upTo: body.upperBound)
            let file =
                bytes[start] == ASCII.equals ? yEncFile(line, in: body) : uuFile(line, in: body)
            if let file { files.append(file) }
            position = max(file?.range.upperBound ?? 0, line.next)
        }
        while surveyed < body.upperBound { survey(upTo: body.upperBound) }
        return files
    }

    private mutating func survey(upTo end: Int) {
        let blockEnd = min(end, surveyed + Self.blockOctets)
        if !sawEightBit { sawEightBit = HeaderScanner.hasEightBit(bytes, in: surveyed..<blockEnd) }
        surveyed = blockEnd
    }

    /// The first line at or after `from`, where a line begins, that may begin a file.
    private mutating func nextBeginning(from: Int, in body: Range<Int>) -> Int? {
        var start = from
        while start < body.upperBound {
            while surveyed <= start { survey(upTo: body.upperBound) }
            let first = bytes[start]
            if first == Self.uuWord[0] || first == ASCII.equals, beginsFile(start, upTo: body.upperBound) {
                return start
            }
            let lf = LineReader.firstIndex(of: ASCII.lf, in: bytes, from: start, upTo: body.upperBound)
            guard let lf else { return nil }
            start = lf + 1
        }
        return nil
    }

    private func begins(_ word: [UInt8], at from: Int, upTo end: Int) -> Bool {
        from + word.count <= end && LineReader.matches(word, in: bytes, at: from)
    }

    private func line(at start: Int, upTo end: Int) -> LineReader.Line {
        let lf = LineReader.firstIndex(of: ASCII.lf, in: bytes, from: start, upTo: end)
        var contentEnd = lf ?? end
        if contentEnd > start, bytes[contentEnd - 1] == ASCII.cr { contentEnd -= 1 }
        return .init(start: start, contentEnd: contentEnd, next: lf.map { $0 + 1 } ?? end)
    }

    private func content(_ line: LineReader.Line) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: bytes[line.start..<line.contentEnd])
    }

    // MARK: uuencode

    /// `begin`, a mode, a name, and a line that may be data: else it is a sentence that begins so. Without a
    /// mode two blanks are enough, which some readers take.
    private func uuFile(_ head: LineReader.Line, in body: Range<Int>) -> EmbeddedFile? {
        var rest = content(head).dropFirst(Self.uuWord.count)
        let blanks = rest.prefix { $0 == ASCII.space }.count
        rest = rest.dropFirst(blanks)
        let digits = rest.prefix { (0x30...0x37).contains($0) }
        let afterDigits = rest.dropFirst(digits.count)
        if (3...4).contains(digits.count), afterDigits.first == ASCII.space {
            rest = afterDigits
        } else if blanks == 0 {
            return nil
        }
        var line = line(at: head.next, upTo: body.upperBound)
        guard line.start < body.upperBound, case .data = EmbeddedFileDecoder.uuLine(content(line)) else {
            return nil
        }
        var found: [MessageDefect] = []
        let name = name(rest, &found)
        var size = 0
        var end = line.start
        var sawNone = false
        while line.start < body.upperBound {
            if isEnd(line) {
                return EmbeddedFile(
                    kind: .uuencode, name: name, range: head.start..<line.next,
                    dataRange: head.next..<line.start,
                    size: size, declaredSize: nil, declaredChecksum: nil, partNumber: nil, defects: found)
            }
            let first = bytes[line.start]
            if first == UInt8(ascii: "b") || first == ASCII.equals,
                beginsFile(line.start, upTo: body.upperBound)
            {
                break
            }
            switch EmbeddedFileDecoder.uuLine(content(line)) {
            case .data(let octets, let isWhole):
                size += octets
                if !isWhole || sawNone { found.note(.brokenUUEncode) }
            case .none: sawNone = true
            case .alien: found.note(.brokenUUEncode)
            }
            end = line.next
            line = self.line(at: line.next, upTo: body.upperBound)
        }
        found.note(.truncatedUUEncode)
        return EmbeddedFile(
            kind: .uuencode, name: name, range: head.start..<end, dataRange: head.next..<end, size: size,
            declaredSize: nil, declaredChecksum: nil, partNumber: nil, defects: found)
    }

    private func isEnd(_ line: LineReader.Line) -> Bool {
        content(line).count < 16 && content(line).prefix { !ASCII.isBlank($0) }.elementsEqual("end".utf8)
            && content(line).dropFirst(3).allSatisfy(ASCII.isBlank)
    }

    private func beginsFile(_ start: Int, upTo end: Int) -> Bool {
        begins(Self.uuWord, at: start, upTo: end) || begins(Self.yWord, at: start, upTo: end)
    }

    // MARK: yEnc

    /// `=ybegin` with a size or a name. Its data may begin with anything but `=y`.
    private func yEncFile(_ head: LineReader.Line, in body: Range<Int>) -> EmbeddedFile? {
        var found: [MessageDefect] = []
        let fields = YFields(content(head).dropFirst(Self.yWord.count), takesName: true)
        guard fields.name != nil || fields["size"] != nil else { return nil }
        if fields.name == nil || fields.number("size") == nil || fields.number("line") == nil {
            found.note(.brokenYEnc)
        }
        let name = name(fields.name ?? [], &found)
        var dataStart = head.next
        var piece: (begin: Int, end: Int)?
        if begins(Self.yPart, at: head.next, upTo: body.upperBound) {
            let line = line(at: head.next, upTo: body.upperBound)
            let range = YFields(content(line).dropFirst(Self.yPart.count), takesName: false)
            if let begin = range.number("begin"), let end = range.number("end"), begin >= 1, end >= begin {
                piece = (begin, end)
            } else {
                found.note(.brokenYEnc)
            }
            dataStart = line.next
        } else if fields["part"] != nil {
            found.note(.brokenYEnc)
        }
        let declared = fields.number("size")
        let isWhole =
            fields["part"] == nil && fields["total"] == nil
            || fields.number("part") == 1 && fields.number("total") ?? 1 == 1
                && (piece.map { $0.begin == 1 && $0.end == declared } ?? true)
        if !isWhole { found.note(.embeddedFragment) }
        let (end, trailer, size) = yData(from: dataStart, upTo: body.upperBound, &found)
        var checksum: UInt32?
        if let trailer {
            let last = YFields(content(trailer).dropFirst(Self.yEnd.count), takesName: false)
            if last.number("size") == nil { found.note(.brokenYEnc) }
            let sizes = [last.number("size"), isWhole ? declared : piece.map { $0.end - $0.begin + 1 }]
            if sizes.contains(where: { $0 != nil && $0 != size }) { found.note(.embeddedSizeMismatch) }
            if let text = last["pcrc32"] ?? (isWhole ? last["crc32"] : nil) {
                checksum = UInt32(text, radix: 16)
                if checksum == nil { found.note(.brokenYEnc) }
            }
        } else {
            found.note(.truncatedYEnc)
        }
        return EmbeddedFile(
            kind: .yEnc, name: name, range: head.start..<(trailer?.next ?? end), dataRange: dataStart..<end,
            size: size, declaredSize: isWhole ? declared : piece.map { $0.end - $0.begin + 1 },
            declaredChecksum: checksum, partNumber: isWhole ? nil : fields.number("part") ?? 0, defects: found
        )
    }

    /// Where the data ends, the `=yend` line if there is one, and how many octets the data stands for.
    private func yData(
        from start: Int, upTo bodyEnd: Int, _ found: inout [MessageDefect]
    ) -> (end: Int, trailer: LineReader.Line?, size: Int) {
        var size = 0
        var position = start
        while position < bodyEnd {
            let line = line(at: position, upTo: bodyEnd)
            if bytes[line.start] == ASCII.equals {
                if begins(Self.yEnd, at: line.start, upTo: bodyEnd) { return (line.start, line, size) }
                if beginsFile(line.start, upTo: bodyEnd) { return (line.start, nil, size) }
            }
            var isEscaped = false
            for byte in content(line) where byte != ASCII.cr {
                if isEscaped {
                    isEscaped = false
                } else if byte == ASCII.equals {
                    isEscaped = true
                    continue
                }
                size += 1
            }
            if isEscaped { found.note(.brokenYEnc) }
            position = line.next
        }
        return (max(start, bodyEnd), nil, size)
    }

    /// A name for people and rules, cut where it is too long.
    private func name(_ octets: some Collection<UInt8>, _ found: inout [MessageDefect]) -> String {
        var kept = octets.drop(while: ASCII.isBlank).prefix(limits.fileNameOctetsMax)
        if kept.count < octets.drop(while: ASCII.isBlank).count { found.note(.fileNameTooLong) }
        if kept.contains(where: ASCII.isControl) { found.note(.controlInFileName) }
        while let end = kept.indices.reversed().first, ASCII.isBlank(kept[end]) { kept = kept[..<end] }
        return String(decoding: kept, as: UTF8.self)
    }
}

/// `key=value` words of a yEnc line; `name=` goes to the line's end.
private struct YFields {
    private var values: [String: String] = [:]
    private(set) var name: [UInt8]?

    /// Words of one line: yEnc knows six. More aren't read.
    private static let wordsMax = 20

    init(_ content: some Collection<UInt8>, takesName: Bool) {
        var rest = Array(content)[...]
        for _ in 0..<Self.wordsMax {
            rest = rest.drop(while: ASCII.isBlank)
            let word = rest.prefix { !ASCII.isBlank($0) }
            guard !word.isEmpty else { return }
            let key = word.prefix { $0 != ASCII.equals }
            if takesName, key.elementsEqual("name".utf8), key.count < word.count {
                name = Array(rest.dropFirst(key.count + 1))
                return
            }
            rest = rest.dropFirst(word.count)
            let text = String(decoding: key, as: UTF8.self)
            if values[text] == nil {
                values[text] = String(decoding: word.dropFirst(key.count + 1), as: UTF8.self)
            }
        }
    }

    subscript(_ key: String) -> String? { values[key] }

    /// At most 15 digits, which is more than any file has octets.
    func number(_ key: String) -> Int? {
        guard let text = values[key], (1...15).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return nil }
        return Int(text)
    }
}
