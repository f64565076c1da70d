// SPDX-License-Identifier: MIT

/// RFC 5429 §2.1: `ereject <reason: string>`
struct ErejectCommand: SieveCommand {
    static let usage = Usage(
        name: "ereject", capabilities: ["ereject"], positional: [.init(name: "reason", kind: .string)])

    let reason: Phrase

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0), let reason = compiler.text(text, naming: "reason") else {
            return nil
        }
        self.reason = reason
    }
}
