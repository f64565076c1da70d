// SPDX-License-Identifier: MIT

/// RFC 5228 §5.7: `header [COMPARATOR] [MATCH-TYPE] <header names: string-list> <key list: string-list>`
struct HeaderTest: SieveTest {
    static let usage = Usage(
        name: "header",
        tags: KeyMatcher.tags + Usage.Tag.index + MIMESelection.tags + MIMESelection.aspectTags,
        positional: [
            .init(name: "header names", kind: .stringList), .init(name: "key list", kind: .stringList),
        ])

    let names: [FieldName]
    let selection: FieldSelection
    let mime: MIMESelection?
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        names = compiler.fieldNames(arguments.strings(0))
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler),
            let selection = compiler.selection(arguments)
        else { return nil }
        self.keys = keys
        self.selection = selection
        mime = MIMESelection.read(arguments, &compiler)
    }
}
