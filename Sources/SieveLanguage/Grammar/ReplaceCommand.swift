// SPDX-License-Identifier: MIT

/// RFC 5703 §5: `replace [:mime] [:subject string] [:from string] <replacement: string>`. The part at hand,
/// or outside of loops the whole content, gives way to a text or, with `:mime`, to an entity.
struct ReplaceCommand: SieveCommand {
    static let usage = Usage(
        name: "replace", capabilities: ["replace"],
        tags: [
            .init(name: "mime"), .init(name: "subject", value: .string), .init(name: "from", value: .string),
        ],
        positional: [.init(name: "replacement", kind: .string)])

    let replacement: Phrase
    let isMIME: Bool
    let subject: Phrase?
    let from: Phrase?

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let text = arguments.string(0), let replacement = compiler.text(text, naming: "replacement")
        else { return nil }
        self.replacement = replacement
        isMIME = arguments.has("mime")
        subject = arguments.string(ofTag: "subject").map { compiler.phrase($0) }
        from = arguments.string(ofTag: "from").map { compiler.phrase($0) }
        guard isMIME, let constant = replacement.constant, !VacationCommand.isEntity(constant) else { return }
        compiler.mistakes.add(
            text.range, "under :mime the replacement must be a MIME entity, and this is none",
            help: "begin it with Content-Type: and an empty line")
        return nil
    }
}

/// RFC 5703 §6: `enclose [:subject string] [:headers string-list] <text: string>`. The whole message becomes
/// an attachment of a new one, behind a text.
struct EncloseCommand: SieveCommand {
    static let usage = Usage(
        name: "enclose", capabilities: ["enclose"],
        tags: [.init(name: "subject", value: .string), .init(name: "headers", value: .stringList)],
        positional: [.init(name: "text", kind: .string)])

    let text: Phrase
    let subject: Phrase?
    let headers: [Phrase]

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let string = arguments.string(0), let text = compiler.text(string, naming: "text") else {
            return nil
        }
        self.text = text
        subject = arguments.string(ofTag: "subject").map { compiler.phrase($0) }
        headers = compiler.phrases(arguments.strings(ofTag: "headers"))
    }
}
