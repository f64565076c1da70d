// SPDX-License-Identifier: MIT

/// RFC 5228 §5.7: `header [COMPARATOR] [MATCH-TYPE] <header names: string-list> <key list: string-list>`
struct HeaderTest: SieveTest {
    static let usage = Usage(
        name: "header", tags: KeyMatcher.tags,
        positional: [
            .init(name: "header names", kind: .stringList), .init(name: "key list", kind: .stringList),
        ])

    let slots: [Int]
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        slots = arguments.strings(0).compactMap { compiler.fieldSlot($0) }
        guard let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler) else { return nil }
        self.keys = keys
    }
}
