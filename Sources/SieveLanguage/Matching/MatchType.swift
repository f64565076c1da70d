// SPDX-License-Identifier: MIT

/// How a value is held against a key (RFC 5228 §2.7.1, RFC 5231 §4).
enum MatchType: Sendable, Hashable {
    case `is`
    case contains
    case matches
    /// How many values there are, against each key.
    case count(Relation)
    /// The value's order, against each key's.
    case value(Relation)
    /// draft-ietf-sieve-regex §4.
    case regex
    /// RFC 6134 §2.2: the key names a list, and the value is in it.
    case list

    /// What holds when a test names none.
    static let standard = MatchType.is

    static let tags = [
        Usage.Tag(name: "is", group: "match type"), Usage.Tag(name: "contains", group: "match type"),
        Usage.Tag(name: "matches", group: "match type"),
        Usage.Tag(name: "count", group: "match type", value: .string, capability: "relational"),
        Usage.Tag(name: "value", group: "match type", value: .string, capability: "relational"),
        Usage.Tag(name: "regex", group: "match type", capability: "regex"),
        Usage.Tag(name: "list", group: "match type", capability: "extlists"),
    ]

    /// The one that the tags name. Nil after a mistake.
    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        if arguments.has("contains") {
            self = .contains
        } else if arguments.has("matches") {
            self = .matches
        } else if let text = arguments.string(ofTag: "count") {
            guard let relation = Relation(text, &compiler) else { return nil }
            self = .count(relation)
        } else if let text = arguments.string(ofTag: "value") {
            guard let relation = Relation(text, &compiler) else { return nil }
            self = .value(relation)
        } else if arguments.has("regex") {
            self = .regex
        } else if arguments.has("list") {
            self = .list
        } else {
            self = .standard
        }
    }

    /// Compares parts of values, which not every comparator can (RFC 4790 §4.3).
    var comparesParts: Bool {
        switch self {
        case .contains, .matches, .regex: true
        case .is, .count, .value, .list: false
        }
    }
}
