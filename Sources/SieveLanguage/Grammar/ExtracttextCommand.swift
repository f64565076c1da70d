// SPDX-License-Identifier: MIT

/// RFC 5703 §7: `extracttext [MODIFIER] [:first <number>] <varname: string>`
struct ExtracttextCommand: SieveCommand {
    static let usage = Usage(
        name: "extracttext", capabilities: ["extracttext"],
        tags: SetCommand.Modifier.tags + [.init(name: "first", value: .number)],
        positional: [.init(name: "variable", kind: .string)])

    let variable: Phrase.Piece
    let modifiers: [SetCommand.Modifier]
    /// Characters; nil: all that a variable takes.
    let first: Int?

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0) else { return nil }
        guard compiler.capabilities.contains("variables") else {
            compiler.missingCapability(["variables"], for: "the extracttext command", at: arguments.nameRange)
            return nil
        }
        guard !compiler.partLoops.isEmpty else {
            compiler.mistakes.add(
                arguments.nameRange, "extracttext stands outside of a foreverypart loop",
                help: "put it into the block of one: it takes the text of the part at hand")
            return nil
        }
        guard let variable = compiler.settable(name) else { return nil }
        self.variable = variable
        modifiers = SetCommand.Modifier.allCases.filter { arguments.has($0.rawValue) }
            .sorted { $0.precedence > $1.precedence }
        first = arguments.number(ofTag: "first")
    }
}
