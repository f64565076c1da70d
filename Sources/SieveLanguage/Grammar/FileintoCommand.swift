// SPDX-License-Identifier: MIT

/// RFC 5228 §4.1, RFC 3894, RFC 5232 §5, RFC 5490 §3.2, RFC 8579 §4:
/// `fileinto [:copy] [:create] [:flags <list-of-flags>] [:specialuse <special-use-attr>] <mailbox: string>`
struct FileintoCommand: SieveCommand {
    static let usage = Usage(
        name: "fileinto", capabilities: ["fileinto"],
        tags: [
            .copy, .flags, .init(name: "create", capability: "mailbox"),
            .init(name: "specialuse", value: .string, capability: "special-use"),
        ],
        positional: [.init(name: "mailbox", kind: .string)])

    let folder: Phrase
    let specialUse: Phrase?
    /// Nil: those of the internal variable.
    let flags: [Phrase]?
    let isCopy: Bool
    let creates: Bool

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0) else { return nil }
        folder = compiler.phrase(text)
        specialUse = arguments.string(ofTag: "specialuse").map { compiler.phrase($0) }
        flags = arguments.has("flags") ? compiler.phrases(arguments.strings(ofTag: "flags")) : nil
        isCopy = arguments.has("copy")
        creates = arguments.has("create")
        guard let name = folder.constant else { return }
        guard Self.isFolder(name) else {
            compiler.mistakes.add(
                text.range, "the mailbox name \(MistakeList.quoted(name)) is invalid",
                help: "a mailbox name is UTF-8, not empty, and has no control characters")
            return nil
        }
    }

    /// Which names there are is not known here; but others can be no name in any configuration or log.
    static func isFolder(_ name: [UInt8]) -> Bool {
        !name.isEmpty && name.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
            && (name.allSatisfy { $0 < 0x80 } || String(validating: name, as: UTF8.self) != nil)
    }
}
