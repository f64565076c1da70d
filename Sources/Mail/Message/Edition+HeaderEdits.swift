// SPDX-License-Identifier: MIT

extension Edition {
    /// The message with whole header fields left out and lines of ours at its top.
    ///
    /// - Parameters:
    ///   - header: Of these `bytes`. Fields that it doesn't list, since a limit was passed (`headerTooLong`,
    ///     `tooManyFields`), can't be removed: whoever relies on removal doesn't let such a message pass.
    ///   - names: Field names in lower case; one that ends in `*` stands for every name that begins so.
    ///   - lines: Whole header fields, CRLF line ends, nothing of the outside in them unchecked.
    ///
    /// A mailbox file's `From ` line before the header is left out. Where the header ended without an empty
    /// line, one is inserted: the body's first line could otherwise be read as a continuation of ours.
    package static func make(
        from header: HeaderBlock, bytes: MessageBytes, removing names: [String] = [],
        prepending lines: [UInt8] = []
    ) -> Edition {
        var exact: [String] = []
        var prefixes: [String] = []
        for name in names {
            if name.utf8.last == ASCII.asterisk {
                prefixes.append(String(name.dropLast()))
            } else {
                exact.append(name)
            }
        }
        var pieces: [Piece] = lines.isEmpty ? [] : [.inserted(lines)]
        let count = bytes.count
        var keptFrom = header.start
        func keep(upTo end: Int) {
            if keptFrom < min(end, count) { pieces.append(.original(keptFrom..<min(end, count))) }
        }
        for field in header.fields {
            let isRemoved =
                exact.contains { ASCII.equalFolded(field.name, $0) }
                || prefixes.contains { ASCII.hasFoldedPrefix(field.name, $0) }
            guard isRemoved else { continue }
            keep(upTo: field.range.lowerBound)
            keptFrom = field.range.upperBound
        }
        if header.defects.contains(.headerCutShort) {
            keep(upTo: header.end)
            pieces.append(.inserted([ASCII.cr, ASCII.lf]))
            keptFrom = max(keptFrom, header.end)
        }
        keep(upTo: count)
        return Edition(pieces: pieces)
    }
}
