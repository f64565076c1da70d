// SPDX-License-Identifier: MIT

/// `test "name" { ... }` of test files.
extension Compiler {
    private static let testUsage = Usage(
        name: "test", capabilities: [SuiteVocabulary.capability],
        positional: [.init(name: "name", kind: .string)])

    mutating func compileCase(_ node: SyntaxNode) {
        let isKnown = mayUse(Self.testUsage, kind: "command", at: node.nameRange)
        let arguments = Arguments(node, usage: Self.testUsage, kind: "command", &self)
        guard let block = node.block else {
            mistakes.add(
                node.nameRange, "test has no block, but a semicolon",
                help: "write what it runs in braces: { ... }")
            return
        }
        guard !isInsideCase else {
            mistakes.add(
                node.nameRange, "a test stands inside another", help: "move it behind the other's block")
            return compileBlock(block[...])
        }
        let name = arguments?.string(0).map { phrase($0) } ?? .constant([])
        let entry = emit(.beginCase(name: name, end: 0), from: node.nameRange)
        isInsideCase = true
        compileBlock(block[...])
        isInsideCase = false
        land(entry)
        if isKnown { emit(.endCase, from: node.nameRange) }
    }
}
