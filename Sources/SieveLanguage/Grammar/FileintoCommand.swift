// SPDX-License-Identifier: MIT

/// RFC 5228 §4.1, RFC 3894: `fileinto [:copy] <mailbox: string>`
struct FileintoCommand: SieveCommand {
    static let usage = Usage(
        name: "fileinto", capabilities: ["fileinto"], tags: [.copy],
        positional: [.init(name: "mailbox", kind: .string)])

    let folder: String
    let isCopy: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0), let folder = compiler.text(text, naming: "mailbox name") else {
            return nil
        }
        // Which names there are is not known here; but these can be no name in any configuration or log.
        guard !folder.isEmpty, folder.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F })
        else {
            compiler.mistakes.add(
                text.range, "the mailbox name \(MistakeList.quoted(folder)) is invalid",
                help: "a mailbox name is not empty and has no control characters")
            return nil
        }
        self.folder = folder
        isCopy = arguments.has("copy")
    }
}
