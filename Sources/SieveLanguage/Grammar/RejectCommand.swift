// SPDX-License-Identifier: MIT

/// RFC 5429 §2.2: `reject <reason: string>`
struct RejectCommand: SieveCommand {
    static let usage = Usage(
        name: "reject", capabilities: ["reject"], positional: [.init(name: "reason", kind: .string)])

    let reason: Phrase

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0), let reason = compiler.text(text, naming: "reason") else {
            return nil
        }
        self.reason = reason
    }
}
