// SPDX-License-Identifier: MIT

/// The keys of a test with its match type and its comparator (RFC 5228 §2.7): prepared when the script is
/// compiled, unless variables are in them.
struct KeyMatcher: Sendable {
    private enum Source: Sendable {
        case prepared(PreparedKeys)
        case phrases([Phrase])
    }

    let type: MatchType
    private let comparator: Comparator
    private let source: Source
    /// Whether each blank in a key parts it in two.
    private let splitsAtBlanks: Bool

    /// The tags of a test that compares strings.
    static let tags = [Usage.Tag.comparator] + MatchType.tags

    /// Reads the match type and the comparator from `arguments`. Nil after a mistake.
    init?(
        keys texts: SyntaxNode.Texts, _ arguments: Arguments, splitsAtBlanks: Bool = false,
        _ compiler: inout Compiler
    ) {
        guard let comparator = compiler.comparator(arguments), let type = MatchType(arguments, &compiler)
        else { return nil }
        guard comparator.hasSubstrings || !type.comparesParts else {
            compiler.mistakes.add(
                arguments.range(ofTag: "comparator") ?? arguments.nameRange,
                "the comparator \"\(comparator.rawValue)\" compares whole values only",
                help: "use it with :is, :count or :value")
            return nil
        }
        // RFC 6134 §2.2: how a list compares is the list's own affair.
        if type == .list, let range = arguments.range(ofTag: "comparator") {
            compiler.mistakes.add(
                range, "\":list\" and \":comparator\" exclude each other", help: "leave the comparator out")
            return nil
        }
        self.type = type
        self.comparator = comparator
        self.splitsAtBlanks = splitsAtBlanks
        // Most tests have one key.
        if !splitsAtBlanks, case .one(let text) = texts, !compiler.mayVary(text),
            let keys = PreparedKeys(type, comparator, text.octets)
        {
            source = .prepared(keys)
            return
        }
        var phrases: [Phrase] = []
        if compiler.hasVariables, texts.contains(where: { compiler.mayVary($0) }) {
            phrases = compiler.phrases(texts)
            guard phrases.allSatisfy({ $0.constant != nil }) else {
                source = .phrases(phrases)
                return
            }
        }
        do {
            if !phrases.isEmpty || splitsAtBlanks {
                let constants =
                    phrases.isEmpty ? texts.map(\.octets) : phrases.compactMap { $0.constant.map { $0[...] } }
                source = .prepared(
                    try PreparedKeys(type, comparator, Self.parted(constants, splitsAtBlanks)))
            } else {
                source = .prepared(try PreparedKeys(type, comparator, texts.lazy.map(\.octets)))
            }
        } catch {
            compiler.mistakes.add(
                error.index < texts.count ? texts[error.index].range : arguments.nameRange, error.text,
                help: "a backslash in a script is written twice, and a literal star as \"\\\\*\"")
            return nil
        }
    }

    private static func parted(
        _ keys: [ArraySlice<UInt8>], _ splitsAtBlanks: Bool
    ) -> [ArraySlice<UInt8>] {
        guard splitsAtBlanks, keys.contains(where: { $0.contains(0x20) || $0.isEmpty }) else { return keys }
        return keys.flatMap { $0.split(separator: 0x20) }
    }

    /// The keys as they are now. One that is no regular expression matches nothing; the outcome says so.
    func keys(_ execution: inout Execution) throws(Interruption) -> PreparedKeys {
        switch source {
        case .prepared(let keys): return keys
        case .phrases(let phrases):
            var keys: [ArraySlice<UInt8>] = []
            for phrase in phrases { keys.append(try execution.octets(of: phrase)[...]) }
            do {
                return try PreparedKeys(type, comparator, Self.parted(keys, splitsAtBlanks))
            } catch {
                execution.remark(error.text)
                return .none
            }
        }
    }

    /// Whether any key matches any of `values`; of `:count`, whether their number does.
    func match(_ values: [FieldValue], _ execution: inout Execution) throws(Interruption) -> Bool {
        let keys = try keys(&execution)
        if case .count = type { return try keys.match(count: values.count, &execution) }
        for value in values where try keys.match(value, &execution) { return true }
        return false
    }
}
