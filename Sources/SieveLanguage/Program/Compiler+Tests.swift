// SPDX-License-Identifier: MIT

/// Tests, and those that join others: RFC 5228 §5.2, §5.3, §5.6, §5.8, §5.10.
extension Compiler {
    /// Emits instructions that leave the test's truth in the register. What `ihave` makes of it is known
    /// already (RFC 5463 §4): then behind what is false nothing has to be understood. Nil where the message
    /// decides.
    @discardableResult
    mutating func compileTest(_ node: SyntaxNode) -> Bool? {
        let connective = Vocabulary.connective(node.name)
        switch connective {
        case .true, .false:
            checkJoin(node, tests: 0)
            emit(.constant(connective == .true), from: node.nameRange)
            return nil
        case .not:
            checkJoin(node, tests: 1)
            let known = node.tests.first.flatMap { compileTest($0) }
            emit(.negate, from: node.nameRange)
            return known.map { !$0 }
        case .allof, .anyof:
            checkJoin(node, tests: nil)
            var leaving: [Int] = []
            let decides = connective == .anyof
            var isDecided = false
            var all: [Bool?] = []
            for (index, test) in node.tests.enumerated() {
                if isDecided { mistakes.mute() }
                all.append(compileTest(test))
                if isDecided { mistakes.unmute() }
                isDecided = isDecided || all.last == decides
                guard index < node.tests.count - 1 else { break }
                // The first false, or the first true, decides: what follows isn't looked at.
                leaving.append(
                    emit(
                        connective == .allof ? .jumpIfFalse(to: 0) : .jumpIfTrue(to: 0), from: test.nameRange)
                )
            }
            for jump in leaving { land(jump) }
            return isDecided ? decides : all.allSatisfy { $0 == !decides } ? !decides : nil
        case nil:
            return compileSimpleTest(node)
        }
    }

    private mutating func compileSimpleTest(_ node: SyntaxNode) -> Bool? {
        guard let type = Vocabulary.test(node.name) else {
            if Vocabulary.isCommand(node.name) {
                mistakes.add(
                    node.nameRange, "\(node.name) is a command, not a test",
                    help: "a command stands in the block behind the test")
            } else if !isTooLong(node.name), isFirstMiss(node.name) {
                mistakes.add(
                    node.nameRange, "unknown test \(MistakeList.quoted(node.name))",
                    help: "tests are \(Vocabulary.testNames)")
            }
            return nil
        }
        let usage = type.usage
        let isKnown = mayUse(usage, kind: "test", at: node.nameRange)
        if isSuite, !isKnown { return nil }
        guard let arguments = Arguments(node, usage: usage, kind: "test", &self), isKnown,
            let test = type.make(arguments, &self)
        else { return nil }
        emit(.test(test), from: node.nameRange)
        return node.name == IhaveTest.usage.name ? (test as? IhaveTest)?.isTrue : nil
    }

    /// `tests` is how many it joins; nil means a list.
    private mutating func checkJoin(_ node: SyntaxNode, tests: Int?) {
        if let argument = node.arguments.first {
            mistakes.add(
                argument.range,
                "the \(node.name) test takes no arguments, but \(argument.value.words) was found",
                help: tests == 0 ? "remove it" : "it takes tests only")
        }
        guard !node.isBroken else { return }
        switch tests {
        case nil where !node.hasTestList:
            mistakes.add(
                node.nameRange, "the \(node.name) test takes a list of tests in parentheses",
                help: "write \(node.name) (test, test, ...)")
        case 1 where node.hasTestList || node.tests.isEmpty:
            mistakes.add(
                node.nameRange, "the \(node.name) test takes one test, without parentheses",
                help: "write \(node.name) header ..., or \(node.name) anyof (...)")
        case 0 where !node.tests.isEmpty || node.hasTestList:
            mistakes.add(
                node.nameRange, "the \(node.name) test takes no test", help: "remove what follows it")
        default:
            break
        }
    }
}
