// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("The index of a table and a naive evaluator")
struct IndexPropertyTests {
    /// Entries that matched on the way, from 1, and the output, by the real evaluation.
    private func evaluate(_ tables: TableSet, _ probe: String) -> (matched: [Int], output: String?) {
        let outcome = run(tables, "T", probe).outcome
        #expect(outcome.overrun == nil)
        let matched = outcome.trace.compactMap { traced -> Int? in
            guard case .matched(let entry, _, _, _, _) = traced.event else { return nil }
            return entry
        }
        return (matched, outcome.matched ? outcome.output : nil)
    }

    /// Small tables, which are scanned, and larger ones, which have an index.
    private static let sizes = [3, 15, 16, 40, 120]

    @Test("agree on every entry that matches and on the output, for patterns of every form")
    func agree() throws {
        var matches: [String: Int] = [:]
        var probes = 0
        for seed in 0..<60 as Range<UInt64> {
            var random = RandomTable(lots: Lots(state: seed))
            let naive = random.table(entries: Self.sizes[Int(seed) % Self.sizes.count])
            let (tables, complaints) = TableSet.parse(
                main: "mappings", sources: ["mappings": Array(("T\n\n" + naive.source).utf8)])
            try #require(complaints.filter { $0.severity == .error } == [], "\(naive.source)")
            for _ in 0..<80 {
                let probe = random.probe(for: naive)
                let expected = naive.evaluate(probe)
                let actual = evaluate(tables, probe)
                probes += 1
                #expect(actual.matched == expected.matched, "seed \(seed), probe \(probe)\n\(naive.source)")
                #expect(actual.output == expected.output, "seed \(seed), probe \(probe)")
                for entry in expected.matched { matches[naive.entries[entry - 1].form, default: 0] += 1 }
            }
        }
        print("\(probes) probes; entries that matched, by form of the pattern:")
        for form in RandomTable.forms {
            print("  \(form): \(matches[form] ?? 0)")
            #expect(
                matches[form] ?? 0 >= 20,
                "patterns of the form \"\(form)\" matched too seldom to say anything")
        }
    }

    /// How often a table answers another entry than the naive evaluator when this index answers for it.
    private func disagreements(_ index: (Table, Target) -> Candidates?) throws -> (wrong: Int, probes: Int) {
        var wrong = 0
        var probes = 0
        for seed in 100..<120 as Range<UInt64> {
            var random = RandomTable(lots: Lots(state: seed))
            let naive = random.table(entries: 60)
            let table = try #require(tables("T\n\n" + naive.source).tables.first)
            for _ in 0..<40 {
                let probe = random.probe(for: naive)
                let target = Target(Array(probe.utf8))
                let actual = firstMatch(table, target, index(table, target))
                let expected = naive.entries.firstIndex { $0.pattern.matches(probe) }
                probes += 1
                wrong += actual == expected ? 0 : 1
            }
        }
        return (wrong, probes)
    }

    /// `planted` stands in for what the table's own index finds; nil for that.
    private func firstMatch(_ table: Table, _ target: Target, _ planted: Candidates?) -> Int? {
        var candidates = planted
        var matcher = Matcher()
        var next = 0
        while let entry = table.candidate(from: next, for: target, &candidates) {
            var steps = Int.max
            if matcher.match(table.patterns[entry], target, steps: &steps) == .yes { return entry }
            next = entry + 1
        }
        return nil
    }

    @Test("would not agree if the index answered with the last match instead of the first")
    func plantedIndex() throws {
        let own = try disagreements { _, _ in nil }
        #expect(own.wrong == 0)
        let planted = try disagreements { table, target in
            var last: Int?
            for entry in table.patterns.indices {
                var matcher = Matcher()
                var steps = Int.max
                if matcher.match(table.patterns[entry], target, steps: &steps) == .yes { last = entry }
            }
            var candidates = Candidates(postings: last.map { [UInt32($0)] } ?? [])
            candidates.add(0..<(last == nil ? 0 : 1))
            candidates.seal()
            return candidates
        }
        print("a planted index that answers with the last match: \(planted.wrong) of \(planted.probes) wrong")
        #expect(planted.wrong > planted.probes / 10)
    }

    @Test("an index leaves few entries to compare, and none of those that match")
    func narrow() throws {
        var source = "T\n\n"
        for number in 0..<2_000 {
            source += "  user\(number)@example.org  $N\n  $(10.\(number >> 8).\(number & 255).0/24)  $N\n"
            source +=
                "  *@mail\(number).example  $N\n  news*@list\(number).example  $N\n  *word\(number)*  $N\n"
            source += "  TCP|*|25|$(192.0.\(number & 255).\(number >> 8))|*  $N\n"
        }
        let table = try #require(tables(source).tables.first)
        let probes = [
            ("User77@example.ORG", 6 * 77), ("10.3.7.200", 6 * (3 * 256 + 7) + 1),
            ("x@mail1999.example", 6 * 1_999 + 2),
            ("newsletter@list12.example", 6 * 12 + 3), ("a word1999 b", 6 * 1_9 + 4),
            ("TCP|127.0.0.1|25|192.0.200.3|4711", 6 * (3 * 256 + 200) + 5),
        ]
        for (probe, first) in probes {
            let target = Target(Array(probe.utf8))
            var candidates: Candidates?
            var tried: [Int] = []
            var next = 0
            while let entry = table.candidate(from: next, for: target, &candidates) {
                tried.append(entry)
                next = entry + 1
            }
            #expect(tried.contains(first), "\(probe)")
            #expect(tried.count <= 8, "\(probe): \(tried)")
        }
    }

    @Test("tables that an index can't narrow, and probes full of what it looks for, stay within the limits")
    func hostile() {
        let stretch = String(repeating: "ab", count: 5_000)
        let lines = (0..<2_000).map { "  *abababab%*\($0 % 7 == 0 ? "" : "abababab*")x\($0)  $N\n" }.joined()
        let same = run(tables("T\n\n" + lines + "  *  $Y\n"), "T", stretch).outcome
        #expect(same.flags == ["Y"])
        #expect(same.overrun == nil)
        let addresses = String(repeating: "1.1.1.1 ::1 ", count: 1_000)
        let networks = (0..<400).map { "  *$(\($0 % 250).0.0.0/\($0 % 33))*${1::/\($0 % 129)}!\($0)  $N\n" }
            .joined()
        let halted = run(tables("T\n\n" + networks + "  *  $Y\n"), "T", addresses).outcome
        #expect(halted.flags == ["Y"] || halted.overrun != nil)
        // Every entry is worth trying: the steps end it.
        var limits = EvaluationLimits()
        limits.entryStepsMax = 100_000
        limits.stepsMax = 1_000_000
        let costly = String(repeating: "  *a*a*a*$0*$1*$2*b*  $N\n", count: 500)
        let ended = run(
            tables("T\n\n" + costly + "  *  $Y\n"), "T", String(repeating: "a", count: 3_000), limits: limits
        ).outcome
        #expect(!ended.matched)
        #expect(ended.overrun != nil)
    }
}
