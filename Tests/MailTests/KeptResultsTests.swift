// SPDX-License-Identifier: MIT
import Mail
import Testing

@Suite("Results that are kept")
struct KeptResultsTests {
    @Test("never more than their limits allow, whatever is kept, and none of another argument")
    func bounded() {
        let kept = KeptResults<Int, Int>(entriesMax: 10, costMax: 100)
        for number in 0..<1_000 {
            kept.keep(number * 2, for: number, cost: number % 60)
            #expect(kept.count <= 10)
            if let found = kept[number] { #expect(found == number * 2) }
        }
        #expect(kept[5] == nil)
    }

    @Test("what is used again and again stays, what isn't goes")
    func used() {
        let kept = KeptResults<String, Int>(entriesMax: 8, costMax: 1_000)
        kept.keep(1, for: "often", cost: 1)
        for number in 0..<100 {
            kept.keep(number, for: "\(number)", cost: 1)
            #expect(kept["often"] == 1)
        }
        #expect(kept["0"] == nil)
    }

    @Test("what costs more than half of all isn't kept")
    func costly() {
        let kept = KeptResults<String, Int>(entriesMax: 8, costMax: 100)
        kept.keep(1, for: "a", cost: 51)
        #expect(kept["a"] == nil)
        kept.keep(1, for: "a", cost: 50)
        #expect(kept["a"] == 1)
    }
}

@Suite("A script's path")
struct ScriptQuestionTests {
    @Test("is made of names that lead nowhere else and aren't hidden")
    func names() {
        #expect(ScriptQuestion(store: "s", path: "a@b.example/x.sieve").names == ["a@b.example", "x.sieve"])
        for path in ["", "/", "a/", "/a", "a//b", ".", "..", "a/..", ".a", "a/.b", "a\0", "a\nb", "a\u{7F}"] {
            #expect(ScriptQuestion(store: "s", path: path).names == nil, "\(path)")
        }
        let long = String(repeating: "x", count: ScriptQuestion.nameOctetsMax)
        #expect(ScriptQuestion.isName(long) && !ScriptQuestion.isName(long + "x"))
        #expect(ScriptQuestion(store: "s", path: "1/2/3/4/5/6/7/8").names?.count == 8)
        #expect(ScriptQuestion(store: "s", path: "1/2/3/4/5/6/7/8/9").names == nil)
    }
}
