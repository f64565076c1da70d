// SPDX-License-Identifier: MIT

/// Strings with variables in them (RFC 5229 §3).
extension Compiler {
    /// Compiles a string. A reference that can't be one is complained about, and stands for nothing.
    mutating func phrase(_ text: SyntaxNode.Text) -> Phrase {
        guard mayVary(text) else { return .constant(Array(text.octets)) }
        let octets = Array(text.octets)
        var pieces: [Phrase.Piece] = []
        var plain: [UInt8] = []
        var isBroken = false
        var offset = 0
        while offset < octets.count {
            guard octets[offset] == UInt8(ascii: "$"),
                let reference = ReferenceScanner.reference(in: octets, at: offset)
            else {
                plain.append(octets[offset])
                offset += 1
                continue
            }
            offset = reference.end
            if !plain.isEmpty { pieces.append(.text(plain)) }
            plain = []
            if let piece = piece(reference.found, at: text.range) {
                pieces.append(piece)
            } else {
                isBroken = true
            }
        }
        // A broken reference isn't nothing: whoever checks constants would complain a second time.
        guard !pieces.isEmpty || isBroken else { return .constant(plain) }
        if !plain.isEmpty { pieces.append(.text(plain)) }
        return .composed(pieces)
    }

    /// Whether the string may hold a variable: most hold none, and have to be looked at no more.
    func mayVary(_ text: SyntaxNode.Text) -> Bool {
        hasVariables && text.octets.contains(UInt8(ascii: "$"))
    }

    mutating func phrases(_ texts: some Collection<SyntaxNode.Text>) -> [Phrase] {
        texts.map { phrase($0) }
    }

    /// A string that must be known before the script runs. Nil, with a complaint, where it holds a variable.
    mutating func constant(_ text: SyntaxNode.Text, naming what: String) -> [UInt8]? {
        guard case .constant(let octets) = phrase(text) else {
            mistakes.add(
                text.range, "the \(what) must not hold a variable",
                help: "write it out: it has to be known before the script runs")
            return nil
        }
        return octets
    }

    private mutating func piece(_ found: ReferenceScanner.Found, at range: Range<Int>) -> Phrase.Piece? {
        switch found {
        case .number(let number):
            guard number <= SieveLimits.matchValueMax else {
                mistakes.add(
                    range, "the match variable ${\(number)} is out of range",
                    help: "match variables go from ${0} to ${\(SieveLimits.matchValueMax)}")
                return nil
            }
            return .match(number)
        case .name(let namespace, let name):
            return variable(namespace: namespace, name: name, at: range)
        }
    }

    /// What a variable's name stands for, in lower case; for reading.
    mutating func variable(
        namespace: String, name: String, at range: Range<Int>
    ) -> Phrase.Piece? {
        if namespace.isEmpty { return variable(named: name, at: range) }
        let words = namespace.utf8.split(separator: UInt8(ascii: "."), maxSplits: 1)
        let first = words.first.map { String(Substring($0)) } ?? ""
        // Only items of the environment have names of several words.
        guard let capability = Vocabulary.namespaces[first], words.count == 1 || first == "env" else {
            mistakes.add(
                range, "unknown namespace \(MistakeList.quoted(namespace)) of variables",
                help: "namespaces are \(Vocabulary.namespaces.keys.sorted().joined(separator: ", "))")
            return nil
        }
        guard capabilities.contains(capability) else {
            missingCapability([capability], for: "the namespace \"\(namespace)\"", at: range)
            return nil
        }
        if namespace == "global" { return .global(name) }
        let prefix = words.count == 1 ? "" : "\(namespace.dropFirst(first.utf8.count + 1))."
        return .item(namespace: first, name: prefix + name)
    }

    /// The variable that a string names, for writing to it (RFC 5229 §3). Nil after a mistake.
    mutating func settable(_ text: SyntaxNode.Text) -> Phrase.Piece? {
        guard let octets = constant(text, naming: "variable's name") else { return nil }
        let wrapped = Array("${".utf8) + octets + Array("}".utf8)
        guard let reference = ReferenceScanner.reference(in: wrapped, at: 0), reference.end == wrapped.count,
            case .name(let namespace, let name) = reference.found
        else {
            mistakes.add(
                text.range, "\(MistakeList.quoted(octets)) is no name of a variable",
                help: "a name is letters, digits and underscores, and begins with no digit")
            return nil
        }
        guard namespace.isEmpty || namespace == "global" else {
            mistakes.add(
                text.range, "the namespace \(MistakeList.quoted(namespace)) can only be read",
                help: "set a variable without a namespace")
            return nil
        }
        guard namespace.isEmpty else { return variable(namespace: namespace, name: name, at: text.range) }
        setNames.insert(name)
        return variable(named: name, at: text.range)
    }

    /// A variable of the script's own, or one that it declared global.
    mutating func variable(named name: String, at range: Range<Int>) -> Phrase.Piece? {
        guard name.utf8.count <= limits.variableNameOctetsMax else {
            mistakes.add(
                range, "the variable's name \(MistakeList.quoted(name)) is too long",
                help: "a name has at most \(limits.variableNameOctetsMax) characters")
            return nil
        }
        if globalNames.contains(name) { return .global(name) }
        return variableSlot(name, at: range).map { .variable($0) }
    }
}
