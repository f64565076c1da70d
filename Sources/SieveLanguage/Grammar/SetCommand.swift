// SPDX-License-Identifier: MIT

/// RFC 5229 §4: `set [MODIFIER] <name: string> <value: string>`
struct SetCommand: SieveCommand {
    static let usage = Usage(
        name: "set", capabilities: ["variables"], tags: Modifier.tags,
        positional: [.init(name: "name", kind: .string), .init(name: "value", kind: .string)])

    /// What is done to the value, in the order of precedence (RFC 5229 §4.1), the highest first.
    enum Modifier: String, CaseIterable, Sendable {
        case lower, upper
        case lowerfirst, upperfirst
        case quotewildcard
        /// RFC 5435 §6.
        case encodeurl
        case length

        /// The higher is applied first. Two of one precedence exclude each other.
        var precedence: Int {
            switch self {
            case .lower, .upper: 40
            case .lowerfirst, .upperfirst: 30
            case .quotewildcard: 20
            case .encodeurl: 15
            case .length: 10
            }
        }

        static let tags = allCases.map {
            Usage.Tag(
                name: $0.rawValue, group: "modifier of precedence \($0.precedence)",
                capability: $0 == .encodeurl ? "enotify" : nil)
        }
    }

    let variable: Phrase.Piece
    let value: Phrase
    let modifiers: [Modifier]

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0), let value = arguments.string(1) else { return nil }
        modifiers = arguments.hasTags ? Modifier.allCases.filter { arguments.has($0.rawValue) } : []
        self.value = compiler.phrase(value)
        guard let variable = compiler.settable(name) else { return nil }
        self.variable = variable
    }
}
