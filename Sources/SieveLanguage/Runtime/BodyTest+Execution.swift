// SPDX-License-Identifier: MIT

internal import Mail

extension BodyTest {
    /// Part by part, and no further than the first that matches. A message without a body has nothing to
    /// compare (RFC 5173 §4), and what wildcards stand for is not kept (§6).
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        guard execution.hasBody else { return false }
        let keptMatches = execution.forgetsMatches
        execution.forgetsMatches = true
        defer { execution.forgetsMatches = keptMatches }
        let keys = try keys.keys(&execution)
        var isCounting = false
        if case .count = self.keys.type { isCounting = true }
        var count = 0
        let types = try wantedTypes(execution)
        for section in try execution.sections(transform, types) {
            count += 1
            if !isCounting, try keys.match(try execution.value(of: section), &execution) { return true }
        }
        return isCounting ? try keys.match(count: count, &execution) : false
    }

    private func wantedTypes(_ execution: Execution) throws(Interruption) -> [[UInt8]] {
        guard case .content(let phrases) = transform else { return [Array("TEXT".utf8)] }
        var types: [[UInt8]] = []
        for phrase in phrases { types.append(Comparator.fold(try execution.octets(of: phrase))) }
        return types
    }
}

/// A piece of the message that a body test compares.
struct BodySection: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        /// As received.
        case range(Range<Int>)
        /// A part's body, decoded.
        case body
        /// A text part's body without the marks of HTML.
        case text
        /// What stands before the first part of a multipart, and behind its last (RFC 5173 §5.2).
        case edges
        /// The header of a message inside the message.
        case header
    }

    var kind: Kind
    /// Where the part stands among all parts.
    var index: Int
}

extension Execution {
    /// What there is to compare, in the order of the message.
    mutating func sections(
        _ transform: BodyTest.Transform, _ types: [[UInt8]]
    ) throws(Interruption) -> [BodySection] {
        if case .raw = transform {
            return [.init(kind: .range(subject.message.header.end..<subject.message.bytes.count), index: 0)]
        }
        var isText = false
        if case .text = transform { isText = true }
        if isText, let knownTexts { return knownTexts }
        var sections: [BodySection] = []
        for (index, part) in allParts().enumerated() {
            let fits =
                if isText {
                    showsText(part)
                } else {
                    types.contains { Self.type($0, fits: part.contentType) }
                }
            guard fits else { continue }
            let kind: BodySection.Kind =
                if part.contentType.isMultipart, !part.children.isEmpty {
                    BodySection.Kind.edges
                } else if part.contentType.isMessage, !part.children.isEmpty {
                    .header
                } else {
                    isText ? .text : .body
                }
            sections.append(.init(kind: kind, index: index))
        }
        if isText { knownTexts = sections }
        return sections
    }

    /// Whether anything, if only an empty line, follows the header.
    var hasBody: Bool {
        let header = subject.message.header
        return (header.fields.last?.range.upperBound ?? header.start) < subject.message.bytes.count
            || content != nil
    }

    /// What people read as text: text parts, and HTML in the dress of XML. None are parts whose encoding
    /// nobody knows (RFC 2045 §6.4), and whose type isn't written as one (§5.1).
    private func showsText(_ part: Part) -> Bool {
        let type = part.contentType
        guard type.type == "text" || type.name == "application/xhtml+xml" else { return false }
        return !part.defects.contains(.unknownEncoding) && !hasSecondSlash(part)
    }

    private func hasSecondSlash(_ part: Part) -> Bool {
        guard let field = part.header.first(named: "content-type") else { return false }
        let body = part.header.unfolded(field, in: subject.message.bytes)
        return body.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: "(") }
            .count { $0 == UInt8(ascii: "/") } > 1
    }

    /// Every part, in the order of the message.
    mutating func allParts() -> [Part] {
        if let knownParts { return knownParts }
        let parts = tree().all
        knownParts = parts
        return parts
    }

    mutating func value(of section: BodySection) throws(Interruption) -> FieldValue {
        if let known = knownSections[section] { return known }
        let bytes = subject.message.bytes
        let octets: [UInt8]
        switch section.kind {
        case .range(let range):
            bodyOctets += range.count
            guard bodyOctets <= limits.bodyOctetsMax else {
                throw .fault("the script reads more than \(limits.bodyOctetsMax) octets of bodies")
            }
            octets = bytes.bytes(in: range.clamped(to: 0..<bytes.count))
        case .body: octets = try decodedBody(of: allParts()[section.index])
        case .text:
            let part = allParts()[section.index]
            let body = try decodedBody(of: part)
            let isMarkup = part.contentType.subtype == "html" || part.contentType.subtype == "xhtml+xml"
            octets = isMarkup ? PlainText.withoutMarkup(body) : body
        case .edges: octets = Self.edges(of: allParts()[section.index], in: bytes)
        case .header:
            let inner = allParts()[section.index].children[0]
            // Without the empty line that ends it.
            let end = inner.header.fields.last?.range.upperBound ?? inner.headerRange.lowerBound
            let range = inner.headerRange.lowerBound..<max(end, inner.headerRange.lowerBound)
            octets = bytes.bytes(in: range.clamped(to: 0..<bytes.count))
        }
        let value = FieldValue(octets)
        knownSections[section] = value
        return value
    }

    /// RFC 5173 §5.2: `text` fits every subtype, `text/html` one, the empty string everything; anything with
    /// more slashes, or a slash at an end, nothing. `wanted` is folded.
    private static func type(_ wanted: [UInt8], fits type: ContentType) -> Bool {
        if wanted.isEmpty { return true }
        let words = wanted.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard words.count <= 2, !words.contains(where: \.isEmpty),
            Array(words[0]) == Comparator.fold(Array(type.type.utf8))
        else { return false }
        return words.count == 1 || Array(words[1]) == Comparator.fold(Array(type.subtype.utf8))
    }

    /// Lines of a multipart's body outside its parts, the delimiters themselves left out.
    private static func edges(of part: Part, in bytes: MessageBytes) -> [UInt8] {
        guard let first = part.children.first, let last = part.children.last else { return [] }
        return bytes.withBytes { buffer in
            let body = part.bodyRange.clamped(to: 0..<buffer.count)
            // The delimiter's line ends where the first part begins.
            var prologueEnd = max(body.lowerBound, min(first.headerRange.lowerBound, body.upperBound) - 1)
            while prologueEnd > body.lowerBound, buffer[prologueEnd - 1] != 0x0A { prologueEnd -= 1 }
            var epilogue = min(max(last.bodyRange.upperBound, body.lowerBound), body.upperBound)
            // The line end before the delimiter, then the delimiter's line.
            for _ in 0..<2 {
                while epilogue < body.upperBound, buffer[epilogue] != 0x0A { epilogue += 1 }
                if epilogue < body.upperBound { epilogue += 1 }
            }
            return Array(buffer[body.lowerBound..<prologueEnd]) + Array(buffer[epilogue..<body.upperBound])
        }
    }
}
