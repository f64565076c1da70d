// SPDX-License-Identifier: MIT

extension Edition {
    /// The message with `text` before the text that people read: the first text/plain part and, escaped, the
    /// first text/html part that stands for the same text (multipart/alternative, RFC 2046 §5.1.4). Every
    /// line of `text` gets a line end, control characters go.
    ///
    /// `tree` are the parts of `message`. A part whose charset can't hold `text` becomes UTF-8, and one whose
    /// encoding can't is encoded anew; everything else stays ranges of the message's bytes.
    ///
    /// Nil where there is no such part, where it stands in something signed or encrypted (multipart or
    /// S/MIME), is an attachment, can't be decoded within `limits`, or says twice what it is.
    package static func prefixing(
        _ text: String, in message: Message, tree: PartTree, limits: MessageLimits = .init()
    ) -> Edition? {
        let lines = PrefixWriter.lines(text)
        guard !lines.isEmpty else { return .unchanged(octets: message.bytes.count) }
        guard let target = PrefixTarget.find(in: tree.root) else { return nil }
        let writer = PrefixWriter(lines: lines, bytes: message.bytes, limits: limits)
        var changes: [PrefixWriter.Change] = []
        for part in target.parts {
            let isWhole = part.headerRange.lowerBound == tree.root.headerRange.lowerBound
            guard let own = writer.changes(of: part, isWholeMessage: isWhole) else { return nil }
            changes += own
        }
        return Edition(changes: changes, octets: message.bytes.count)
    }

    /// Ranges of the received bytes with others in their place; `changes` don't overlap.
    private init(changes: [PrefixWriter.Change], octets: Int) {
        var pieces: [Piece] = []
        var keptFrom = 0
        // Of two in one place the one that only inserts comes first.
        let ordered = changes.sorted {
            ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
        }
        for change in ordered {
            let range = change.range.clamped(to: 0..<octets)
            if keptFrom < range.lowerBound { pieces.append(.original(keptFrom..<range.lowerBound)) }
            if !change.octets.isEmpty { pieces.append(.inserted(change.octets)) }
            keptFrom = max(keptFrom, range.upperBound)
        }
        if keptFrom < octets { pieces.append(.original(keptFrom..<octets)) }
        self.init(pieces: pieces)
    }
}

/// The parts that hold the text of a message.
struct PrefixTarget {
    var plain: Part?
    var html: Part?

    var parts: [Part] { [plain, html].compactMap { $0 } }

    /// Nil where there is none, or where something signed or encrypted stands before it. As deep as the
    /// tree, which is limited.
    static func find(in part: Part) -> PrefixTarget? {
        switch part.type {
        case "text/plain" where part.disposition?.kind != "attachment": return PrefixTarget(plain: part)
        case "text/html" where part.disposition?.kind != "attachment": return PrefixTarget(html: part)
        case "multipart/signed", "multipart/encrypted": return nil
        case "multipart/related": return part.children.first.flatMap { find(in: $0) }
        case "multipart/alternative":
            var found = PrefixTarget()
            for child in part.children {
                guard let target = find(in: child) else { continue }
                found.plain = found.plain ?? target.plain
                found.html = found.html ?? target.html
            }
            return found.parts.isEmpty ? nil : found
        default:
            guard part.contentType.isMultipart else { return nil }
            for child in part.children {
                if child.type == "multipart/signed" || child.type == "multipart/encrypted" { return nil }
                if let target = find(in: child) { return target }
            }
            return nil
        }
    }
}
