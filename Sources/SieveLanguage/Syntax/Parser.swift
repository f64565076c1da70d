// SPDX-License-Identifier: MIT

/// Reads tokens into commands (RFC 5228 §8.2).
///
///     command   = identifier arguments (";" / block)
///     arguments = *(string-list / number / tag) [test / test-list]
///     test      = identifier arguments
///     block     = "{" *command "}"
///
/// A mistake never stops it: it goes on behind the next `;` or inside the next block, so that whoever mends
/// one mistake doesn't learn of the next only then. Each round of each loop takes a token or leaves the
/// loop.
struct Parser {
    private var lexer: Lexer
    private var token: Token
    /// Where the token before `token` ended: a missing semicolon is missing there.
    private var lastEnd = 0
    private var reportedOpenBlock = false
    /// Of a name that the complaint of a missing semicolon gave away already.
    private var announced: Range<Int>?
    private let limits: SieveLimits
    /// Nodes, to be used again and again, and how many of them are in use.
    private var nodes: [SyntaxNode] = []
    private var taken = 0

    var mistakes: MistakeList { lexer.mistakes }

    init(_ source: [UInt8], limits: SieveLimits) {
        self.limits = limits
        lexer = Lexer(source, limits: limits)
        token = lexer.next()
    }

    /// The whole script, or what is left of it.
    mutating func parse() -> [SyntaxNode] {
        var all: [SyntaxNode] = []
        commands(level: 0, opening: nil, into: &all)
        return all
    }

    /// The next command outside of blocks; nil at the end of the script.
    mutating func next() -> SyntaxNode? {
        while true {
            switch token.kind {
            case .identifier(let name): return command(name, level: 0)
            case .end: return nil
            default: skipStray(level: 0)
            }
        }
    }

    /// Whether what comes next belongs to no `if` before it.
    var beginsAnew: Bool {
        switch token.kind {
        case .identifier(let name): name != "elsif" && name != "else"
        case .end: true
        default: false
        }
    }

    /// Takes back every node that `next` gave; nobody else may hold one any more.
    mutating func takeBack() {
        for index in 0..<taken { nodes[index].clear() }
        taken = 0
    }

    private mutating func advance() {
        lastEnd = token.range.upperBound
        token = lexer.next()
    }

    private mutating func complain(
        _ range: Range<Int>, _ message: String, help: String, _ kind: MistakeList.Kind = .other
    ) {
        lexer.mistakes.add(range, message, help: help, kind: kind)
    }

    // MARK: Commands

    /// Reads up to the `}` that belongs to `opening`, or to the end.
    private mutating func commands(level: Int, opening: Range<Int>?, into commands: inout [SyntaxNode]) {
        while true {
            switch token.kind {
            case .identifier(let name):
                commands.append(command(name, level: level))
            case .rightBrace where opening != nil:
                advance()
                return
            case .end:
                if let opening, !reportedOpenBlock {
                    // The blocks around it are open for the same reason.
                    reportedOpenBlock = true
                    complain(opening, "this block is never closed", help: "end it with \"}\"")
                }
                return
            default:
                skipStray(level: level)
            }
        }
    }

    /// Complains of what begins no command, and goes behind it.
    private mutating func skipStray(level: Int) {
        switch token.kind {
        case .rightBrace:
            let range = token.range
            advance()
            complain(range, "this \"}\" closes nothing", help: "remove it, or open the block with \"{\"")
        case .semicolon:
            complain(token.range, "this semicolon ends no command", help: "remove it")
            advance()
        case .leftBrace:
            complain(
                token.range, "a block stands here without a command",
                help: "blocks belong to if, elsif and else")
            var nothing: [SyntaxNode] = []
            block(level: level, into: &nothing)
        default:
            complain(
                token.range, "a command begins with its name, but \(token.kind.words) was found",
                help: "write a command such as keep; or if header ...")
            skipToCommandEnd()
            if token.kind == .semicolon { advance() }
        }
    }

    private mutating func command(_ name: String, level: Int) -> SyntaxNode {
        let isAnnounced = announced == token.range
        let node = self.node(name, testLevel: 0)
        node.isAnnounced = isAnnounced
        if node.isBroken { skipToCommandEnd() }
        while true {
            switch token.kind {
            case .semicolon:
                advance()
                return node
            case .leftBrace:
                node.hasBlock = true
                // Its list moves, so that it is nobody else's while it grows.
                var commands: [SyntaxNode] = []
                swap(&commands, &node.commands)
                block(level: level, into: &commands)
                node.commands = commands
                return node
            case .rightBrace, .end:
                if !node.isBroken { missingEnd(node) }
                return node
            case .identifier where !node.isBroken:
                missingEnd(node)
                return node
            default:
                complain(
                    token.range, "\(token.kind.words) is out of place in the \(name) command",
                    help: "a command is its name, its arguments, its test, and then a semicolon or a block")
                node.isBroken = true
                skipToCommandEnd()
            }
        }
    }

    private mutating func missingEnd(_ node: SyntaxNode) {
        node.isBroken = true
        let range = max(0, lastEnd - 1)..<max(1, lastEnd)
        var kind = MistakeList.Kind.other
        if case .identifier(let next) = token.kind {
            kind = .mended
            if !Vocabulary.isCommand(next), !Vocabulary.isTest(next) { announced = token.range }
        }
        if node.name == "else", token.kind == .identifier("if") {
            complain(token.range, "\"else if\" is not Sieve", help: "write elsif", kind)
        } else if Vocabulary.takesBlock(node.name) {
            complain(
                range, "the \(node.name) command has no block, but \(token.kind.words) follows",
                help: "write what it runs in braces: \(node.name) ... { ... }", kind)
        } else {
            complain(
                range, "a semicolon is missing after the \(node.name) command, before \(token.kind.words)",
                help: "end the command with \";\"", kind)
        }
    }

    /// The `{` is the current token.
    private mutating func block(level: Int, into commands: inout [SyntaxNode]) {
        let opening = token.range
        guard level < limits.blockLevelsMax else {
            complain(
                opening, "blocks are nested more than \(limits.blockLevelsMax) levels deep",
                help: "combine the tests with allof, or use elsif")
            skipBlock()
            return
        }
        advance()
        self.commands(level: level + 1, opening: opening, into: &commands)
    }

    private mutating func skipBlock() {
        var open = 0
        repeat {
            switch token.kind {
            case .leftBrace: open += 1
            case .rightBrace: open -= 1
            case .end: return
            default: break
            }
            advance()
        } while open > 0
    }

    /// Stops before the `;`, `{` or `}` that ends the command.
    private mutating func skipToCommandEnd() {
        while true {
            switch token.kind {
            case .semicolon, .leftBrace, .rightBrace, .end: return
            default: advance()
            }
        }
    }

    // MARK: A name and what follows it

    private mutating func node(_ name: String, testLevel: Int) -> SyntaxNode {
        let node = begin(name)
        advance()
        var arguments: [SyntaxNode.Argument] = []
        swap(&arguments, &node.arguments)
        while let argument = argument(of: node) {
            // Most have two or three.
            if arguments.isEmpty { arguments.reserveCapacity(4) }
            if arguments.count < limits.argumentsMax {
                arguments.append(argument)
            } else if !node.isBroken {
                node.isBroken = true
                complain(
                    argument.range, "\(name) has more than \(limits.argumentsMax) arguments",
                    help: "put strings that belong together into one list: [\"a\", \"b\"]")
            }
        }
        node.arguments = arguments
        switch token.kind {
        case .identifier(let test)
        where Vocabulary.takesTest(name) || !Vocabulary.beginsCommand(test, behind: name):
            if let test = self.test(test, level: testLevel + 1, in: node) { node.tests.append(test) }
        case .leftParenthesis:
            testList(of: node, level: testLevel + 1)
        default:
            break
        }
        return node
    }

    private mutating func begin(_ name: String) -> SyntaxNode {
        if taken == nodes.count {
            nodes.append(SyntaxNode(name: name, nameRange: token.range))
        } else {
            nodes[taken].begin(name: name, nameRange: token.range)
        }
        taken += 1
        return nodes[taken - 1]
    }

    private mutating func argument(of node: SyntaxNode) -> SyntaxNode.Argument? {
        let range = token.range
        switch token.kind {
        case .tag(let name):
            advance()
            return SyntaxNode.Argument(value: .tag(name), range: range)
        case .number(let value):
            advance()
            return SyntaxNode.Argument(value: .number(value), range: range)
        case .string(let octets):
            advance()
            return SyntaxNode.Argument(value: .string(.init(octets: octets, range: range)), range: range)
        case .leftBracket:
            let texts = stringList(of: node)
            return SyntaxNode.Argument(value: .list(texts), range: range.lowerBound..<lastEnd)
        default:
            return nil
        }
    }

    private mutating func stringList(of node: SyntaxNode) -> [SyntaxNode.Text] {
        let opening = token.range
        advance()
        var texts: [SyntaxNode.Text] = []
        // Most have two or three.
        texts.reserveCapacity(4)
        var wantsString = true
        while true {
            switch token.kind {
            case .string(let octets):
                if !wantsString {
                    complain(
                        max(0, lastEnd - 1)..<lastEnd, "a comma is missing between two strings of a list",
                        help: "write [\"a\", \"b\"]")
                    node.isBroken = true
                }
                if texts.count == limits.listStringsMax {
                    complain(
                        token.range, "the list has more than \(limits.listStringsMax) strings",
                        help: "split the test into several, joined with anyof")
                    node.isBroken = true
                }
                if texts.count <= limits.listStringsMax {
                    texts.append(.init(octets: octets, range: token.range))
                }
                wantsString = false
                advance()
            case .comma where !wantsString:
                wantsString = true
                advance()
            case .rightBracket:
                if wantsString {
                    node.isBroken = true
                    complain(
                        texts.isEmpty ? opening.lowerBound..<token.range.upperBound : token.range,
                        texts.isEmpty ? "the string list is empty" : "a string is missing before \"]\"",
                        help: "a list holds at least one string, with commas between: [\"a\", \"b\"]")
                }
                advance()
                return texts
            default:
                node.isBroken = true
                complain(
                    token.range,
                    "a string list holds strings and commas, but \(token.kind.words) was found",
                    help: "close the list with \"]\"")
                skipToListEnd()
                return texts
            }
        }
    }

    private mutating func skipToListEnd() {
        while true {
            switch token.kind {
            case .rightBracket:
                advance()
                return
            case .string, .number, .comma, .leftBracket:
                advance()
            default:
                return
            }
        }
    }

    // MARK: Tests

    /// The test's name is the current token. Nil beyond the limit of levels.
    private mutating func test(_ name: String, level: Int, in node: SyntaxNode) -> SyntaxNode? {
        guard level <= limits.testLevelsMax else {
            complain(
                token.range, "tests are nested more than \(limits.testLevelsMax) levels deep",
                help: "take the double nots out, or split the test over several commands")
            node.isBroken = true
            skipToCommandEnd()
            return nil
        }
        let test = self.node(name, testLevel: level)
        if test.isBroken { node.isBroken = true }
        return test
    }

    /// The `(` is the current token.
    private mutating func testList(of node: SyntaxNode, level: Int) {
        node.hasTestList = true
        let opening = token.range
        advance()
        while true {
            guard case .identifier(let name) = token.kind, !Vocabulary.isOnlyCommand(name) else {
                if !node.isBroken {
                    node.isBroken = true
                    complain(
                        token.range, "a test is expected, but \(token.kind.words) was found",
                        help: "write the list as (test, test, ...)")
                }
                if token.kind == .rightParenthesis { advance() }
                return
            }
            if let test = test(name, level: level, in: node) { node.tests.append(test) }
            switch token.kind {
            case .comma:
                advance()
            case .rightParenthesis:
                advance()
                return
            default:
                if !node.isBroken {
                    node.isBroken = true
                    complain(
                        opening,
                        "this list of tests is never closed: \(token.kind.words) follows its last test",
                        help: "put commas between the tests and \")\" behind the last")
                }
                return
            }
        }
    }
}
