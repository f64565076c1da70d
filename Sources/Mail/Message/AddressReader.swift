// SPDX-License-Identifier: MIT

/// Reads an address list element by element. It never goes back, so a field takes linear time.
struct AddressReader {
    private struct Word {
        let octets: [UInt8]
        let isQuoted: Bool
        /// Nothing stood between the word before and this one.
        let isAttached: Bool
    }

    private var cursor: HeaderCursor
    private let limits: MessageLimits
    private var addresses: [HeaderAddress] = []
    private var defects: [MessageDefect] = []
    private var group: String?

    init(_ body: [UInt8], limits: MessageLimits) {
        cursor = HeaderCursor(body)
        self.limits = limits
    }

    mutating func read() -> AddressList {
        cursor.skipSpace()
        while let byte = cursor.next {
            if byte == ASCII.comma {
                // Empty elements are obsolete and harmless (RFC 5322 §4.4).
                cursor.skipOne()
            } else if byte == ASCII.semicolon {
                if group == nil { defects.note(.brokenAddress) }
                group = nil
                cursor.skipOne()
            } else if addresses.count >= limits.addressesMax {
                defects.note(.tooManyAddresses)
                break
            } else {
                readElement()
            }
            cursor.skipSpace()
        }
        if group != nil || cursor.isUnterminated { defects.note(.brokenAddress) }
        return AddressList(addresses: addresses, defects: defects)
    }

    /// One mailbox, or the beginning of a group. Always steps forward.
    private mutating func readElement() {
        cursor.forgetComment()
        let words = takeWords()
        switch cursor.next {
        case ASCII.less:
            readAngle(display: display(words))
        case ASCII.colon:
            cursor.skipOne()
            if group != nil || words.isEmpty { defects.note(.brokenAddress) }
            group = display(words)
        case ASCII.at:
            cursor.skipOne()
            let (name, local) = splitLocalPart(words)
            let domain = takeDomain()
            cursor.skipSpace()
            if cursor.next == ASCII.less {
                // An address stands where a name should: "a@example.org <b@example.net>".
                readAngle(display: display(words) + "@" + domain)
                return
            }
            if local.isEmpty || domain.isEmpty { defects.note(.brokenAddress) }
            if !local.isEmpty {
                add(display: name.isEmpty ? commentText() : name, localPart: local, domain: domain)
            }
            recover()
        case nil, ASCII.comma, ASCII.semicolon:
            if words.count == 1 {
                add(display: commentText(), localPart: text(words[0].octets), domain: "")
            } else if !words.isEmpty {
                defects.note(.brokenAddress)
            }
        default:
            recover()
        }
    }

    /// `<local-part@domain>`, with an obsolete route perhaps; `<` comes next.
    private mutating func readAngle(display: String) {
        cursor.skipOne()
        cursor.skipSpace()
        // The route of RFC 5322 §4.4: `@one,@two:`. It means nothing any more.
        let hasRoute = cursor.next == ASCII.at
        while cursor.next == ASCII.at || cursor.next == ASCII.comma {
            if cursor.take(ASCII.at) { _ = takeDomain() } else { cursor.skipOne() }
            cursor.skipSpace()
            if cursor.take(ASCII.colon) { break }
        }
        let words = takeWords()
        var domain = ""
        if cursor.take(ASCII.at) {
            domain = takeDomain()
            if words.isEmpty || domain.isEmpty { defects.note(.brokenAddress) }
        }
        if !Self.isLocalPart(words) { defects.note(.brokenAddress) }
        let local = text(words.flatMap(\.octets))
        cursor.skipSpace()
        let isClosed = cursor.take(ASCII.greater)
        let isNobody = isClosed && words.isEmpty && domain.isEmpty && !hasRoute
        if !isClosed || (local.isEmpty && !isNobody) { defects.note(.brokenAddress) }
        // `<>` names nobody, but stands there.
        if !local.isEmpty || isNobody {
            add(display: display.isEmpty ? commentText() : display, localPart: local, domain: domain)
        }
        recover()
    }

    private mutating func add(display: String, localPart: String, domain: String) {
        addresses.append(HeaderAddress(display: display, localPart: localPart, domain: domain, group: group))
    }

    /// Goes on to what ends an element, if it isn't there already; a `<` begins another address by itself.
    private mutating func recover() {
        cursor.skipSpace()
        if cursor.next == nil || cursor.next == ASCII.comma || cursor.next == ASCII.semicolon { return }
        defects.note(.brokenAddress)
        while let byte = cursor.next, byte != ASCII.comma, byte != ASCII.semicolon, byte != ASCII.less {
            if byte == ASCII.quote {
                _ = cursor.takeQuotedString()
            } else {
                cursor.skipOne()
            }
            cursor.skipSpace()
        }
    }

    // MARK: Words

    /// Atoms (dots included, as in obs-phrase) and quoted strings, up to what is neither.
    private mutating func takeWords() -> [Word] {
        var words: [Word] = []
        var end = -1
        cursor.skipSpace()
        while let byte = cursor.next {
            let isAttached = cursor.index == end
            if let quoted = cursor.takeQuotedString() {
                words.append(Word(octets: quoted, isQuoted: true, isAttached: isAttached))
            } else if Self.isAtom(byte) {
                let atom = cursor.take(while: Self.isAtom)
                if atom.contains(where: { ASCII.isControl($0) || $0 == ASCII.backslash }) {
                    defects.note(.brokenAddress)
                }
                words.append(Word(octets: Array(atom), isQuoted: false, isAttached: isAttached))
            } else {
                break
            }
            end = cursor.index
            cursor.skipSpace()
        }
        return words
    }

    /// Everything but specials and blanks; octets above 127 too, which senders write raw.
    private static func isAtom(_ byte: UInt8) -> Bool {
        switch byte {
        case ASCII.openParenthesis, ASCII.closeParenthesis, ASCII.less, ASCII.greater, ASCII.openBracket,
            ASCII.closeBracket, ASCII.colon, ASCII.semicolon, ASCII.at, ASCII.comma, ASCII.quote:
            return false
        default: return !ASCII.isSpace(byte)
        }
    }

    /// Words joined as a phrase, encoded words decoded.
    private func display(_ words: [Word]) -> String {
        var octets: [UInt8] = []
        for word in words {
            if !octets.isEmpty, !word.isAttached { octets.append(ASCII.space) }
            octets += word.octets
        }
        return EncodedWord.decode(octets, limits: limits)
    }

    private func commentText() -> String {
        guard let comment = cursor.lastComment else { return "" }
        var octets: [UInt8] = []
        var isEscaped = false
        for byte in cursor.bytes[comment] {
            if byte == ASCII.backslash, !isEscaped {
                isEscaped = true
                continue
            }
            isEscaped = false
            octets.append(byte)
        }
        return EncodedWord.decode(octets, limits: limits)
    }

    /// Words of `word *("." word)` are the local part (RFC 5322 §4.4); in "John Doe@example.org" the last one
    /// is, and the rest a name.
    private mutating func splitLocalPart(_ words: [Word]) -> (name: String, localPart: String) {
        guard var start = words.indices.last else { return ("", "") }
        while start > 0, Self.joins(words[start - 1], words[start]) { start -= 1 }
        if start > 0 { defects.note(.brokenAddress) }
        return (display(Array(words[..<start])), text(words[start...].flatMap(\.octets)))
    }

    private static func isLocalPart(_ words: [Word]) -> Bool {
        zip(words, words.dropFirst()).allSatisfy { joins($0, $1) }
    }

    private static func joins(_ one: Word, _ other: Word) -> Bool {
        (!one.isQuoted && one.octets.last == ASCII.dot)
            || (!other.isQuoted && other.octets.first == ASCII.dot)
    }

    /// A dotted name or a literal in brackets, blanks and comments around its dots taken out.
    private mutating func takeDomain() -> String {
        cursor.skipSpace()
        if cursor.next == ASCII.openBracket {
            var literal = Array(cursor.take { $0 != ASCII.closeBracket })
            if cursor.take(ASCII.closeBracket) {
                literal.append(ASCII.closeBracket)
            } else {
                defects.note(.brokenAddress)
            }
            return text(literal.filter { !ASCII.isSpace($0) })
        }
        var domain: [UInt8] = []
        while true {
            let atom = cursor.take(while: Self.isAtom)
            if atom.isEmpty { break }
            domain += atom
            // A comment behind the domain is the mailbox's name, so only a dot lets it go on.
            cursor.skipSpace()
            guard domain.last == ASCII.dot || cursor.next == ASCII.dot else { break }
        }
        return text(domain)
    }

    private func text(_ octets: [UInt8]) -> String { String(decoding: octets, as: UTF8.self) }
}
