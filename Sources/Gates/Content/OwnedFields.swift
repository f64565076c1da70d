// SPDX-License-Identifier: MIT

internal import Mail

/// Header fields that the gateway owns: whoever reads them behind us must be able to trust that we wrote
/// them.
struct OwnedFields: Sendable {
    /// Removed whoever wrote them. A trailing `*` stands for any rest.
    static let names = ["x-postern-*", "x-virus-*", "x-spam-*"]

    /// `message` with `top` before it and, where a `hostname` is given, without the fields that only we may
    /// write. An `Authentication-Results` field goes only if it carries that name as its authserv-id (RFC
    /// 8601 §5).
    ///
    /// A mailbox file's `From ` line before the header would cut ours off, so it is left out. A header that
    /// ended at a line that is no field gets an empty line there: other readers would go on, and find below
    /// it what we have not looked at.
    ///
    /// `form` is what tables wanted in the copy's header.
    static func edition(
        _ message: Message, removingOf hostname: String?, prepending top: [UInt8],
        form: EditionForm? = nil
    ) -> Edition {
        let header = message.header
        let lines = form?.lines(message) ?? []
        var pieces: [Edition.Piece] = [.inserted(top + lines)]
        var kept = header.start
        func keep(upTo end: Int) {
            if end > kept { pieces.append(.original(kept..<end)) }
            kept = max(kept, end)
        }
        let replaced = form?.replacedNames ?? []
        let insertion = form?.subjectTag.flatMap { SubjectTag.insertion($0, in: message) }
        if hostname != nil || !replaced.isEmpty || insertion != nil {
            for field in header.fields {
                let isOurs = hostname.map { isOwned(field, message, $0) } ?? false
                if isOurs || replaced.contains(where: { isNamed(field, $0) }) {
                    keep(upTo: field.range.lowerBound)
                    kept = field.range.upperBound
                } else if let insertion, field.range.contains(insertion.offset) {
                    keep(upTo: insertion.offset)
                    pieces.append(.inserted(insertion.octets))
                }
            }
        }
        if header.defects.contains(.headerCutShort) {
            keep(upTo: header.end)
            pieces.append(.inserted([0x0D, 0x0A]))
        }
        keep(upTo: message.bytes.count)
        return Edition(pieces: pieces)
    }

    /// `name` is in lower case.
    private static func isNamed(_ field: HeaderBlock.Field, _ name: String) -> Bool {
        field.name.utf8.count == name.utf8.count && field.name.lowercased() == name
    }

    private static func isOwned(_ field: HeaderBlock.Field, _ message: Message, _ hostname: String) -> Bool {
        let name = field.name.utf8
        // Almost every field is told apart by its first letter; names are compared only for the rest.
        guard let first = name.first.map({ $0 | 0x20 }) else { return false }
        if first == UInt8(ascii: "x") {
            let folded = field.name.lowercased()
            return names.contains { folded.hasPrefix($0.dropLast()) }
        }
        guard first == UInt8(ascii: "a"), field.name.lowercased() == "authentication-results" else {
            return false
        }
        // What can't be read, some other reader may read as ours.
        guard let id = authenticationServer(message.header.unfolded(field, in: message.bytes)) else {
            return true
        }
        return id.elementsEqual(hostname.lowercased().utf8)
    }

    /// The authserv-id at the start of a field's body (RFC 8601 §2.2: a token or a quoted string, comments
    /// before it), in lower case and without a last dot. Nil where a comment or a quoted string doesn't end,
    /// or nothing stands there.
    static func authenticationServer(_ body: [UInt8]) -> [UInt8]? {
        var rest = body[...]
        guard skipComments(&rest) else { return nil }
        var id: [UInt8] = []
        if rest.first == UInt8(ascii: "\"") {
            rest = rest.dropFirst()
            var isClosed = false
            while !isClosed {
                guard let octet = rest.popFirst() else { return nil }
                switch octet {
                case UInt8(ascii: "\""): isClosed = true
                case UInt8(ascii: "\\"): id.append(rest.popFirst() ?? octet)
                default: id.append(octet)
                }
            }
        } else {
            let ends: [UInt8] = [0x20, 0x09, UInt8(ascii: ";"), UInt8(ascii: "("), UInt8(ascii: "/")]
            while let octet = rest.first, !ends.contains(octet) {
                id.append(octet)
                rest = rest.dropFirst()
            }
        }
        if id.last == UInt8(ascii: ".") { id.removeLast() }
        guard !id.isEmpty else { return nil }
        return id.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
    }

    /// Blanks and nested comments (RFC 5322 §3.2.2). False where a comment doesn't end.
    private static func skipComments(_ rest: inout ArraySlice<UInt8>) -> Bool {
        var depth = 0
        while let octet = rest.first {
            switch octet {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")") where depth > 0: depth -= 1
            case UInt8(ascii: "\\") where depth > 0: _ = rest.popFirst()
            case 0x20, 0x09: break
            default: if depth == 0 { return true }
            }
            rest = rest.dropFirst()
        }
        return depth == 0
    }
}
