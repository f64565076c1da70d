// SPDX-License-Identifier: MIT
import Mail

@testable import Lookups

/// What a meter answers, step by step: the same wherever the meters are kept.
struct MeterScenario: Sendable, CustomStringConvertible {
    struct Step: Sendable {
        /// Seconds since the beginning; they only grow.
        var at: Double
        var key = "k"
        var operation: MeterQuestion.Operation
        var answer: MeterAnswer
    }

    var description: String
    var table: MeterTable
    var steps: [Step]

    static let all = [
        throttle, noQuota, throttleAtTheEdge, throttlesApart, greylist, greylistTooLate, greylistForgotten,
        greylistWithoutWait, simple, notNumbers, wrongOperations, addresses,
    ]

    static let throttle = MeterScenario(
        description: "a throttle is over with the use after its quota, and begins anew after its time",
        table: MeterTable(name: "t", kind: .throttle(quota: 2, milliseconds: 60_000), entriesMax: 10),
        steps: [
            Step(at: 0, operation: .query, answer: .use(count: 1, isOver: false)),
            Step(at: 0, operation: .fetch, answer: .value(nil)),
            Step(at: 0, operation: .throttle, answer: .use(count: 1, isOver: false)),
            Step(at: 10, operation: .throttle, answer: .use(count: 2, isOver: false)),
            Step(at: 10, operation: .query, answer: .use(count: 3, isOver: true)),
            Step(at: 10, operation: .fetch, answer: .value("2")),
            Step(at: 20, operation: .throttle, answer: .use(count: 3, isOver: true)),
            Step(at: 59.999, operation: .throttle, answer: .use(count: 4, isOver: true)),
            Step(at: 60, operation: .throttle, answer: .use(count: 1, isOver: false)),
            Step(at: 60, operation: .remove, answer: .removed(true)),
            Step(at: 60, operation: .remove, answer: .removed(false)),
            Step(at: 61, operation: .throttle, answer: .use(count: 1, isOver: false)),
        ])

    static let noQuota = MeterScenario(
        description: "a quota of 0 lets nothing through",
        table: MeterTable(name: "t", kind: .throttle(quota: 0, milliseconds: 1_000), entriesMax: 10),
        steps: [Step(at: 0, operation: .throttle, answer: .use(count: 1, isOver: true))])

    static let throttleAtTheEdge = MeterScenario(
        description: "across the end of one time and the beginning of the next up to twice the quota passes",
        table: MeterTable(name: "t", kind: .throttle(quota: 2, milliseconds: 10_000), entriesMax: 10),
        steps: [
            Step(at: 0, operation: .throttle, answer: .use(count: 1, isOver: false)),
            Step(at: 9, operation: .throttle, answer: .use(count: 2, isOver: false)),
            Step(at: 10, operation: .throttle, answer: .use(count: 1, isOver: false)),
            Step(at: 11, operation: .throttle, answer: .use(count: 2, isOver: false)),
            Step(at: 12, operation: .throttle, answer: .use(count: 3, isOver: true)),
        ])

    static let throttlesApart = MeterScenario(
        description: "keys are counted apart, octet for octet",
        table: MeterTable(name: "t", kind: .throttle(quota: 1, milliseconds: 10_000), entriesMax: 10),
        steps: ["a", "A", "a\r\nb", "a\0b", "", "'); flushall", "$1\r\nx", "ü", "a|b"].map {
            Step(at: 0, key: $0, operation: .throttle, answer: .use(count: 1, isOver: false))
        } + [Step(at: 1, key: "a\r\nb", operation: .throttle, answer: .use(count: 2, isOver: true))])

    private static let greylistTable = MeterTable(
        name: "g", kind: .greylist(block: 300_000, resubmit: 14_400_000, inactivity: 604_800_000),
        entriesMax: 10)

    static let greylist = MeterScenario(
        description: "a greylisted key waits its block time, passes after it, and goes on passing",
        table: greylistTable,
        steps: [
            Step(at: 0, operation: .query, answer: .greylist(.new(waitSeconds: 300))),
            Step(at: 0, operation: .greylist, answer: .greylist(.new(waitSeconds: 300))),
            Step(at: 0.001, operation: .greylist, answer: .greylist(.early(waitSeconds: 300))),
            Step(at: 299, operation: .greylist, answer: .greylist(.early(waitSeconds: 1))),
            Step(at: 299.999, operation: .query, answer: .greylist(.early(waitSeconds: 1))),
            Step(at: 300, operation: .query, answer: .greylist(.passed)),
            Step(at: 300, operation: .greylist, answer: .greylist(.passed)),
            Step(at: 20_000, operation: .greylist, answer: .greylist(.passed)),
            Step(at: 20_000 + 604_799, operation: .greylist, answer: .greylist(.passed)),
            Step(at: 20_000 + 2 * 604_799 - 1, operation: .greylist, answer: .greylist(.passed)),
            Step(
                at: 20_000 + 2 * 604_799, key: "other", operation: .greylist,
                answer: .greylist(.new(waitSeconds: 300))),
        ])

    static let greylistTooLate = MeterScenario(
        description: "who comes back after the resubmit time is new again, however often he tried before",
        table: greylistTable,
        steps: [
            Step(at: 0, operation: .greylist, answer: .greylist(.new(waitSeconds: 300))),
            Step(at: 100, operation: .greylist, answer: .greylist(.early(waitSeconds: 200))),
            Step(at: 14_400, operation: .greylist, answer: .greylist(.new(waitSeconds: 300))),
            Step(at: 14_700, operation: .greylist, answer: .greylist(.passed)),
        ])

    static let greylistForgotten = MeterScenario(
        description: "one that passed is forgotten after its inactivity time without a use",
        table: greylistTable,
        steps: [
            Step(at: 0, operation: .greylist, answer: .greylist(.new(waitSeconds: 300))),
            Step(at: 400, operation: .greylist, answer: .greylist(.passed)),
            Step(at: 400 + 604_800, operation: .greylist, answer: .greylist(.new(waitSeconds: 300))),
        ])

    static let greylistWithoutWait = MeterScenario(
        description: "a block time of 0 lets everybody pass",
        table: MeterTable(
            name: "g", kind: .greylist(block: 0, resubmit: 1_000, inactivity: 1_000), entriesMax: 10),
        steps: [
            Step(at: 0, operation: .greylist, answer: .greylist(.passed)),
            Step(at: 5, operation: .greylist, answer: .greylist(.passed)),
        ])

    private static let simpleTable = MeterTable(name: "s", kind: .simple, entriesMax: 10)

    static let simple = MeterScenario(
        description: "a simple table keeps a text or a number, which begins at 0",
        table: simpleTable,
        steps: [
            Step(at: 0, operation: .fetch, answer: .value(nil)),
            Step(at: 0, operation: .adjust(by: 5), answer: .value("5")),
            Step(at: 0, operation: .adjust(by: -7), answer: .value("-2")),
            Step(at: 90_000_000, operation: .fetch, answer: .value("-2")),
            Step(at: 90_000_000, operation: .store("a|b\r\n\0ü"), answer: .value("a|b\r\n\0ü")),
            Step(at: 90_000_000, operation: .fetch, answer: .value("a|b\r\n\0ü")),
            Step(at: 90_000_000, operation: .query, answer: .value("a|b\r\n\0ü")),
            Step(at: 90_000_000, operation: .store(""), answer: .value("")),
            Step(at: 90_000_000, operation: .remove, answer: .removed(true)),
            Step(at: 90_000_000, operation: .fetch, answer: .value(nil)),
            Step(at: 90_000_000, operation: .adjust(by: .max), answer: .value("9223372036854775807")),
            Step(at: 90_000_000, operation: .adjust(by: -1), answer: .value("9223372036854775806")),
        ])

    /// The text of a failure is its keeper's own.
    static let notNumbers = MeterScenario(
        description: "what is no number, or grows too large for one, can't be adjusted, and stays",
        table: simpleTable,
        steps: [
            Step(at: 0, operation: .store("seven"), answer: .value("seven")),
            Step(at: 0, operation: .adjust(by: 1), answer: .failed("")),
            Step(at: 0, operation: .fetch, answer: .value("seven")),
            Step(at: 0, operation: .store("9223372036854775807"), answer: .value("9223372036854775807")),
            Step(at: 0, operation: .adjust(by: 1), answer: .failed("")),
            Step(at: 0, operation: .fetch, answer: .value("9223372036854775807")),
        ])

    static let wrongOperations = MeterScenario(
        description: "an operation of another type is refused by name, and changes nothing",
        table: MeterTable(name: "t", kind: .throttle(quota: 1, milliseconds: 1_000), entriesMax: 10),
        steps: [
            Step(
                at: 0, operation: .greylist,
                answer: .failed("meter t is a throttle, which knows no greylisting")),
            Step(
                at: 0, operation: .store("x"), answer: .failed("meter t is a throttle, which knows no store")),
            Step(at: 0, operation: .fetch, answer: .value(nil)),
        ])

    static let addresses = MeterScenario(
        description: "a table of addresses takes one however it is written, and nothing else",
        table: MeterTable(
            name: "a", kind: .throttle(quota: 1, milliseconds: 1_000), keyKind: .ip, entriesMax: 10),
        steps: [
            Step(at: 0, key: "2001:DB8::0:1", operation: .throttle, answer: .use(count: 1, isOver: false)),
            Step(at: 0, key: "2001:db8::1", operation: .throttle, answer: .use(count: 2, isOver: true)),
            Step(at: 0, key: "192.0.2.1", operation: .throttle, answer: .use(count: 1, isOver: false)),
            Step(
                at: 0, key: "192.0.2.1 ", operation: .throttle,
                answer: .failed("meter a: the key is no IP address of its kind")),
        ])

    /// Where both failed, the reasons needn't be equal if none is expected.
    static func fits(_ answer: MeterAnswer?, _ expected: MeterAnswer) -> Bool {
        if case .failed("") = expected, case .failed? = answer { return true }
        return answer == expected
    }
}
