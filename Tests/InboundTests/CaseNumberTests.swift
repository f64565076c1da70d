// SPDX-License-Identifier: MIT
import Testing

@testable import Inbound

@Suite("The ids of sessions")
struct CaseNumberTests {
    private let start: Int64 = 1_792_976_000_000

    @Test("are unique over sessions, workers and restarts")
    func unique() {
        var seen: Set<String> = []
        for startMs in [start, start + 1, start + 32, start + 60_000] {
            for slot in 0..<64 {
                var numbers = CaseNumber(startMs: startMs, slot: "\(slot)")
                for _ in 0..<100 { seen.insert(numbers.next()) }
            }
        }
        #expect(seen.count == 4 * 64 * 100)
    }

    @Test("are of digits and letters that are read out without mistakes, and a dash")
    func alphabet() {
        var numbers = CaseNumber(startMs: start, slot: "7")
        let allowed = Set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
        for _ in 0..<2_000 { #expect(numbers.next().allSatisfy(allowed.contains)) }
    }

    @Test("are short: the 1,025th of a worker has fifteen characters at most")
    func short() {
        var numbers = CaseNumber(startMs: start, slot: "12")
        var last = ""
        for _ in 0..<1_025 { last = numbers.next() }
        #expect(last.hasSuffix("12-101"))
        #expect(last.count <= 15)
    }

    @Test(
        "a clock before 2020, or beyond all years, is no reason to crash",
        arguments: [Int64.min + 1_577_836_800_000, -1, 0, .max])
    func clocks(startMs: Int64) {
        var numbers = CaseNumber(startMs: startMs, slot: "0")
        #expect(numbers.next() != numbers.next())
    }
}
