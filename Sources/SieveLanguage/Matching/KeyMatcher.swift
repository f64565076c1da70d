// SPDX-License-Identifier: MIT

/// The keys of a test, prepared once for its match type and its comparator (RFC 5228 §2.7).
struct KeyMatcher: Sendable {
    private let comparator: Comparator
    private let keys: Keys
    /// What one value costs for each of its octets: the keys that are tried one after the other.
    private let tries: Int

    private enum Keys: Sendable {
        case equal([[UInt8]])
        /// Long lists are looked up, not walked.
        case oneOf(Set<[UInt8]>)
        case substrings([SubstringPattern])
        case globs([GlobPattern])
    }

    /// From how many keys a set beats a walk.
    private static let setKeysMin = 9

    /// The tags of a test that compares strings.
    static let tags = [Usage.Tag.comparator] + Usage.Tag.matchTypes

    /// Reads the match type and the comparator from `arguments`. Nil after a mistake.
    init?(keys texts: [SyntaxNode.Text], _ arguments: Arguments, _ compiler: inout Compiler) {
        guard let comparator = compiler.comparator(arguments) else { return nil }
        let type = MatchType.allCases.first { arguments.has($0.rawValue) } ?? .standard
        self.init(type, comparator, keys: texts.map(\.octets))
    }

    init(_ type: MatchType, _ comparator: Comparator, keys: [[UInt8]]) {
        self.comparator = comparator
        let prepared = keys.map(comparator.prepare)
        switch type {
        case .is where keys.count >= Self.setKeysMin: self.keys = .oneOf(Set(prepared))
        case .is: self.keys = .equal(prepared)
        case .contains: self.keys = .substrings(prepared.map(SubstringPattern.init))
        case .matches: self.keys = .globs(prepared.map(GlobPattern.init))
        }
        tries = type == .is ? 1 : keys.count
    }

    /// Whether any key matches `value`.
    func matches(_ value: FieldValue, _ budget: inout MatchBudget) throws(RuntimeFault) -> Bool {
        let octets = comparator == .octet ? value.octets : value.folded
        try budget.spend(octets: (octets.count + 1) * tries)
        switch keys {
        case .equal(let keys):
            return keys.contains(octets)
        case .oneOf(let keys):
            return keys.contains(octets)
        case .substrings(let patterns):
            for pattern in patterns where pattern.firstOffset(in: octets, from: 0) != nil { return true }
        case .globs(let patterns):
            for pattern in patterns where try pattern.matches(octets, stepsMax: budget.wildcardStepsMax) {
                return true
            }
        }
        return false
    }
}
