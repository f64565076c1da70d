// SPDX-License-Identifier: MIT

/// A command or a test as the generic grammar of RFC 5228 §8.2 sees it: a name and what follows it. Whether
/// that suits the name is the compiler's question. The parser fills it in; nobody changes it afterwards,
/// until the parser has it back. So accesses never overlap, and asking each time whether they do, as is done
/// for variables of classes, would cost a twelfth of compiling.
final class SyntaxNode {
    /// In lower case.
    @exclusivity(unchecked) private(set) var name: String
    @exclusivity(unchecked) private(set) var nameRange: Range<Int>
    @exclusivity(unchecked) var arguments: [Argument] = []
    /// One test, or those of a test list.
    @exclusivity(unchecked) var tests: [SyntaxNode] = []
    /// Whether `tests` stand in parentheses, even if there is only one.
    @exclusivity(unchecked) var hasTestList = false
    /// What stands in its block.
    @exclusivity(unchecked) var commands: [SyntaxNode] = []
    @exclusivity(unchecked) var hasBlock = false
    /// The parser complained about something between the name and the semicolon or block: what is missing
    /// here may be in the part that it couldn't read.
    @exclusivity(unchecked) var isBroken = false
    /// The complaint of a semicolon missing before it names it already.
    @exclusivity(unchecked) var isAnnounced = false

    init(name: String, nameRange: Range<Int>) {
        self.name = name
        self.nameRange = nameRange
    }

    /// Nil where the command ends with a semicolon.
    var block: [SyntaxNode]? { hasBlock ? commands : nil }

    /// As new, but for the memory of its lists.
    func begin(name: String, nameRange: Range<Int>) {
        self.name = name
        self.nameRange = nameRange
        hasTestList = false
        hasBlock = false
        isBroken = false
        isAnnounced = false
    }

    /// Lets go of all that it holds, but for the memory of its lists.
    func clear() {
        // Half of them are empty, and emptying those isn't free.
        if !arguments.isEmpty { arguments.removeAll(keepingCapacity: true) }
        if !tests.isEmpty { tests.removeAll(keepingCapacity: true) }
        if !commands.isEmpty { commands.removeAll(keepingCapacity: true) }
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
        /// Seldom the whole of what it is a piece of.
        var octets: ArraySlice<UInt8>
        var range: Range<Int>
    }

    /// The strings of one argument: most are single, and need no list.
    enum Texts: RandomAccessCollection, Sendable {
        case one(Text)
        case several([Text])

        var startIndex: Int { 0 }

        var endIndex: Int {
            switch self {
            case .one: 1
            case .several(let texts): texts.count
            }
        }

        subscript(index: Int) -> Text {
            switch self {
            case .one(let text): text
            case .several(let texts): texts[index]
            }
        }
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
