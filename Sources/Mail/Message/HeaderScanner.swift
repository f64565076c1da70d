// SPDX-License-Identifier: MIT

/// Reads a header block line by line (RFC 5322 §2.2, §4.5). The caller finds the lines, since in a part a
/// delimiter ends the header too.
struct HeaderScanner {
    enum Step {
        case more
        /// The body starts at this offset: after an empty line, or at a line that is no field.
        case ended(Int)
    }

    private struct Open {
        let start: Int
        let nameEnd: Int
        let bodyStart: Int
    }

    private var start: Int
    private let octetsEnd: Int
    private let fieldsMax: Int
    private let lineOctetsMax: Int
    /// In a message/global (RFC 6532).
    private let allowsUTF8: Bool
    private var fields: [HeaderBlock.Field] = []
    private var defects: [MessageDefect] = []
    private var open: Open?
    private var sawField = false

    init(start: Int, octetsMax: Int, fieldsMax: Int, lineOctetsMax: Int, allowsUTF8: Bool = false) {
        self.start = start
        octetsEnd = start + max(0, octetsMax)
        self.fieldsMax = fieldsMax
        self.lineOctetsMax = lineOctetsMax
        self.allowsUTF8 = allowsUTF8
        fields.reserveCapacity(min(32, max(0, fieldsMax)))
    }

    mutating func note(_ defect: MessageDefect) { defects.note(defect) }

    mutating func take(_ line: LineReader.Line, of bytes: UnsafeRawBufferPointer) -> Step {
        guard line.start < line.contentEnd else {
            close(at: line.start, of: bytes)
            return .ended(line.next)
        }
        if line.contentEnd - line.start > lineOctetsMax { defects.note(.headerLineTooLong) }
        if sawField, ASCII.isBlank(bytes[line.start]) {
            if bytes[line.start..<line.contentEnd].allSatisfy(ASCII.isBlank) {
                defects.note(.blankContinuation)
            }
            return .more
        }
        guard let field = Self.field(in: line, of: bytes) else {
            if !sawField, line.start == start, Self.isMboxLine(line, of: bytes) {
                defects.note(.mboxFromLine)
                start = line.next
                return .more
            }
            close(at: line.start, of: bytes)
            defects.note(.headerCutShort)
            return .ended(line.start)
        }
        close(at: line.start, of: bytes)
        if field.nameEnd + 1 != field.bodyStart { defects.note(.spaceBeforeColon) }
        open = field
        sawField = true
        return .more
    }

    /// The block, ended at `end` by the caller's judgement or by `take`'s.
    mutating func finish(at end: Int, of bytes: UnsafeRawBufferPointer) -> HeaderBlock {
        close(at: end, of: bytes)
        let seen = min(start, end)..<min(end, max(start, octetsEnd))
        if LineReader.firstIndex(of: ASCII.nul, in: bytes, from: seen.lowerBound, upTo: seen.upperBound)
            != nil
        {
            defects.note(.nul)
        }
        if Self.hasEightBit(bytes, in: seen) {
            // Not `String(validating:)`, which would copy the block.
            let isUTF8 = Self.isUTF8(bytes, in: seen)
            if !isUTF8 { defects.note(.notUTF8InHeader) }
            if !isUTF8 || !allowsUTF8 { defects.note(.eightBitInHeader) }
        }
        if Self.hasControl(bytes, in: seen) { defects.note(.controlInHeader) }
        return HeaderBlock(start: min(start, end), end: end, fields: fields, defects: defects)
    }

    /// Lists the field in progress, which ends at `end`; one that passes the limits is left out as a whole.
    private mutating func close(at end: Int, of bytes: UnsafeRawBufferPointer) {
        guard let field = open else { return }
        open = nil
        guard end <= octetsEnd else {
            defects.note(.headerTooLong)
            return
        }
        guard fields.count < fieldsMax else {
            defects.note(.tooManyFields)
            return
        }
        let name = String(decoding: bytes[field.start..<field.nameEnd], as: UTF8.self)
        fields.append(.init(name: name, range: field.start..<end, body: field.bodyStart..<end))
    }

    /// Printable octets, blanks perhaps (RFC 5322 §4.5), a colon.
    private static func field(in line: LineReader.Line, of bytes: UnsafeRawBufferPointer) -> Open? {
        var index = line.start
        while index < line.contentEnd, bytes[index] > 0x20, bytes[index] < 0x7F, bytes[index] != ASCII.colon {
            index += 1
        }
        let nameEnd = index
        while index < line.contentEnd, ASCII.isBlank(bytes[index]) { index += 1 }
        guard nameEnd > line.start, index < line.contentEnd, bytes[index] == ASCII.colon else { return nil }
        return Open(start: line.start, nameEnd: nameEnd, bodyStart: index + 1)
    }

    private static func isMboxLine(_ line: LineReader.Line, of bytes: UnsafeRawBufferPointer) -> Bool {
        let quoted = bytes[line.start] == ASCII.greater ? 1 : 0
        return LineReader.matches(Array("From ".utf8), in: bytes, at: line.start + quoted)
    }

    /// Control characters but for NUL and what blanks and line ends are made of.
    static func hasControl(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) -> Bool {
        for index in range {
            let byte = bytes[index]
            guard byte < 0x20 || byte == 0x7F else { continue }
            switch byte {
            case ASCII.tab, ASCII.lf, ASCII.cr, ASCII.nul: continue
            default: return true
            }
        }
        return false
    }

    /// Whether the octets are well-formed UTF-8 (RFC 3629).
    static func isUTF8(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) -> Bool {
        var decoder = UTF8()
        var octets = bytes[range].makeIterator()
        while true {
            switch decoder.decode(&octets) {
            case .scalarValue: continue
            case .emptyInput: return true
            case .error: return false
            }
        }
    }

    static func hasEightBit(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) -> Bool {
        var index = range.lowerBound
        var seen: UInt64 = 0
        while index + 8 <= range.upperBound {
            seen |= bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < range.upperBound {
            seen |= UInt64(bytes[index])
            index += 1
        }
        return seen & 0x8080_8080_8080_8080 != 0
    }
}
