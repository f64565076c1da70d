// SPDX-License-Identifier: MIT

/// RFC 5183 §4: `environment [COMPARATOR] [MATCH-TYPE] <name: string> <key-list: string-list>`
struct EnvironmentTest: SieveTest {
    static let usage = Usage(
        name: "environment", capabilities: ["environment"], tags: KeyMatcher.tags,
        positional: [.init(name: "name", kind: .string), .init(name: "key list", kind: .stringList)])

    let name: Phrase
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let name = arguments.string(0) else { return nil }
        self.name = compiler.phrase(name)
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler) else { return nil }
        self.keys = keys
    }
}
