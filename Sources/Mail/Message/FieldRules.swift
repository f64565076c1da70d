// SPDX-License-Identifier: MIT

/// What the fields of one header say together: those that a message has at most once (RFC 5322 §3.6),
/// `MIME-Version` (RFC 2045 §4), who it is from, and encoded words (RFC 2047).
struct FieldRules {
    private let isMessage: Bool
    private var defects: [MessageDefect] = []
    private var versions = 0
    private var declaresType = false

    /// Fields that stand at most once, in lower case, and what it is if they don't.
    static let single: [(name: String, defect: MessageDefect)] = [
        ("from", .duplicateFrom), ("sender", .duplicateSender), ("reply-to", .duplicateReplyTo),
        ("to", .duplicateTo), ("cc", .duplicateCc), ("bcc", .duplicateBcc),
        ("subject", .duplicateSubject), ("date", .duplicateDate), ("message-id", .duplicateMessageID),
        ("in-reply-to", .duplicateInReplyTo), ("references", .duplicateReferences),
        ("mime-version", .duplicateMIMEVersion),
    ]

    /// Fields whose parameters have rules of their own, in lower case.
    static let content = ["content-type", "content-disposition", "content-transfer-encoding"]

    private static let fromPlace = 0
    private static let senderPlace = 1
    private static let replyToPlace = 2
    private static let datePlace = 7
    private static let versionPlace = 11

    /// - Parameters:
    ///   - isMessage: The header is a message's, not a part's.
    ///   - isRoot: It is the received message's own. What a message/rfc822 holds needs neither `From` nor
    ///     `Date` (RFC 2046 §5.2.1).
    init(
        _ header: HeaderBlock, in bytes: UnsafeRawBufferPointer, isMessage: Bool, isRoot: Bool,
        limits: MessageLimits
    ) {
        self.isMessage = isMessage
        var counts = [Int](repeating: 0, count: Self.single.count)
        var firsts = [HeaderBlock.Field?](repeating: nil, count: Self.single.count)
        for field in header.fields {
            if ASCII.equalFolded(field.name, Self.content[0]) { declaresType = true }
            if isMessage, let place = Self.place(of: field.name) {
                counts[place] += 1
                if counts[place] == 2 { defects.note(Self.single[place].defect) }
                if counts[place] == 1 { firsts[place] = field }
            }
            noteEncodedWords(field, in: bytes, limits: limits)
        }
        guard isMessage else { return }
        versions = counts[Self.versionPlace]
        if let version = firsts[Self.versionPlace] { noteVersion(version, in: bytes) }
        if isRoot, counts[Self.fromPlace] == 0 { defects.note(.missingFrom) }
        if isRoot, counts[Self.datePlace] == 0 { defects.note(.missingDate) }
        for place in [Self.fromPlace, Self.senderPlace, Self.replyToPlace] {
            guard let field = firsts[place] else { continue }
            let list = AddressList.parse(HeaderBlock.unfolded(field.body, of: bytes), limits: limits)
            defects.note(contentsOf: list.defects)
            if place == Self.fromPlace, list.addresses.isEmpty { defects.note(.brokenAddress) }
            if place == Self.fromPlace, list.addresses.count > 1, counts[Self.senderPlace] == 0 {
                defects.note(.severalAuthors)
            }
        }
    }

    /// All of it, now that the content fields are known.
    func defects(with content: ContentFields) -> [MessageDefect] {
        var found = defects
        let isPlain = content.type.name == "text/plain" && content.encoding.isIdentity
        if isMessage, versions == 0, !isPlain, declaresType || !content.encoding.isIdentity {
            found.note(.missingMIMEVersion)
        }
        return found
    }

    private static func place(of name: String) -> Int? {
        let octets = name.utf8.count
        return single.firstIndex { $0.name.utf8.count == octets && ASCII.equalFolded($0.name, name) }
    }

    /// Comments are explicitly allowed here.
    private mutating func noteVersion(_ field: HeaderBlock.Field, in bytes: UnsafeRawBufferPointer) {
        var cursor = HeaderCursor(HeaderBlock.unfolded(field.body, of: bytes))
        var digits: [UInt8] = []
        cursor.skipSpace()
        while let byte = cursor.next {
            digits.append(byte)
            cursor.skipOne()
            cursor.skipSpace()
        }
        if digits != Array("1.0".utf8) { defects.note(.oddMIMEVersion) }
    }

    private mutating func noteEncodedWords(
        _ field: HeaderBlock.Field, in bytes: UnsafeRawBufferPointer, limits: MessageLimits
    ) {
        let body = field.body.clamped(to: 0..<bytes.count)
        var from = body.lowerBound
        while let mark = LineReader.firstIndex(
            of: ASCII.question, in: bytes, from: from, upTo: body.upperBound)
        {
            from = mark + 1
            guard mark > body.lowerBound, bytes[mark - 1] == ASCII.equals else { continue }
            if Self.content.contains(where: { ASCII.equalFolded($0, field.name) }) { return }
            let text = HeaderBlock.unfolded(body, of: bytes)
            defects.note(contentsOf: EncodedWord.decodeNoting(text, limits: limits).defects)
            return
        }
    }
}
