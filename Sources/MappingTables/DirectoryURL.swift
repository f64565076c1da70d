// SPDX-License-Identifier: MIT
internal import Mail

/// An LDAP URL (RFC 4516) as a template has it, `$]ldap://host/base?attributes?scope?filter[`, read once.
///
/// What divides it stands in the template's own text: a field can't add a part, an attribute or a scope, and
/// where it stands in the base or the filter it is quoted, whatever it holds. Percent-encoding counts in the
/// template's text and not in fields.
struct DirectoryURL: Equatable, Sendable {
    /// As `[directory.NAME]` has it.
    let directory: String
    let base: [Template.Piece]
    /// In the order wanted, at least one.
    let attributes: [String]
    let scope: DirectoryQuestion.Scope
    let filter: [Template.Piece]

    /// Attributes of one URL, at most: the first with a value is all that is used.
    static let attributesMax = 20

    struct Mistake: Error {
        let text: String
        let help: String
        init(_ text: String, help: String = DirectoryURL.example) {
            self.text = text
            self.help = help
        }
    }

    static let example = "write $]ldap:///base?attribute?sub?(mail=$0)["

    /// The URL, or what is wrong with it. `directories` is as in `TemplateContext`.
    static func parse(
        _ pieces: [Template.Piece], directories: [String: String]?
    ) throws(Mistake) -> DirectoryURL {
        var parts: [[Template.Piece]] = [[]]
        for piece in pieces {
            guard case .text(let text) = piece else {
                parts[parts.count - 1].append(piece)
                continue
            }
            let runs = text.split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false)
            for (index, run) in runs.enumerated() {
                if index > 0 { parts.append([]) }
                if !run.isEmpty { parts[parts.count - 1].append(.text(Array(run))) }
            }
        }
        guard parts.count <= 5 else {
            throw Mistake(
                "the LDAP URL has more than five parts",
                help: "write %3F for a question mark that divides nothing")
        }
        let (host, base) = try takeHost(parts[0])
        var modes: [Template.Piece] = []
        let attributes = try literal(parts.count > 1 ? parts[1] : [], "attributes", &modes)
        let scope = try literal(parts.count > 2 ? parts[2] : [], "scope", &modes)
        try checkExtensions(parts.count > 4 ? parts[4] : [])
        let filter = try decoded(parts.count > 3 ? modes + parts[3] : [])
        return DirectoryURL(
            directory: try directory(host, among: directories), base: try decoded(base),
            attributes: try names(attributes), scope: try self.scope(scope), filter: try checked(filter))
    }

    /// `ldap://host:port/` from the beginning; what follows is the base.
    private static func takeHost(
        _ pieces: [Template.Piece]
    ) throws(Mistake) -> (host: String, base: [Template.Piece]) {
        guard case .text(let text)? = pieces.first else { throw Mistake("the LDAP URL names no scheme") }
        let schemes = ["ldap://", "ldaps://"].map { Array($0.utf8) }
        guard
            let scheme = schemes.first(where: {
                text.count >= $0.count && text.prefix($0.count).map(\.asciiLowercased) == $0
            })
        else { throw Mistake("the LDAP URL does not begin with ldap:// or ldaps://") }
        let rest = text[scheme.count...]
        let slash = rest.firstIndex(of: UInt8(ascii: "/"))
        guard slash != nil || pieces.count == 1 else {
            throw Mistake(
                "a field or mode stands in the host of the LDAP URL",
                help: "who sends mail must not choose the server: name it, or leave it out, ldap:///")
        }
        let host = String(decoding: rest[..<(slash ?? rest.endIndex)].map(\.asciiLowercased), as: UTF8.self)
        let base = slash.map { Array(rest[($0 + 1)...]) } ?? []
        return (host, (base.isEmpty ? [] : [.text(base)]) + pieces.dropFirst())
    }

    private static func directory(_ host: String, among known: [String: String]?) throws(Mistake) -> String {
        let wanted = host.isEmpty ? Dialect.defaultDirectory : host
        guard let known else { return wanted }
        if let name = known[wanted] { return name }
        // Port 389 is what a host without one means.
        if wanted.hasSuffix(":389"), let name = known[String(wanted.dropLast(4))] { return name }
        throw Mistake(
            host.isEmpty
                ? "there is no directory named \(wanted)" : "no directory has the server \(wanted)",
            help: "name it in postern.toml: [directory.\(host.isEmpty ? wanted : "NAME")] with its servers")
    }

    /// The text of a part that decides what is asked: no field may stand in it. Its modes go on to the next.
    private static func literal(
        _ pieces: [Template.Piece], _ part: String, _ modes: inout [Template.Piece]
    ) throws(Mistake) -> String {
        var text: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .text(let octets): text += octets
            case .mode: modes.append(piece)
            default:
                throw Mistake(
                    "a field stands in the \(part) of the LDAP URL",
                    help: "fields may stand in the base and in the filter")
            }
        }
        return String(decoding: try percentDecoded(text), as: UTF8.self)
    }

    private static func checkExtensions(_ pieces: [Template.Piece]) throws(Mistake) {
        var modes: [Template.Piece] = []
        let text = try literal(pieces, "extensions", &modes)
        guard text.utf8.contains(UInt8(ascii: "!")) else { return }
        throw Mistake("the LDAP URL has an extension that must be understood", help: "remove it: none is")
    }

    private static func names(_ text: String) throws(Mistake) -> [String] {
        let names = text.utf8.split(separator: UInt8(ascii: ",")).map { String(Substring($0)) }
        guard !names.isEmpty else {
            throw Mistake("the LDAP URL does not say which attribute is wanted")
        }
        guard names.count <= attributesMax else {
            throw Mistake("the LDAP URL names more than \(attributesMax) attributes")
        }
        if let wrong = names.first(where: { !isAttribute($0) }) {
            throw Mistake(
                "\"\(wrong)\" is no name of an attribute",
                help: "write the attribute whose value is wanted, as in ldap:///?mail?sub?(uid=$0)")
        }
        return names
    }

    /// An attribute description (RFC 4512 §2.5): a name or object identifier, and options.
    static func isAttribute(_ name: String) -> Bool {
        let octets = Array(name.utf8)
        guard let first = octets.first, first.isASCIILetter || first.isASCIIDigit else { return false }
        return octets.count <= 128
            && octets.allSatisfy {
                $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
                    || $0 == UInt8(ascii: ";")
            }
    }

    private static func scope(_ text: String) throws(Mistake) -> DirectoryQuestion.Scope {
        if text.isEmpty { return .base }
        guard let scope = DirectoryQuestion.Scope(rawValue: text.lowercased()) else {
            throw Mistake("\"\(text)\" is no scope of an LDAP URL", help: "write base, one or sub")
        }
        return scope
    }

    /// The filter in parentheses, which must be balanced before any field is in it.
    private static func checked(_ filter: [Template.Piece]) throws(Mistake) -> [Template.Piece] {
        var text: [UInt8] = []
        for piece in filter {
            switch piece {
            case .text(let octets): text += octets
            case .mode: break
            default: text.append(UInt8(ascii: "x"))
            }
        }
        if text.isEmpty { return [.text(Array("(objectClass=*)".utf8))] }
        let isBare = text.first != UInt8(ascii: "(")
        var depth = isBare ? 1 : 0
        var closings = 0
        for octet in text {
            if octet == UInt8(ascii: "(") { depth += 1 }
            if octet == UInt8(ascii: ")") { depth -= 1 }
            if depth == 0 { closings += 1 }
        }
        let isSound =
            isBare
            ? depth == 1 && closings == 0 && text.contains(UInt8(ascii: "="))
            : depth == 0 && closings == 1 && text.last == UInt8(ascii: ")")
        guard isSound else {
            throw Mistake(
                "the parentheses of the filter do not match",
                help: "write (attribute=value), (&(...)(...)) or (|(...)(...)); \\28 and \\29 in values")
        }
        return isBare ? [.text([UInt8(ascii: "(")])] + filter + [.text([UInt8(ascii: ")")])] : filter
    }

    private static func decoded(_ pieces: [Template.Piece]) throws(Mistake) -> [Template.Piece] {
        var decoded: [Template.Piece] = []
        for piece in pieces {
            if case .text(let text) = piece {
                decoded.append(.text(try percentDecoded(text)))
            } else {
                decoded.append(piece)
            }
        }
        return decoded
    }

    private static func percentDecoded(_ text: [UInt8]) throws(Mistake) -> [UInt8] {
        var decoded: [UInt8] = []
        var position = 0
        while position < text.count {
            guard text[position] == UInt8(ascii: "%") else {
                decoded.append(text[position])
                position += 1
                continue
            }
            guard position + 2 < text.count, let high = Network.hexValue(text[position + 1]),
                let low = Network.hexValue(text[position + 2])
            else {
                throw Mistake(
                    "a % in the LDAP URL has no two hexadecimal digits after it", help: "write %25 for a %")
            }
            decoded.append(UInt8(truncatingIfNeeded: high << 4 | low))
            position += 3
        }
        guard String(validating: decoded, as: UTF8.self) != nil else {
            throw Mistake("what the LDAP URL encodes is not UTF-8", help: "encode the octets of UTF-8")
        }
        return decoded
    }
}

/// A search as a template wants it, with what of its answer is used.
struct DirectoryLookup: Equatable, Sendable {
    let question: DirectoryQuestion
    /// In the order wanted; `Dialect.entryName` stands for the entry's own name.
    let wanted: [String]

    /// `wanted` says which attributes are asked for.
    init(
        directory: String, base: String, scope: DirectoryQuestion.Scope, filter: String, wanted: [String]
    ) {
        let asked = wanted.filter { $0.lowercased() != Dialect.entryName }
        question = DirectoryQuestion(
            directory: directory, base: base, scope: scope, filter: filter,
            attributes: asked.isEmpty ? [Dialect.noAttributes] : asked)
        self.wanted = wanted
    }

    /// The first entry's first wanted value; nil where it has none.
    func value(in entries: [DirectoryEntry]) -> [UInt8]? {
        guard let entry = entries.first else { return nil }
        for name in wanted {
            let folded = name.lowercased()
            if folded == Dialect.entryName { return Array(entry.name.utf8) }
            let found = entry.attributes.first { $0.name.lowercased() == folded }
            if let value = found?.values.first(where: { !$0.isEmpty }) { return Array(value.utf8) }
        }
        return nil
    }

    /// As an LDAP URL whose host is the directory's name, for traces.
    var description: String {
        "ldap://\(question.directory)/\(question.base)?\(wanted.joined(separator: ","))"
            + "?\(question.scope.rawValue)?\(question.filter)"
    }
}
