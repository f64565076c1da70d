// SPDX-License-Identifier: MIT

/// RFC 5231 §4: how a value stands to a key.
enum Relation: String, CaseIterable, Sendable {
    case gt, ge, lt, le, eq, ne

    /// Nil after a mistake. Compared without case, as a tag would be.
    init?(_ text: SyntaxNode.Text, _ compiler: inout Compiler) {
        guard let octets = compiler.constant(text, naming: "relation") else { return nil }
        guard let relation = Relation(rawValue: String(decoding: octets, as: UTF8.self).lowercased()) else {
            compiler.mistakes.add(
                text.range, "unknown relation \(MistakeList.quoted(octets))",
                help: "relations are " + Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", "))
            return nil
        }
        self = relation
    }

    /// Of octets in the form that a comparator prepared, which order as they do.
    func holds(_ value: [UInt8], _ key: [UInt8]) -> Bool {
        switch self {
        case .eq: value == key
        case .ne: value != key
        case .lt: value.lexicographicallyPrecedes(key)
        case .gt: key.lexicographicallyPrecedes(value)
        case .le: !key.lexicographicallyPrecedes(value)
        case .ge: !value.lexicographicallyPrecedes(key)
        }
    }
}
