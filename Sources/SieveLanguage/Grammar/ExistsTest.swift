// SPDX-License-Identifier: MIT

/// RFC 5228 §5.5: `exists <header names: string-list>`
struct ExistsTest: SieveTest {
    static let usage = Usage(
        name: "exists", tags: MIMESelection.tags,
        positional: [.init(name: "header names", kind: .stringList)])

    let names: [FieldName]
    /// One of the names can't be a field's, so that not all of them exist.
    let isNeverTrue: Bool
    let mime: MIMESelection?

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        let names = arguments.strings(0)
        self.names = compiler.fieldNames(names)
        mime = MIMESelection.read(arguments, &compiler)
        isNeverTrue = self.names.count < names.count
    }
}
