// SPDX-License-Identifier: MIT

/// RFC 5293 §5: `deleteheader [:index <fieldno: number> [:last]] [COMPARATOR] [MATCH-TYPE]
/// <field-name: string> [<value-patterns: string-list>]`
struct DeleteheaderCommand: SieveCommand {
    static let usage = Usage(
        name: "deleteheader", capabilities: ["editheader"],
        tags: KeyMatcher.tags + [.init(name: "index", value: .number), .init(name: "last")],
        positional: [
            .init(name: "field name", kind: .string),
            .init(name: "value patterns", kind: .stringList, isOptional: true),
        ])

    let name: Phrase
    let selection: FieldSelection
    /// Nil: whatever the value.
    let patterns: KeyMatcher?

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0), let selection = compiler.selection(arguments) else {
            return nil
        }
        self.name = compiler.phrase(name)
        self.selection = selection
        if arguments.has(positional: 1) {
            guard let patterns = KeyMatcher(keys: arguments.strings(1), arguments, &compiler) else {
                return nil
            }
            self.patterns = patterns
        } else {
            patterns = nil
        }
        guard let constant = self.name.constant, !Compiler.isFieldName(constant) else { return }
        compiler.mistakes.add(
            name.range, "no header field can be named \(MistakeList.quoted(constant))",
            help: "field names are printable ASCII without blanks and colons")
        return nil
    }
}
