// SPDX-License-Identifier: MIT

/// Sun's private action: `hold [<reason: string>]`. The message waits for a person, who sees the reason.
struct HoldCommand: SieveCommand {
    static let usage = Usage(
        name: "hold", capabilities: ["hold", Vocabulary.gateway],
        positional: [.init(name: "reason", kind: .string, isOptional: true)])

    /// Nil where the script gives none; the place of the command stands for it then.
    let reason: Phrase?

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else {
            reason = nil
            return
        }
        guard let reason = compiler.text(text, naming: "reason") else { return nil }
        self.reason = reason
    }
}
