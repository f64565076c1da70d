// SPDX-License-Identifier: MIT

import Mail

/// Puts octets through the parsers of `Mail`, and checks what must hold whatever they are. Traps where it
/// doesn't: the fuzz targets in `Fuzz/` and the tests beside this file both run it.
enum MailExercise {
    /// A header block: its fields, and what is read from them.
    static func header(_ octets: [UInt8]) {
        let message = Message(parsing: MessageBytes(octets))
        check(message.header, octets.count)
        let twice = Message(parsing: MessageBytes(octets))
        precondition(twice.header.fields == message.header.fields, "a header read twice differs")
        for field in message.header.fields {
            let text = message.header.unfolded(field, in: message.bytes)
            precondition(text.count <= field.body.count, "unfolding made a field longer")
            _ = EncodedWord.decode(text)
            _ = AddressList.parse(text)
            _ = ContentType.parse(text)
            _ = ContentDisposition.parse(text)
        }
    }

    /// A whole message: its parts, decoded; rewritten canonically, and that once more.
    static func message(_ octets: [UInt8]) {
        let bytes = MessageBytes(octets)
        let limits = smallLimits
        let message = Message(parsing: bytes, limits: limits)
        let tree = message.parts(limits: limits)
        precondition(Set(tree.defects).count == tree.defects.count, "a defect is told twice")
        precondition(Set(tree.all.map(\.number)).count == tree.all.count, "a part's number occurs twice")
        precondition(tree.all.count <= limits.partsMax + 1, "more parts than allowed")
        check(tree.root, within: 0..<octets.count, bytes, limits)
        _ = tree.allDefects(in: bytes, limits: limits)
        guard let canonical = CanonicalMessage(of: message, tree: tree, limits: limits) else { return }
        let rewritten = canonical.edition.bytes(of: bytes)
        precondition(rewritten.count == canonical.edition.octets, "an edition isn't as long as it says")
        let again = Message(parsing: MessageBytes(rewritten), limits: limits)
        let second = CanonicalMessage(of: again, tree: again.parts(limits: limits), limits: limits)
        precondition(second?.edition.bytes(of: again.bytes) == rewritten, "what is canonical is rewritten")
    }

    /// Octets as an encoded word, a parameter's value, an address list, a body in each encoding and charset.
    static func words(_ octets: [UInt8]) {
        let text = EncodedWord.decode(octets)
        precondition(text.utf8.count <= 3 * octets.count + 3 * 1_000, "decoding made a text longer")
        let type = ContentType.parse(octets)
        _ = type.type.parameters["name"]
        _ = type.type.charset
        _ = ContentDisposition.parse(octets)
        _ = AddressList.parse(octets)
        for encoding in TransferEncoding.allCases { checkDecoding(octets, encoding) }
        guard let first = octets.first else { return }
        let charset = charsets[Int(first) % charsets.count]
        let converted = CharsetDecoding.text(octets.dropFirst(), charset: charset)
        precondition(converted.utf8.count <= 3 * octets.count + 3, "\(charset) made a text longer")
    }

    /// Limits that a small message can reach.
    private static var smallLimits: MessageLimits {
        var limits = MessageLimits()
        limits.partsMax = 30
        limits.nestingDepthMax = 8
        limits.headerFieldsMax = 40
        limits.treeFieldsMax = 100
        limits.headerOctetsMax = 8_192
        limits.decodedOctetsMax = 16_384
        return limits
    }

    private static let charsets = [
        "iso-2022-jp", "iso-2022-kr", "hz", "utf-7", "utf-16", "utf-32", "euc-kr", "gb18030", "big5",
        "shift_jis",
        "euc-jp", "koi8-r", "windows-1258", "big5-hkscs", "windows-1252", "iso-8859-15", "johab", "euc-tw",
        "tcvn",
    ]

    private static func check(_ header: HeaderBlock, _ count: Int) {
        var end = header.start
        for field in header.fields {
            precondition(field.range.lowerBound >= end, "fields overlap")
            precondition(
                field.range.lowerBound <= field.body.lowerBound
                    && field.body.upperBound <= field.range.upperBound,
                "a field's body is outside of it")
            end = field.range.upperBound
        }
        precondition(end <= header.end && header.end <= count, "the header ends before its fields")
    }

    private static func check(
        _ part: Part, within: Range<Int>, _ bytes: MessageBytes, _ limits: MessageLimits
    ) {
        check(part.header, bytes.count)
        precondition(
            part.headerRange.lowerBound >= within.lowerBound
                && part.bodyRange.upperBound <= within.upperBound,
            "a part is outside of the one around it")
        precondition(part.headerRange.upperBound == part.bodyRange.lowerBound, "a body begins elsewhere")
        _ = part.text(in: bytes, limits: limits)
        let whole = part.decoding(in: bytes, limits: limits)
        precondition(whole.octets.count <= limits.decodedOctetsMax, "a body is longer than allowed")
        var pieces: [UInt8] = []
        let defects = part.decodePieces(in: bytes, limits: limits) { pieces += $0 }
        precondition(
            pieces == whole.octets && Set(defects) == Set(whole.defects), "pieces differ from the whole")
        var end = part.bodyRange.lowerBound
        for child in part.children {
            precondition(child.headerRange.lowerBound >= end, "parts overlap")
            end = child.bodyRange.upperBound
            check(child, within: part.bodyRange, bytes, limits)
        }
    }

    private static func checkDecoding(_ octets: [UInt8], _ encoding: TransferEncoding) {
        let whole = octets.withUnsafeBytes { TransferDecoding.decode($0, encoding, octetsMax: 1_000) }
        precondition(whole.octets.count <= 1_000, "longer than allowed")
        // Cut where the octets themselves say.
        var decoder = TransferDecoder(encoding, octetsMax: 1_000)
        var pieces: [UInt8] = []
        octets.withUnsafeBytes { bytes in
            var start = 0
            while start < bytes.count {
                let end = min(bytes.count, start + 1 + Int(bytes[start] & 15))
                decoder.append(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), to: &pieces)
                start = end
            }
        }
        decoder.finish(&pieces)
        precondition(
            pieces == whole.octets && Set(decoder.defects) == Set(whole.defects),
            "pieces differ from the whole")
    }
}
