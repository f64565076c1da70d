// SPDX-License-Identifier: MIT

/// RFC 5260 §5: `currentdate [:zone <time-zone: string>] [COMPARATOR] [MATCH-TYPE] <date-part: string>
/// <key-list: string-list>`. The time is that of judging, the same for every test of an evaluation.
struct CurrentDateTest: SieveTest {
    static let usage = Usage(
        name: "currentdate", capabilities: ["date"], tags: KeyMatcher.tags + DateTest.Zone.tags,
        positional: [.init(name: "date part", kind: .string), .init(name: "key list", kind: .stringList)])

    let zone: DateTest.Zone
    let part: DatePart
    let keys: KeyMatcher

    init?(_ arguments: Arguments, _ compiler: inout Compiler) {
        guard let part = arguments.string(0), let zone = DateTest.Zone(arguments, &compiler),
            let part = DatePart(part, &compiler),
            let keys = KeyMatcher(keys: arguments.strings(1), arguments, &compiler)
        else { return nil }
        self.zone = zone
        self.part = part
        self.keys = keys
    }
}
