// SPDX-License-Identifier: MIT

/// A `foreverypart` being compiled.
struct PartLoop: Sendable {
    var name: [UInt8]?
    /// Jumps of `break` that lead behind it.
    var breaks: [Int] = []
}

/// RFC 5703 §3: foreverypart and break.
extension Compiler {
    private static let loopUsage = Usage(
        name: "foreverypart", capabilities: ["foreverypart"], tags: [.init(name: "name", value: .string)])

    private static let breakUsage = Usage(
        name: "break", capabilities: ["foreverypart"], tags: [.init(name: "name", value: .string)])

    mutating func compileForeverypart(_ node: SyntaxNode) {
        let isKnown = mayUse(Self.loopUsage, kind: "command", at: node.nameRange)
        let arguments = Arguments(node, usage: Self.loopUsage, kind: "command", &self)
        var loop = PartLoop()
        if let text = arguments?.string(ofTag: "name") { loop.name = constant(text, naming: "loop's name") }
        guard let block = node.block else {
            mistakes.add(
                node.nameRange, "foreverypart has no block, but a semicolon",
                help: "write what it runs in braces: { ... }")
            return
        }
        guard partLoops.count < limits.partLoopsMax else {
            mistakes.add(
                node.nameRange,
                "more than \(limits.partLoopsMax) foreverypart loops stand inside one another",
                help: "every part is seen by one loop already")
            return
        }
        let entry = emit(.enterParts(exit: 0), from: node.nameRange)
        partLoops.append(loop)
        let start = end
        compileBlock(block[...])
        emit(.nextPart(start: start), from: node.nameRange)
        land(entry)
        for jump in partLoops.removeLast().breaks { land(jump) }
        _ = isKnown
    }

    mutating func compileBreak(_ node: SyntaxNode) {
        guard mayUse(Self.breakUsage, kind: "command", at: node.nameRange),
            let arguments = Arguments(node, usage: Self.breakUsage, kind: "command", &self)
        else { return }
        var wanted: [UInt8]?
        if let text = arguments.string(ofTag: "name") {
            guard let name = constant(text, naming: "loop's name") else { return }
            wanted = name
        }
        guard let index = partLoops.lastIndex(where: { wanted == nil || $0.name == wanted }) else {
            mistakes.add(
                node.nameRange,
                wanted.map { "there is no loop \(MistakeList.quoted($0)) around this break" }
                    ?? "break stands outside of any loop",
                help: "put it into the block of a foreverypart")
            return
        }
        emit(.leaveParts(levels: partLoops.count - index), from: node.nameRange)
        partLoops[index].breaks.append(emit(.jump(to: 0), from: node.nameRange))
    }
}
