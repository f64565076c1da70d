// SPDX-License-Identifier: MIT

/// Reads parameters in two steps: the segments as they are written, then what they mean together (RFC 2231).
struct ParameterReader {
    /// One `name*section*=value`.
    private struct Segment {
        let name: String
        /// From 0; nil where the name has none.
        let section: Int?
        /// The name ended in `*`: percent-encoded, and with a charset in the first section.
        let isExtended: Bool
        let value: [UInt8]
    }

    private let limits: MessageLimits
    private var segments: [Segment] = []
    private var defects: [MessageDefect] = []

    init(limits: MessageLimits) { self.limits = limits }

    // MARK: Segments

    mutating func readSegments(_ cursor: inout HeaderCursor) {
        cursor.skipSpace()
        while !cursor.isAtEnd {
            guard cursor.take(ASCII.semicolon) else {
                // Something between a value and the next semicolon.
                defects.note(.brokenParameter)
                skipToSemicolon(&cursor)
                continue
            }
            cursor.skipSpace()
            if cursor.isAtEnd || cursor.next == ASCII.semicolon { continue }
            guard segments.count < limits.parametersMax else {
                defects.note(.tooManyParameters)
                return
            }
            readSegment(&cursor)
            cursor.skipSpace()
        }
        if cursor.isUnterminated { defects.note(.brokenParameter) }
    }

    private mutating func readSegment(_ cursor: inout HeaderCursor) {
        let name = ASCII.lowered(cursor.take(while: ASCII.isToken))
        cursor.skipSpace()
        guard !name.isEmpty, cursor.take(ASCII.equals) else {
            defects.note(.brokenParameter)
            skipToSemicolon(&cursor)
            return
        }
        cursor.skipSpace()
        let quoted = cursor.takeQuotedString()
        let value = quoted ?? takeBareValue(&cursor)
        let segment = segment(name: name, value: value)
        // Some readers look for a charset and a language before apostrophes here too.
        if quoted == nil, !segment.isExtended, value.contains(ASCII.apostrophe) {
            defects.note(.brokenParameter)
        }
        segments.append(segment)
    }

    /// A value without quotes. What should have been quoted and wasn't goes on to the semicolon, blanks and
    /// all: `filename=my report.pdf` is what senders write and people see.
    private mutating func takeBareValue(_ cursor: inout HeaderCursor) -> [UInt8] {
        let start = cursor.index
        let isPlain = { (byte: UInt8) in
            !ASCII.isSpace(byte) && byte != ASCII.semicolon && byte != ASCII.openParenthesis
        }
        let plain = cursor.take(while: isPlain)
        if plain.isEmpty || !plain.allSatisfy(ASCII.isToken) { defects.note(.brokenParameter) }
        cursor.skipSpace()
        if cursor.isAtEnd || cursor.next == ASCII.semicolon { return Array(plain) }
        defects.note(.brokenParameter)
        _ = cursor.take { $0 != ASCII.semicolon }
        var value = cursor.bytes[start..<cursor.index]
        while let last = value.last, ASCII.isSpace(last) { value.removeLast() }
        return Array(value)
    }

    private func skipToSemicolon(_ cursor: inout HeaderCursor) {
        while let byte = cursor.next, byte != ASCII.semicolon {
            if byte == ASCII.quote {
                _ = cursor.takeQuotedString()
            } else {
                cursor.skipOne()
            }
        }
    }

    /// Splits `name*0*`. A name that only resembles that is an ordinary one.
    private mutating func segment(name: String, value: [UInt8]) -> Segment {
        let fields = name.utf8.split(separator: ASCII.asterisk, omittingEmptySubsequences: false)
        let plain = Segment(name: name, section: nil, isExtended: false, value: value)
        guard fields.count > 1, let base = fields.first, !base.isEmpty, let last = fields.last else {
            return plain
        }
        let isExtended = last.isEmpty
        let baseName = String(decoding: base, as: UTF8.self)
        if fields.count == 2, isExtended {
            return Segment(name: baseName, section: nil, isExtended: true, value: value)
        }
        let digits = fields[1]
        guard fields.count == 2 || (fields.count == 3 && isExtended), (1...4).contains(digits.count),
            digits.allSatisfy({ (0x30...0x39).contains($0) })
        else {
            defects.note(.brokenContinuation)
            return plain
        }
        if digits.count > 1, digits.first == 0x30 { defects.note(.brokenContinuation) }
        let section = digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
        return Segment(name: baseName, section: section, isExtended: isExtended, value: value)
    }

    // MARK: Meaning

    mutating func assemble() -> ParameterList {
        var names: [String] = []
        var byName: [String: [Segment]] = [:]
        for segment in segments {
            if byName[segment.name] == nil { names.append(segment.name) }
            byName[segment.name, default: []].append(segment)
        }
        var contradicted: [String] = []
        let parameters = names.compactMap { name -> ParameterList.Parameter? in
            let candidates = readings(of: byName[name] ?? [], name: name)
            guard let chosen = candidates.first else { return nil }
            if candidates.contains(where: { $0.value != chosen.value }) {
                defects.note(.contradictingParameter)
                contradicted.append(name)
            }
            return chosen
        }
        return ParameterList(parameters: parameters, defects: defects, contradicted: contradicted)
    }

    /// Every value that a reader could see, the one to prefer first: extended, then continued, then plain.
    private mutating func readings(of segments: [Segment], name: String) -> [ParameterList.Parameter] {
        var readings: [ParameterList.Parameter] = []
        for segment in segments where segment.section == nil && segment.isExtended {
            readings.append(parameter(name: name, sections: [segment]))
        }
        let sections = segments.filter { $0.section != nil }
            .enumerated().sorted {
                ($0.element.section ?? 0, $0.offset) < ($1.element.section ?? 0, $1.offset)
            }
            .map(\.element)
        if !sections.isEmpty {
            var joined: [Segment] = []
            for segment in sections {
                if segment.section == joined.count {
                    joined.append(segment)
                } else {
                    // A gap, or a section twice: what follows can't be placed.
                    defects.note(
                        segment.section == joined.count - 1 ? .contradictingParameter : .brokenContinuation)
                }
            }
            if !joined.isEmpty { readings.append(parameter(name: name, sections: joined)) }
        }
        for segment in segments where segment.section == nil && !segment.isExtended {
            readings.append(parameter(name: name, sections: [segment]))
        }
        return readings
    }

    /// Joins sections. Only the first may name a charset, `charset'language'text` (RFC 2231 §4).
    private mutating func parameter(name: String, sections: [Segment]) -> ParameterList.Parameter {
        var octets: [UInt8] = []
        var charset: String?
        for (index, section) in sections.enumerated() {
            guard section.isExtended else {
                octets.append(contentsOf: section.value)
                continue
            }
            var text = section.value[...]
            if index == 0 {
                let fields = text.split(
                    separator: ASCII.apostrophe, maxSplits: 2, omittingEmptySubsequences: false)
                if fields.count == 3 {
                    charset = ASCII.lowered(fields[0])
                    text = fields[2]
                } else {
                    defects.note(.brokenExtendedParameter)
                }
            }
            octets.append(contentsOf: percentDecoded(text))
        }
        let isExtended = charset != nil
        if !isExtended, name != "boundary", EncodedWord.isIn(octets) { defects.note(.encodedWordInParameter) }
        if let charset, !charset.isEmpty, !CharsetDecoding.knows(charset) { defects.note(.unknownCharset) }
        let value = CharsetDecoding.text(octets, charset: charset)
        return .init(
            name: name, octets: octets, value: value, isExtended: isExtended,
            isPlain: sections.allSatisfy { $0.section == nil && !$0.isExtended })
    }

    private mutating func percentDecoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        var decoded: [UInt8] = []
        decoded.reserveCapacity(text.count)
        var index = text.startIndex
        while index < text.endIndex {
            if text[index] == ASCII.percent {
                if index + 2 < text.endIndex, let high = ASCII.hexValue(text[index + 1]),
                    let low = ASCII.hexValue(text[index + 2])
                {
                    decoded.append(high << 4 | low)
                    index += 3
                    continue
                }
                defects.note(.brokenExtendedParameter)
            }
            // RFC 2231 §7: these are written as %XX too.
            if !ASCII.isToken(text[index]) || text[index] == ASCII.asterisk || text[index] == ASCII.apostrophe
            {
                defects.note(.brokenExtendedParameter)
            }
            decoded.append(text[index])
            index += 1
        }
        return decoded
    }
}
