// SPDX-License-Identifier: MIT

/// A command or a test as the generic grammar of RFC 5228 §8.2 sees it: a name and what follows it. Whether
/// that suits the name is the compiler's question. The parser fills it in; nobody changes it afterwards.
final class SyntaxNode {
    /// In lower case.
    let name: String
    let nameRange: Range<Int>
    var arguments: [Argument] = []
    /// One test, or those of a test list.
    var tests: [SyntaxNode] = []
    /// Whether `tests` stand in parentheses, even if there is only one.
    var hasTestList = false
    /// Nil where the command ends with a semicolon.
    var block: [SyntaxNode]?
    /// The parser complained about something between the name and the semicolon or block: what is missing
    /// here may be in the part that it couldn't read.
    var isBroken = false
    /// The complaint of a semicolon missing before it names it already.
    var isAnnounced = false

    init(name: String, nameRange: Range<Int>) {
        self.name = name
        self.nameRange = nameRange
    }

    struct Argument: Sendable {
        enum Value: Sendable {
            case string(Text)
            case list([Text])
            case number(Int)
            case tag(String)
        }

        var value: Value
        var range: Range<Int>
    }

    /// A string with the place that a message about it points to.
    struct Text: Sendable {
        var octets: [UInt8]
        var range: Range<Int>
    }
}

extension SyntaxNode.Argument.Value {
    /// As an error message names it.
    var words: String {
        switch self {
        case .string: "a string"
        case .list: "a string list"
        case .number: "a number"
        case .tag: "a tag"
        }
    }
}
