// SPDX-License-Identifier: MIT

/// HTML as the text that people see, near enough to search in: tags, comments, scripts and styles left out,
/// the commonest references read.
enum PlainText {
    /// Octets of a tag's name that matter.
    private static let nameOctetsMax = 12
    /// Octets of a character reference.
    private static let referenceOctetsMax = 10

    static func withoutMarkup(_ html: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(html.count)
        var offset = 0
        // Where nothing special stands any more.
        var nextTag = -1
        var nextReference = -1
        while offset < html.count {
            if nextTag < offset { nextTag = html.firstOffset(of: UInt8(ascii: "<"), from: offset) }
            if nextReference < offset {
                nextReference = html.firstOffset(of: UInt8(ascii: "&"), from: offset)
            }
            let special = min(nextTag, nextReference)
            if special > offset { text += html[offset..<special] }
            offset = special
            guard offset < html.count else { break }
            if html[offset] == UInt8(ascii: "<"), let end = tagEnd(html, offset, &text) {
                offset = end
            } else if html[offset] == UInt8(ascii: "&"), let (character, end) = reference(html, offset) {
                text += character
                offset = end
            } else {
                text.append(html[offset])
                offset += 1
            }
        }
        return text
    }

    /// Behind the tag at `start`, and behind what stands in a script or a style; nil where it is no tag.
    private static func tagEnd(_ html: [UInt8], _ start: Int, _ text: inout [UInt8]) -> Int? {
        if has(html, start, "<!--") { return find(html, start + 4, "-->").map { $0 + 3 } ?? html.count }
        guard start + 1 < html.count else { return nil }
        let isClosing = html[start + 1] == UInt8(ascii: "/")
        let nameStart = start + (isClosing ? 2 : 1)
        var nameEnd = nameStart
        while nameEnd < html.count, nameEnd - nameStart < nameOctetsMax, isLetter(html[nameEnd]) {
            nameEnd += 1
        }
        guard nameEnd > nameStart || has(html, start, "<!") || has(html, start, "<?") else { return nil }
        guard let close = find(html, nameEnd, ">") else { return html.count }
        let name = nameStart..<nameEnd
        if !isClosing, isName(html, name, "SCRIPT") || isName(html, name, "STYLE") {
            guard let end = find(html, close, isName(html, name, "SCRIPT") ? "</SCRIPT" : "</STYLE") else {
                return html.count
            }
            return find(html, end, ">").map { $0 + 1 } ?? html.count
        }
        // Tags inside a word don't part it; those that begin a line do.
        if isName(html, name, "P") || isName(html, name, "BR") || isName(html, name, "DIV")
            || isName(html, name, "TR") || isName(html, name, "LI") || isName(html, name, "TD")
            || isName(html, name, "TH") || isName(html, name, "TABLE") || isName(html, name, "H")
        {
            text.append(0x0A)
        }
        return close + 1
    }

    private static func reference(_ html: [UInt8], _ start: Int) -> ([UInt8], Int)? {
        let end = html[start...].prefix(referenceOctetsMax + 1).firstIndex(of: UInt8(ascii: ";"))
        guard let end, end > start + 1 else { return nil }
        let name = String(decoding: html[(start + 1)..<end], as: UTF8.self)
        let scalar: Unicode.Scalar?
        switch name {
        case "amp": scalar = "&"
        case "lt": scalar = "<"
        case "gt": scalar = ">"
        case "quot": scalar = "\""
        case "apos": scalar = "'"
        case "nbsp": scalar = " "
        default:
            guard name.utf8.first == UInt8(ascii: "#") else { return nil }
            let digits = name.dropFirst()
            let isHex = digits.first == "x" || digits.first == "X"
            scalar = UInt32(isHex ? digits.dropFirst() : digits, radix: isHex ? 16 : 10)
                .flatMap { Unicode.Scalar($0) }
        }
        return scalar.map { (Array(UTF8.encode($0) ?? UTF8.EncodedScalar()), end + 1) }
    }

    private static func isLetter(_ octet: UInt8) -> Bool { octet | 0x20 >= 0x61 && octet | 0x20 <= 0x7A }

    /// Whether the name of a tag is `word`, in upper case.
    private static func isName(_ html: [UInt8], _ name: Range<Int>, _ word: StaticString) -> Bool {
        name.count == word.utf8CodeUnitCount && has(html, name.lowerBound, word)
    }

    /// `word` in upper case where it has letters.
    private static func has(_ html: [UInt8], _ start: Int, _ word: StaticString) -> Bool {
        guard html.count - start >= word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { word in
            word.indices.allSatisfy { Comparator.fold(html[start + $0]) == word[$0] }
        }
    }

    private static func find(_ html: [UInt8], _ start: Int, _ word: StaticString) -> Int? {
        // No word begins with a letter.
        let first = UInt8(word.utf8Start.pointee)
        var offset = html.firstOffset(of: first, from: start)
        while offset + word.utf8CodeUnitCount <= html.count {
            if has(html, offset, word) { return offset }
            offset = html.firstOffset(of: first, from: offset + 1)
        }
        return nil
    }
}
