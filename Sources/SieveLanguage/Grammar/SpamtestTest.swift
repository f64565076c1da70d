// SPDX-License-Identifier: MIT

/// RFC 5235 §3.2: `spamtest [:percent] [COMPARATOR] [MATCH-TYPE] <value: string>`
struct SpamtestTest: SieveTest {
    static let usage = Usage(
        name: "spamtest", capabilities: ["spamtest", "spamtestplus"],
        tags: KeyMatcher.tags + [.init(name: "percent", capability: "spamtestplus")],
        positional: [.init(name: "value", kind: .string)])

    let isPercent: Bool
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        isPercent = arguments.has("percent")
        guard let keys = KeyMatcher(keys: arguments.strings(0), arguments, &compiler) else { return nil }
        self.keys = keys
    }
}

/// RFC 5235 §3.3: `virustest [COMPARATOR] [MATCH-TYPE] <value: string>`
struct VirustestTest: SieveTest {
    static let usage = Usage(
        name: "virustest", capabilities: ["virustest"], tags: KeyMatcher.tags,
        positional: [.init(name: "value", kind: .string)])

    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let keys = KeyMatcher(keys: arguments.strings(0), arguments, &compiler) else { return nil }
        self.keys = keys
    }
}
