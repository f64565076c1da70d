// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// Where a channel's script comes from, as its keyword says (`filter`, `destination_filter`,
/// `source_filter`): `file:PATH`, `data:,SCRIPT`, or `ldap:///BASE?ATTRIBUTE?SCOPE?FILTER` (RFC 4516). Each
/// may have places for what is known of the recipient (`FilterPattern`).
package enum FilterURL: Codable, Hashable, Sendable {
    /// One file for everybody: part of the ruleset.
    case fixed
    /// Files below a folder that the configuration names as `store`, read when mail comes.
    case file(store: String, path: FilterPattern)
    /// The script itself.
    case text(FilterPattern)
    case directory(Search)

    /// A search whose first entry has the script in the first of `attributes` that it has.
    package struct Search: Codable, Hashable, Sendable {
        /// As `[directory.NAME]`.
        var directory: String
        var base: FilterPattern
        var scope: DirectoryQuestion.Scope
        var filter: FilterPattern
        var attributes: [String]
    }

    /// A URL, and the place on the disk that it names.
    package struct Reading: Hashable, Sendable {
        package var url: FilterURL
        /// Of `fixed`, the file; of `file`, the folder. Relative to the folder of scripts. Nil for the rest.
        package var path: String?
        /// `path` starts at the folder of home folders instead (`$~`).
        package var isInHome = false
    }

    /// Attributes of one search: the first with a value is all that is used.
    private static let attributesMax = 20

    static let help =
        "write \"file:NAME.sieve\", \"file:users/$A.sieve\", \"data:,discard;\" or"
        + " \"ldap:///dc=example?mailSieveRuleSource?sub?(mail=$A)\""

    /// Whether it has `$M` or `$I`.
    package var readsUID: Bool { needsUID }

    var needsUID: Bool {
        switch self {
        case .fixed: false
        case .file(_, let path): path.needsUID
        case .text(let text): text.needsUID
        case .directory(let search): search.base.needsUID || search.filter.needsUID
        }
    }

    /// The script of a `data:` URL, with a stand-in at each place: for those who check rules.
    package var sampleScript: String? {
        guard case .text(let pattern) = self else { return nil }
        return pattern.pieces.map { piece in
            if case .text(let text) = piece { text } else { "x" }
        }.joined()
    }
}

// MARK: Reading

extension FilterURL {
    /// `store` names the folder in questions. `directories` is as `Settings.directoryNames` has it: by host
    /// and by name in lower case, the directory's name.
    package static func read(
        _ text: String, store: String, directories: [String: String]
    ) throws(FilterPattern.Mistake) -> Reading {
        let folded = text.lowercased()
        if folded.hasPrefix("file:") {
            return try file(text.dropFirst("file:".count), store: store)
        }
        if folded.hasPrefix("data:,") { return Reading(url: try data(text.dropFirst("data:,".count))) }
        if folded.hasPrefix("data:") {
            throw FilterPattern.Mistake(
                message: "a data: URL has a media type or an encoding", help: "write \"data:,SCRIPT\"")
        }
        if folded.hasPrefix("ldap:") || folded.hasPrefix("ldaps:") {
            return Reading(url: .directory(try search(text[...], directories)))
        }
        throw FilterPattern.Mistake(message: "it is no URL of a filter", help: help)
    }

    private static func file(_ text: Substring, store: String) throws(FilterPattern.Mistake) -> Reading {
        var text = text
        for prefix in ["//localhost/", "///"] where text.hasPrefix(prefix) {
            text = text.dropFirst(prefix.count - 1)
        }
        guard !text.hasPrefix("//") else {
            throw FilterPattern.Mistake(message: "a file: URL names another machine", help: help)
        }
        // Sun's name for the folder that rules are in.
        if text.lowercased().hasPrefix("imta_table:") { text = text.dropFirst("imta_table:".count) }
        guard !text.contains("*") else {
            throw FilterPattern.Mistake(
                message: "a gateway expands no group or forwarding address: * and ** stand for nothing here",
                help: "take it out; scripts of lists are found by the list's own address")
        }
        var isInHome = false
        if text.hasPrefix("$~/") {
            isInHome = true
            text = text.dropFirst("$~/".count)
        }
        var pattern = try decoded(text)
        guard !pattern.isConstant || isInHome else {
            let path = pattern.constant
            guard !path.isEmpty, !path.hasSuffix("/"), !path.utf8.contains(0) else {
                throw FilterPattern.Mistake(message: "the file: URL names no file", help: help)
            }
            return Reading(url: .fixed, path: path)
        }
        var folder = ""
        if isInHome {
            pattern.pieces.insert(contentsOf: [.value(.user, .fails, .none), .text("/")], at: 0)
        } else if case .text(let head)? = pattern.pieces.first,
            let slash = head.utf8.lastIndex(of: UInt8(ascii: "/"))
        {
            folder = slash == head.startIndex ? "/" : String(head[..<slash])
            let rest = String(head[head.utf8.index(after: slash)...])
            pattern.pieces.removeFirst()
            if !rest.isEmpty { pattern.pieces.insert(.text(rest), at: 0) }
        }
        let sample = pattern.pieces.map { if case .text(let text) = $0 { text } else { "x" } }.joined()
        guard ScriptQuestion(store: store, path: sample).names != nil else {
            throw FilterPattern.Mistake(
                message: "\"\(sample)\" leads out of its folder, is hidden there, or has more than "
                    + "\(ScriptQuestion.namesMax) names", help: help)
        }
        return Reading(url: .file(store: store, path: pattern), path: folder, isInHome: isInHome)
    }

    private static func data(_ text: Substring) throws(FilterPattern.Mistake) -> FilterURL {
        let pattern = try decoded(text)
        // Where each place stands shows in the text with something harmless there.
        var sample: [UInt8] = []
        var places: [Int] = []
        for piece in pattern.pieces {
            if case .text(let text) = piece {
                sample += Array(text.utf8)
            } else {
                places.append(sample.count)
                sample.append(UInt8(ascii: "x"))
            }
        }
        let strings = ScriptRegion.all(of: sample).filter { $0.kind == .quotedString }
        guard places.allSatisfy({ place in strings.contains { $0.range.contains(place) } }) else {
            throw FilterPattern.Mistake(
                message: "a place for a value stands outside a string of the script",
                help: "write it between double quotes: \"$L\"")
        }
        return .text(pattern)
    }

    private static func search(
        _ text: Substring, _ directories: [String: String]
    ) throws(FilterPattern.Mistake) -> Search {
        let parts = text.utf8.split(separator: UInt8(ascii: "?"), omittingEmptySubsequences: false).map {
            Substring($0)
        }
        guard parts.count <= 4 || parts.count == 5 && !parts[4].contains("!") else {
            throw FilterPattern.Mistake(
                message: "the LDAP URL has too many parts, or an extension that must be understood",
                help: help)
        }
        guard let marks = parts[0].firstRange(of: "://") else {
            throw FilterPattern.Mistake(message: "the LDAP URL has no \"//\"", help: help)
        }
        let behind = parts[0][marks.upperBound...]
        let slash = behind.firstIndex(of: "/") ?? behind.endIndex
        let host = behind[..<slash].lowercased()
        let base: Substring = slash == behind.endIndex ? "" : behind[behind.index(after: slash)...]
        let wanted = host.isEmpty ? "default" : host
        let bare = wanted.hasSuffix(":389") ? String(wanted.dropLast(4)) : wanted
        guard let directory = directories[wanted] ?? directories[bare] else {
            throw FilterPattern.Mistake(
                message: host.isEmpty
                    ? "there is no directory named default" : "no directory has the server \(host)",
                help: "add [directory.default] with its servers")
        }
        let attributes = (parts.count > 1 ? parts[1] : "").split(separator: ",").map { String($0) }
        guard (1...attributesMax).contains(attributes.count), attributes.allSatisfy(isAttribute) else {
            throw FilterPattern.Mistake(
                message: "the LDAP URL doesn't say which attribute has the script", help: help)
        }
        let scopeName = parts.count > 2 ? parts[2].lowercased() : ""
        guard let scope = scopeName.isEmpty ? .base : DirectoryQuestion.Scope(rawValue: scopeName) else {
            throw FilterPattern.Mistake(
                message: "\"\(scopeName)\" is no scope of an LDAP URL", help: "write base, one or sub")
        }
        let filter = try decoded(parts.count > 3 ? parts[3] : "")
        try check(filter: filter)
        return Search(
            directory: directory, base: try decoded(base),
            scope: scope,
            filter: filter.pieces.isEmpty ? FilterPattern(pieces: [.text("(objectClass=*)")]) : filter,
            attributes: attributes)
    }

    private static func check(filter: FilterPattern) throws(FilterPattern.Mistake) {
        guard !filter.pieces.isEmpty else { return }
        let sample = Array(
            filter.pieces.map { if case .text(let text) = $0 { text } else { "x" } }.joined().utf8)
        var depth = 0
        var isWhole = sample.first == UInt8(ascii: "(")
        for (index, octet) in sample.enumerated() {
            if octet == UInt8(ascii: "(") { depth += 1 }
            if octet == UInt8(ascii: ")") { depth -= 1 }
            if depth <= 0, index < sample.count - 1 { isWhole = false }
        }
        guard isWhole, depth == 0 else {
            throw FilterPattern.Mistake(
                message: "the parentheses of the LDAP URL's filter do not match",
                help: "write (attribute=value), (&(...)(...)) or (|(...)(...))")
        }
    }

    /// An attribute's name or object identifier (RFC 4512 §2.5).
    package static func isAttribute(_ name: String) -> Bool {
        (1...128).contains(name.utf8.count)
            && name.utf8.allSatisfy { octet in
                switch octet {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."),
                    UInt8(ascii: ";"):
                    true
                default: false
                }
            }
    }

    /// Places are found before percent-encoding is undone: `%24` is a dollar sign and nothing else.
    private static func decoded(_ text: Substring) throws(FilterPattern.Mistake) -> FilterPattern {
        var pattern = try FilterPattern.parse(text)
        for index in pattern.pieces.indices {
            guard case .text(let text) = pattern.pieces[index] else { continue }
            pattern.pieces[index] = .text(try percentDecoded(text))
        }
        return pattern
    }

    private static func percentDecoded(_ text: String) throws(FilterPattern.Mistake) -> String {
        var decoded: [UInt8] = []
        var rest = text.utf8[...]
        while let octet = rest.popFirst() {
            guard octet == UInt8(ascii: "%") else {
                decoded.append(octet)
                continue
            }
            guard let high = rest.popFirst().flatMap(hexadecimal),
                let low = rest.popFirst().flatMap(hexadecimal)
            else {
                throw FilterPattern.Mistake(
                    message: "a % has no two hexadecimal digits behind it", help: "write %25 for a %")
            }
            decoded.append(high << 4 | low)
        }
        guard let text = String(validating: decoded, as: UTF8.self) else {
            throw FilterPattern.Mistake(message: "it is not UTF-8", help: "encode the octets of UTF-8")
        }
        return text
    }

    private static func hexadecimal(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x30...0x39: octet - 0x30
        case 0x41...0x46: octet - 0x41 + 10
        case 0x61...0x66: octet - 0x61 + 10
        default: nil
        }
    }
}

extension FilterPattern {
    /// All of its text; places are left out.
    var constant: String {
        pieces.map { if case .text(let text) = $0 { text } else { "" } }.joined()
    }
}
