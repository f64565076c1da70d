// SPDX-License-Identifier: MIT

/// RFC 6134 §2.6: `valid_ext_list <ext-list-names: string-list>`. True if every one is a list here.
struct ValidExtListTest: SieveTest {
    static let usage = Usage(
        name: "valid_ext_list", capabilities: ["extlists"],
        positional: [.init(name: "list names", kind: .stringList)])

    let names: [Phrase]

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        names = compiler.phrases(arguments.strings(0))
    }
}
