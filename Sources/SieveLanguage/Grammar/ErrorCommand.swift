// SPDX-License-Identifier: MIT

/// RFC 5463 §5: `error <message: string>`. The script ends with a run-time error of its own words.
struct ErrorCommand: SieveCommand {
    static let usage = Usage(
        name: "error", capabilities: ["ihave"], positional: [.init(name: "message", kind: .string)])

    let message: Phrase

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0), let message = compiler.text(text, naming: "message") else {
            return nil
        }
        self.message = message
    }
}
