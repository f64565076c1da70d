// SPDX-License-Identifier: MIT

/// Keys in the form in which they are compared.
struct PreparedKeys: Sendable {
    private enum Form: Sendable {
        case equal([[UInt8]])
        case equalTo([UInt8])
        /// Long lists are looked up, not walked.
        case oneOf(Set<[UInt8]>)
        case substrings([SubstringPattern])
        case substring(SubstringPattern)
        case globs([GlobPattern])
        case related(Relation, [[UInt8]])
        case expressions([RegularExpression])
        /// Names of lists.
        case lists([String])
    }

    private let form: Form
    private let comparator: Comparator
    /// What one value costs for each of its octets: the keys that are tried one after the other.
    private let tries: Int

    /// From how many keys a set beats a walk.
    private static let setKeysMin = 9

    /// Throws where a key is no regular expression; `index` says which.
    init(
        _ type: MatchType, _ comparator: Comparator, _ keys: some Collection<ArraySlice<UInt8>>
    ) throws(Mistake) {
        self.comparator = comparator
        switch type {
        case .is where keys.count >= Self.setKeysMin:
            form = .oneOf(Set(keys.map { comparator.prepare($0) }))
        case .is: form = .equal(keys.map { comparator.prepare($0) })
        case .contains: form = .substrings(keys.map { SubstringPattern(comparator.prepare($0)) })
        case .matches: form = .globs(keys.map { GlobPattern(comparator.prepare($0)) })
        case .count(let relation), .value(let relation):
            form = .related(relation, keys.map { comparator.prepare($0) })
        case .regex: form = .expressions(try Self.expressions(keys, comparator))
        case .list: form = .lists(keys.map { String(decoding: $0, as: UTF8.self) })
        }
        tries = type == .is ? 1 : keys.count
    }

    /// One key, which needs no list; nil where it has to be in one.
    init?(_ type: MatchType, _ comparator: Comparator, _ key: ArraySlice<UInt8>) {
        switch type {
        case .is: form = .equalTo(comparator.prepare(key))
        case .contains: form = .substring(SubstringPattern(comparator.prepare(key)))
        case .matches, .count, .value, .regex, .list: return nil
        }
        self.comparator = comparator
        tries = 1
    }

    /// Matches nothing.
    static let none = PreparedKeys()

    private init() {
        form = .equal([])
        comparator = .octet
        tries = 1
    }

    struct Mistake: Error {
        var index: Int
        var text: String
    }

    private static func expressions(
        _ keys: some Collection<ArraySlice<UInt8>>, _ comparator: Comparator
    ) throws(Mistake) -> [RegularExpression] {
        var expressions: [RegularExpression] = []
        for (index, key) in keys.enumerated() {
            do {
                expressions.append(try RegularExpression(Array(key), ignoresCase: comparator != .octet))
            } catch {
                throw Mistake(
                    index: index,
                    text: "\(MistakeList.quoted(key)) is no regular expression: \(error.text), at octet "
                        + "\(error.offset + 1)")
            }
        }
        return expressions
    }

    /// Whether any key matches `value`. A match with wildcards leaves what they stood for in the execution
    /// (RFC 5229 §3.2).
    func match(_ value: FieldValue, _ execution: inout Execution) throws(Interruption) -> Bool {
        let octets = value.form(comparator)
        try execution.budget.spend(octets: (octets.count + 1) * tries)
        switch form {
        case .equalTo(let key):
            return key == octets
        case .substring(let pattern):
            return pattern.firstOffset(in: octets, from: 0) != nil
        case .equal(let keys):
            return keys.contains(octets)
        case .oneOf(let keys):
            return keys.contains(octets)
        case .substrings(let patterns):
            for pattern in patterns where pattern.firstOffset(in: octets, from: 0) != nil { return true }
        case .globs(let patterns):
            for pattern in patterns {
                var captures: [Range<Int>] = []
                guard
                    try pattern.matches(
                        octets, stepsMax: execution.budget.wildcardStepsMax, captures: &captures)
                else { continue }
                if execution.keepsMatches {
                    execution.keep(match: value, captures: comparator.captures(captures, of: value))
                }
                return true
            }
        case .expressions(let expressions):
            for expression in expressions {
                guard let groups = try expression.match(value.octets) else { continue }
                if execution.keepsMatches { execution.keep(groups: groups, of: value) }
                return true
            }
        case .lists(let names):
            for name in names where try execution.holds(list: name, value.octets) {
                // RFC 6134 §2.2: the value found is the match.
                if execution.keepsMatches { execution.keep(match: value, captures: []) }
                return true
            }
        case .related(let relation, let keys):
            return keys.contains { relation.holds(octets, $0) }
        }
        return false
    }

    /// Whether a number of values matches any key (RFC 5231 §4.2).
    func match(count: Int, _ execution: inout Execution) throws(Interruption) -> Bool {
        try match(FieldValue(Array(String(count).utf8)), &execution)
    }
}
