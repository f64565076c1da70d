// SPDX-License-Identifier: MIT

/// RFC 5229 §5:
/// `string [MATCH-TYPE] [COMPARATOR] <source: string-list> <key-list: string-list>`
struct StringTest: SieveTest {
    static let usage = Usage(
        name: "string", capabilities: ["variables"], tags: KeyMatcher.tags,
        positional: [.init(name: "source", kind: .stringList), .init(name: "key list", kind: .stringList)])

    let sources: [Phrase]
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        sources = compiler.phrases(arguments.strings(0))
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler) else { return nil }
        self.keys = keys
    }
}
