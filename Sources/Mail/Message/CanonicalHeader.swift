// SPDX-License-Identifier: MIT

/// What becomes of one header: the stretches of it that are replaced, from top to bottom.
struct CanonicalHeader {
    struct Change {
        let range: Range<Int>
        let octets: [UInt8]
    }

    private(set) var changes: [Change] = []
    /// A mailbox file's line before it is left out.
    let start: Int
    let end: Int

    private let part: Part
    private let bytes: MessageBytes
    private let limits: MessageLimits
    private let isMessage: Bool
    private let allowsUTF8: Bool
    private let encoding: CanonicalBody.Encoding
    private let boundary: [UInt8]?

    private static let lineEnd = [ASCII.cr, ASCII.lf]

    /// Fields that hold addresses, in lower case.
    private static let addressFields: Set<String> = [
        "from", "sender", "reply-to", "to", "cc", "bcc", "resent-from", "resent-sender", "resent-to",
        "resent-cc", "resent-bcc", "disposition-notification-to",
    ]
    /// Fields that hold text, in lower case.
    private static let textFields: Set<String> = ["subject", "comments", "content-description"]

    init(
        _ part: Part, in bytes: MessageBytes, isMessage: Bool, allowsUTF8: Bool,
        encoding: CanonicalBody.Encoding, boundary: [UInt8]?, limits: MessageLimits
    ) {
        self.part = part
        self.bytes = bytes
        self.limits = limits
        self.isMessage = isMessage
        self.allowsUTF8 = allowsUTF8
        self.encoding = encoding
        self.boundary = boundary
        start = part.headerRange.lowerBound
        end = part.headerRange.upperBound
        var seen: Set<String> = []
        for field in part.header.fields {
            let name = ASCII.lowered(field.name.utf8)
            let isSingle =
                FieldRules.content.contains(name)
                || isMessage && FieldRules.single.contains { $0.name == name }
            if isSingle, !seen.insert(name).inserted {
                changes.append(Change(range: field.range, octets: []))
            } else if let octets = replacement(of: field, name: name) {
                changes.append(Change(range: field.range, octets: octets))
            }
        }
        finish(
            hasEncoding: seen.contains("content-transfer-encoding"),
            hasVersion: seen.contains("mime-version"))
    }

    /// Fields that are missing, and the empty line.
    private mutating func finish(hasEncoding: Bool, hasVersion: Bool) {
        let fieldsEnd = part.header.fields.last?.range.upperBound ?? start
        var added: [UInt8] = []
        var isEncoded = false
        if case .announced = encoding { isEncoded = true }
        // What is encoded by us needs it, though the message could do without.
        if part.defects.contains(.missingMIMEVersion) || isMessage && isEncoded && !hasVersion {
            added += FieldWriter.field("MIME-Version", Array("1.0".utf8))
        }
        if !hasEncoding, case .announced(let encoding) = encoding {
            added += FieldWriter.field("Content-Transfer-Encoding", Array(encoding.rawValue.utf8))
        }
        let rest = bytes.bytes(in: fieldsEnd..<max(fieldsEnd, end))
        let isEnded = rest == Self.lineEnd || rest.isEmpty && !part.defects.contains(.headerCutShort)
        if isEnded, added.isEmpty { return }
        if isEnded {
            changes.append(Change(range: fieldsEnd..<fieldsEnd, octets: added))
        } else {
            changes.append(Change(range: fieldsEnd..<max(fieldsEnd, end), octets: added + Self.lineEnd))
        }
    }

    // MARK: Fields

    /// Nil for a field that stays.
    private func replacement(of field: HeaderBlock.Field, name: String) -> [UInt8]? {
        let body = bytes.withBytes { HeaderBlock.unfolded(field.body, of: $0) }
        let isRough = isRough(field)
        switch name {
        case "content-type": return contentType(field, body, isRough: isRough)
        case "content-disposition": return disposition(field, body, isRough: isRough)
        case "content-transfer-encoding": return transferEncoding(field, body, isRough: isRough)
        case "mime-version" where isMessage:
            let isOdd = part.defects.contains(.oddMIMEVersion)
            return isRough || isOdd ? FieldWriter.field(field.name, Array("1.0".utf8)) : nil
        default: break
        }
        var isOdd = false
        if EncodedWord.isIn(body) {
            isOdd = EncodedWord.decodeNoting(body, limits: limits).defects.contains {
                $0.remedy == .rewritten
            }
        }
        let hasEightBit = body.contains { $0 > 0x7F }
        if Self.addressFields.contains(name) {
            let list = AddressList.parse(body, limits: limits)
            let isBroken = list.defects.contains(.brokenAddress) && part.defects.contains(.brokenAddress)
            guard isRough || isOdd || isBroken else { return nil }
            if !list.defects.contains(.tooManyAddresses), let written = FieldWriter.addresses(list.addresses)
            {
                return FieldWriter.field(field.name, written)
            }
        }
        guard isRough || isOdd else { return nil }
        let isText = Self.textFields.contains(name)
        // Words are decoded before control characters go: one without them could become a word.
        let isPlain = !isOdd && !hasEightBit && (!EncodedWord.isIn(clean(body)) || clean(body) == body)
        let hasLongWord = isText && part.header.defects.contains(.headerLineTooLong)
        if isPlain, !hasLongWord { return FieldWriter.field(field.name, clean(body)) }
        let text = EncodedWord.decode(body, limits: limits)
        return FieldWriter.field(field.name, FieldWriter.text(text, encodesLongWords: isText))
    }

    /// Whether something is wrong with how the field is written, whatever it says.
    private func isRough(_ field: HeaderBlock.Field) -> Bool {
        // A blank before the colon isn't in the name.
        if field.range.lowerBound + field.name.utf8.count + 1 != field.body.lowerBound { return true }
        return bytes.withBytes { buffer in
            let range = field.range.clamped(to: 0..<buffer.count)
            if !RawBody(buffer, range, limits: limits).isClean { return true }
            if HeaderScanner.hasControl(buffer, in: range) { return true }
            if HeaderScanner.hasEightBit(buffer, in: range),
                !allowsUTF8 || !HeaderScanner.isUTF8(buffer, in: range)
            {
                return true
            }
            return hasBlankLine(buffer, range)
        }
    }

    private func hasBlankLine(_ buffer: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
        var reader = LineReader(UnsafeRawBufferPointer(rebasing: buffer[range]), from: 0)
        while let line = reader.next() {
            if reader.bytes[line.start..<line.contentEnd].allSatisfy(ASCII.isBlank) { return true }
        }
        return false
    }

    /// Without control characters; a CR, which we read as an octet like any, becomes a blank.
    private func clean(_ body: [UInt8]) -> [UInt8] {
        body.compactMap { byte in
            if byte == ASCII.cr { return ASCII.space }
            return ASCII.isControl(byte) && byte != ASCII.tab ? nil : byte
        }
    }

    // MARK: Content fields

    private func contentType(_ field: HeaderBlock.Field, _ body: [UInt8], isRough: Bool) -> [UInt8]? {
        let parsed = ContentType.parse(body, limits: limits)
        let isWrong = parsed.defects.contains { $0.remedy == .rewritten }
        let isNamed = parsed.type.parameters.parameter("name") != nil
        guard isRough || isWrong || boundary != nil || isNamed && isNameWrong else { return nil }
        return FieldWriter.field(
            field.name, parsed.type.name, parameters: parameters(parsed.type.parameters, fileName: "name"))
    }

    private func disposition(_ field: HeaderBlock.Field, _ body: [UInt8], isRough: Bool) -> [UInt8]? {
        let parsed = ContentDisposition.parse(body, limits: limits)
        let isWrong = parsed.defects.contains { $0.remedy == .rewritten }
        let isNamed = parsed.disposition.parameters.parameter("filename") != nil
        guard isRough || isWrong || isNamed && isNameWrong else { return nil }
        let parameters = parameters(parsed.disposition.parameters, fileName: "filename")
        if parsed.disposition.kind.isEmpty, parameters.isEmpty { return [] }
        // What nobody knows is an attachment (RFC 2183 §2.8).
        let kind = parsed.disposition.kind.isEmpty ? "attachment" : parsed.disposition.kind
        return FieldWriter.field(field.name, kind, parameters: parameters)
    }

    private func transferEncoding(_ field: HeaderBlock.Field, _ body: [UInt8], isRough: Bool) -> [UInt8]? {
        switch encoding {
        case .absent: return []
        case .announced(let encoding): return FieldWriter.field(field.name, Array(encoding.rawValue.utf8))
        case .unchanged:
            let parsed = TransferEncoding.parseNoting(body)
            guard isRough || !parsed.defects.isEmpty || parsed.encoding == nil else { return nil }
            return FieldWriter.field(field.name, Array(part.encoding.rawValue.utf8))
        }
    }

    private var isNameWrong: Bool {
        part.defects.contains { [.twoFileNames, .controlInFileName, .fileNameTooLong].contains($0) }
    }

    /// The parameters as we read them, each once; those whose names only RFC 2231 could mean are left out.
    private func parameters(_ list: ParameterList, fileName: String) -> [(name: String, value: String)] {
        list.parameters.compactMap { parameter in
            if parameter.name.utf8.contains(ASCII.asterisk) { return nil }
            if parameter.name == "boundary", let boundary {
                return (parameter.name, String(decoding: boundary, as: UTF8.self))
            }
            if parameter.name == fileName, let name = part.filename {
                return (parameter.name, CanonicalMessage.cleanName(name))
            }
            let value =
                parameter.isExtended ? parameter.value : EncodedWord.decode(parameter.octets, limits: limits)
            return (parameter.name, value)
        }
    }
}
