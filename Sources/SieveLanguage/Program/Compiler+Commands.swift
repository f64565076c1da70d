// SPDX-License-Identifier: MIT

/// Commands, and the control commands of RFC 5228 §3.
extension Compiler {
    mutating func compileScript(_ commands: [SyntaxNode]) {
        let requires = commands.prefix { $0.name == "require" }
        for node in requires { compileRequire(node) }
        compileBlock(commands.dropFirst(requires.count))
    }

    mutating func compileBlock(_ commands: ArraySlice<SyntaxNode>) {
        var rest = commands
        while let node = rest.popFirst() {
            switch Vocabulary.control(node.name) {
            case .if:
                let branches = rest.prefix { $0.name == "elsif" || $0.name == "else" }
                rest = rest.dropFirst(branches.count)
                compileIf(commands[(branches.startIndex - 1)..<branches.endIndex])
            case .elsif, .else:
                mistakes.add(
                    node.nameRange, "\(node.name) stands here without an if before it",
                    help: "an \(node.name) follows the block of an if or elsif")
                checkBranch(node)
                // What follows it belongs to it, and is wrong for the same reason.
                let branches = rest.prefix {
                    node.name == "elsif" && ($0.name == "elsif" || $0.name == "else")
                }
                rest = rest.dropFirst(branches.count)
                for branch in branches { checkBranch(branch) }
            case .require:
                mistakes.add(
                    node.nameRange, "require stands behind another command",
                    help: "move it to the top of the script")
                compileRequire(node, isMisplaced: true)
            case .foreverypart: compileForeverypart(node)
            case .break: compileBreak(node)
            case .return: compileReturn(node)
            case .global: compileGlobal(node)
            case .include: compileInclude(node)
            case .stop:
                checkControl(node)
                emit(.stop, from: node.nameRange)
            case nil:
                if isSuite, node.name == "test" { compileCase(node) } else { compileCommand(node) }
            }
        }
    }

    // MARK: Actions

    private mutating func compileCommand(_ node: SyntaxNode) {
        guard let type = Vocabulary.command(node.name) else {
            if Vocabulary.isTest(node.name) {
                mistakes.add(
                    node.nameRange, "\(node.name) is a test, not a command",
                    help: "write if \(node.name) ... { ... }")
            } else if !(node.isAnnounced && isSuite), !isTooLong(node.name), isFirstMiss(node.name) {
                mistakes.add(
                    node.nameRange, "unknown command \(MistakeList.quoted(node.name))",
                    help: "commands are \(Vocabulary.commandNames)")
            }
            compileStrayBlock(node, complaining: false)
            return
        }
        let usage = type.usage
        let isKnown = mayUse(usage, kind: "command", at: node.nameRange)
        if isSuite, !isKnown { return compileStrayBlock(node, complaining: false) }
        let arguments = Arguments(node, usage: usage, kind: "command", &self)
        compileStrayBlock(node, complaining: complains(arguments))
        guard let arguments, isKnown, let command = type.make(arguments, &self)
        else { return }
        emit(.command(command), from: node.nameRange)
    }

    /// Whether what comes behind a command's arguments is complained of: the test language stops at the first
    /// mistake of a command.
    private func complains(_ arguments: Arguments?) -> Bool { arguments != nil || !isSuite }

    /// The mistakes inside a block that no command should have had.
    private mutating func compileStrayBlock(_ node: SyntaxNode, complaining: Bool) {
        guard let block = node.block else { return }
        if complaining {
            mistakes.add(
                node.nameRange, "the \(node.name) command takes no block", help: "end it with a semicolon")
        }
        compileBlock(block[...])
    }

    // MARK: require (RFC 5228 §3.2)

    private static let requireUsage = Usage(
        name: "require", positional: [.init(name: "capabilities", kind: .stringList)])

    private mutating func compileRequire(_ node: SyntaxNode, isMisplaced: Bool = false) {
        var unsupported: [(range: Range<Int>, name: String)] = []
        // Even from a broken command: what it names must not be missed again further down.
        let texts = node.arguments.flatMap { argument -> [SyntaxNode.Text] in
            switch argument.value {
            case .string(let text): [text]
            case .list(let texts): texts
            case .number, .tag: []
            }
        }
        for text in texts {
            let name = String(decoding: text.octets, as: UTF8.self)
            if (Vocabulary.capabilities.contains(name) && !withheld.contains(name))
                || (isSuite && name == SuiteVocabulary.capability)
            {
                require(name)
                if name == "extracttext" { extracttextRange = text.range }
            } else {
                unsupported.append((text.range, name))
            }
        }
        // After the loop, since "encoded-character" doesn't change what `require` itself says (§6).
        let arguments = Arguments(node, usage: Self.requireUsage, kind: "command", &self)
        compileStrayBlock(node, complaining: complains(arguments))
        guard complains(arguments), !isMisplaced || !isSuite else { return }
        for (range, name) in unsupported {
            if let refused = RefusedCapability.named(name) {
                mistakes.add(
                    range, "the capability \(MistakeList.quoted(name)) is not supported: \(refused.why)",
                    help: refused.help)
                continue
            }
            let folded = Vocabulary.capabilities.first { $0 == name.lowercased() }
            mistakes.add(
                range, "the capability \(MistakeList.quoted(name)) is not supported",
                help: folded.map { "capabilities compare with case: write \"\($0)\"" }
                    ?? "supported are \(Vocabulary.capabilityNames)")
        }
    }

    // MARK: stop, and the shape of if, elsif, else (RFC 5228 §3.1, §3.3)

    private static let stopUsage = Usage(name: "stop")

    private mutating func checkControl(_ node: SyntaxNode) {
        let arguments = Arguments(node, usage: Self.stopUsage, kind: "command", &self)
        compileStrayBlock(node, complaining: complains(arguments))
    }

    /// `branches` are an `if` and the `elsif` and `else` behind it.
    private mutating func compileIf(_ branches: ArraySlice<SyntaxNode>) {
        var leaving: [Int] = []
        var sawElse = false
        let outerLine = conditionLine
        for node in branches {
            if sawElse {
                mistakes.add(
                    node.nameRange, "\(node.name) stands behind an else",
                    help: "move it before the else, or remove it")
            }
            var skipping: Int?
            var isDead = false
            checkShape(node)
            if node.name == "else" {
                sawElse = true
            } else {
                conditionLine = line(of: node.nameRange)
                if let test = node.tests.first {
                    isDead = compileTest(test) == false
                    skipping = emit(.jumpIfFalse(to: 0), from: test.nameRange)
                }
            }
            if isDead { mistakes.mute() }
            compileBlock((node.block ?? [])[...])
            if isDead { mistakes.unmute() }
            if node.nameRange != branches.last?.nameRange {
                leaving.append(emit(.jump(to: 0), from: node.nameRange))
            }
            if let skipping { land(skipping) }
        }
        conditionLine = outerLine
        for jump in leaving { land(jump) }
    }

    /// Mistakes inside a branch that belongs to no `if`.
    private mutating func checkBranch(_ node: SyntaxNode) {
        checkShape(node)
        if node.name == "elsif", let test = node.tests.first { compileTest(test) }
        compileBlock((node.block ?? [])[...])
    }

    private mutating func checkShape(_ node: SyntaxNode) {
        if let argument = node.arguments.first {
            mistakes.add(
                argument.range, "\(node.name) takes no \(argument.value.words) before its test",
                help: node.name == "else" ? "write else { ... }" : "write \(node.name) header ... { ... }")
        }
        guard !node.isBroken else { return }
        if node.name == "else" {
            if let test = node.tests.first {
                mistakes.add(test.nameRange, "else takes no test", help: "write elsif, or remove the test")
            }
        } else if node.hasTestList {
            mistakes.add(
                node.nameRange, "\(node.name) takes one test, but a list in parentheses stands here",
                help: "join tests with allof (...) or anyof (...)")
        } else if node.tests.isEmpty, node.arguments.isEmpty {
            mistakes.add(
                node.nameRange, "\(node.name) has no test", help: "write \(node.name) header ... { ... }")
        }
        if node.block == nil {
            mistakes.add(
                node.nameRange, "\(node.name) has no block, but a semicolon",
                help: "write what it runs in braces: { ... }")
        }
    }
}
