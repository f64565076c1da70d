// SPDX-License-Identifier: MIT

/// Writes header fields that every reader reads alike: ASCII, folded, no comments, no obsolete forms.
enum FieldWriter {
    /// Columns that a line is filled to (RFC 5322 §2.1.1 wants 78 at most).
    private static let lineOctetsMax = 76
    /// Octets of text in an encoded word: in base64 with its frame they stay below 75 (RFC 2047 §2).
    private static let wordTextOctetsMax = 42
    /// Octets of text, encoded, in one RFC 2231 section.
    private static let sectionOctetsMax = 56
    /// Octets of a word that is still written plainly. Longer ones of a text are encoded, which can be
    /// folded.
    private static let plainWordOctetsMax = 500

    private static let lineEnd = [ASCII.cr, ASCII.lf]

    /// `Name: value` with its line end, folded before blanks. A run of blanks that fills a line becomes one.
    static func field(_ name: String, _ value: [UInt8]) -> [UInt8] {
        var written = Array(name.utf8) + [ASCII.colon]
        var column = written.count
        var index = 0
        var isFirst = true
        while index < value.count {
            var end = index
            while end < value.count, ASCII.isBlank(value[end]) { end += 1 }
            var blanks = Array(value[index..<end])
            if isFirst || blanks.count > lineOctetsMax { blanks = [ASCII.space] }
            let wordStart = end
            while end < value.count, !ASCII.isBlank(value[end]) { end += 1 }
            guard end > wordStart else { break }
            if !isFirst, column + blanks.count + end - wordStart > lineOctetsMax {
                written += lineEnd
                column = 0
            }
            written += blanks + value[wordStart..<end]
            column += blanks.count + end - wordStart
            index = end
            isFirst = false
        }
        return written + lineEnd
    }

    // MARK: Texts

    /// `text` with encoded words (RFC 2047) for what isn't ASCII or looks like one; control characters go.
    static func text(_ text: String, encodesLongWords: Bool) -> [UInt8] {
        let scalars = withoutControls(text).unicodeScalars
        let isPadded =
            scalars.first == " " || scalars.first == "\t" || scalars.last == " " || scalars.last == "\t"
        var written: [UInt8] = []
        // A run of words that must be encoded, with the blanks between them: blanks between encoded words
        // mean nothing.
        var run = ""
        var blanks = ""
        var word = ""
        func closeWord() {
            guard !word.isEmpty else { return }
            let mustEncode =
                isPadded || word.utf8.contains { $0 > 0x7E } || EncodedWord.isIn(Array(word.utf8))
                || encodesLongWords && word.utf8.count > plainWordOctetsMax
            if mustEncode, !run.isEmpty {
                run += blanks + word
            } else {
                closeRun()
                written += Array(blanks.utf8)
                if mustEncode { run = word } else { written += Array(word.utf8) }
            }
            blanks = ""
            word = ""
        }
        func closeRun() {
            if !run.isEmpty { written += words(run) }
            run = ""
        }
        for scalar in scalars {
            if scalar == " " || scalar == "\t", !isPadded {
                closeWord()
                blanks.unicodeScalars.append(scalar)
            } else {
                word.unicodeScalars.append(scalar)
            }
        }
        closeWord()
        closeRun()
        return written
    }

    /// Encoded words with a blank between them.
    private static func words(_ text: String) -> [UInt8] {
        var written: [UInt8] = []
        var piece: [UInt8] = []
        func close() {
            guard !piece.isEmpty else { return }
            if !written.isEmpty { written.append(ASCII.space) }
            written += Array("=?utf-8?B?".utf8) + TransferEncoder.base64(piece, isFolded: false)
            written += [ASCII.question, ASCII.equals]
            piece = []
        }
        for scalar in text.unicodeScalars {
            if piece.count + UTF8.width(scalar) > wordTextOctetsMax { close() }
            piece += UTF8.encode(scalar).map(Array.init) ?? []
        }
        close()
        return written
    }

    /// `text` without control characters: a line end becomes a blank, a tab stays, the others go.
    static func withoutControls(_ text: String) -> String {
        var kept = ""
        for scalar in text.unicodeScalars {
            if scalar == "\r" || scalar == "\n" {
                kept.unicodeScalars.append(" ")
            } else if scalar.value >= 0x20 && scalar.value != 0x7F || scalar == "\t" {
                kept.unicodeScalars.append(scalar)
            }
        }
        return kept
    }

    // MARK: Addresses

    /// The addresses as one list; nil for none.
    static func addresses(_ addresses: [HeaderAddress]) -> [UInt8]? {
        guard !addresses.isEmpty else { return nil }
        var written: [UInt8] = []
        var group: String?
        for (index, address) in addresses.enumerated() {
            if address.group != group {
                if group != nil { written.append(ASCII.semicolon) }
            }
            if index > 0 { written += [ASCII.comma, ASCII.space] }
            if address.group != group, let name = address.group {
                written += phrase(name) + [ASCII.colon, ASCII.space]
            }
            group = address.group
            written += mailbox(address)
        }
        if group != nil { written.append(ASCII.semicolon) }
        return written
    }

    private static func mailbox(_ address: HeaderAddress) -> [UInt8] {
        let local = localPart(address.localPart)
        let domain = address.domain.isEmpty ? [] : [ASCII.at] + Array(address.domain.utf8)
        let isNobody = address.localPart.isEmpty && address.domain.isEmpty
        if address.display.isEmpty, !isNobody { return local + domain }
        let name = address.display.isEmpty ? [] : phrase(address.display) + [ASCII.space]
        return name + [ASCII.less] + (isNobody ? [] : local + domain) + [ASCII.greater]
    }

    private static func phrase(_ text: String) -> [UInt8] {
        let octets = Array(withoutControls(text).utf8)
        if octets.contains(where: { $0 > 0x7E }) || EncodedWord.isIn(octets) {
            return self.words(withoutControls(text))
        }
        let isPlain =
            octets.allSatisfy { isAtomText($0) || $0 == ASCII.space } && octets.first != ASCII.space
            && octets.last != ASCII.space && !octets.isEmpty
        return isPlain ? octets : quoted(octets)
    }

    private static func localPart(_ text: String) -> [UInt8] {
        let octets = Array(text.utf8)
        let atoms = octets.split(separator: ASCII.dot, omittingEmptySubsequences: false)
        let isPlain = atoms.allSatisfy { !$0.isEmpty && $0.allSatisfy { isAtomText($0) || $0 > 0x7F } }
        return isPlain ? octets : quoted(octets)
    }

    /// RFC 5322 §3.2.3.
    private static func isAtomText(_ byte: UInt8) -> Bool {
        switch byte {
        case ASCII.slash, ASCII.equals, ASCII.question: true
        case ASCII.dot: false
        default: ASCII.isToken(byte)
        }
    }

    private static func quoted(_ octets: some Sequence<UInt8>) -> [UInt8] {
        var written = [ASCII.quote]
        for octet in octets {
            if octet == ASCII.quote || octet == ASCII.backslash { written.append(ASCII.backslash) }
            written.append(octet)
        }
        return written + [ASCII.quote]
    }

    // MARK: Parameters

    /// A field with parameters, one on each line.
    static func field(_ name: String, _ value: String, parameters: [(name: String, value: String)]) -> [UInt8]
    {
        var written = Array("\(name): \(value)".utf8)
        for parameter in parameters {
            for piece in self.parameter(parameter.name, parameter.value) {
                written += [ASCII.semicolon] + lineEnd + [ASCII.space] + piece
            }
        }
        return written + lineEnd
    }

    /// A token, a quoted string without backslashes, or what RFC 2231 says, which only holds ASCII then.
    private static func parameter(_ name: String, _ value: String) -> [[UInt8]] {
        let octets = Array(value.utf8)
        let isShort = octets.count <= sectionOctetsMax
        // An apostrophe without quotes is read as RFC 2231's by some.
        if isShort, !octets.isEmpty, octets.allSatisfy({ ASCII.isToken($0) && $0 != ASCII.apostrophe }) {
            return [Array(name.utf8) + [ASCII.equals] + octets]
        }
        let isQuotable = octets.allSatisfy {
            $0 >= 0x20 && $0 < 0x7F && $0 != ASCII.quote && $0 != ASCII.backslash
        }
        if isShort, isQuotable, !EncodedWord.isIn(octets) {
            return [Array(name.utf8) + [ASCII.equals] + quoted(octets)]
        }
        var sections: [[UInt8]] = []
        var section = Array("utf-8''".utf8)
        for scalar in value.unicodeScalars {
            let encoded = TransferEncoder.percent(scalar)
            if section.count + encoded.count > sectionOctetsMax {
                sections.append(section)
                section = []
            }
            section += encoded
        }
        sections.append(section)
        if sections.count == 1 { return [Array("\(name)*=".utf8) + sections[0]] }
        return sections.enumerated().map { Array("\(name)*\($0.offset)*=".utf8) + $0.element }
    }
}
