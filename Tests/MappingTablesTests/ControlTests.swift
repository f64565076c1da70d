// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Order of mapping entries")
struct ControlTests {
    @Test("the first entry that matches decides, and $E is implied")
    func first() {
        let result = outcome("b  no", "*  one", "*  two", probe: "a")
        #expect(result.output == "one")
        #expect(result.place?.line == 4)
    }

    @Test("where nothing matches, the probe comes back and nothing is said about it")
    func none() {
        let result = outcome("b  no", probe: "a")
        #expect(!result.matched)
        #expect(result.output == "a")
        #expect(result.flags == [])
        #expect(result.place == nil)
        #expect(result.captures == [])
    }

    @Test("$C hands its output to the next entries; flags add up")
    func next() {
        let result = outcome("a*  $Cb$0$Y", "a*  never", "b*  $0$X", probe: "a1")
        #expect(result.output == "1")
        #expect(result.flags == ["X", "Y"])
        #expect(result.place?.line == 5)
    }

    @Test("$C on the last entry that matches makes its output the result")
    func nextAtTheEnd() {
        let result = outcome("a  $Cb", "c  d", probe: "a")
        #expect(result.matched)
        #expect(result.output == "b")
        #expect(result.place?.line == 3)
    }

    @Test("$E ends, wherever it stands in the template; the last control counts")
    func end() {
        #expect(outcome("a  $Eb", "*  $0c", probe: "a").output == "b")
        #expect(outcome("a  $C$Eb", "*  $0c", probe: "a").output == "b")
        #expect(outcome("a  $E$Cb", "*  $0c", probe: "a").output == "bc")
    }

    @Test("$R begins again with the first entry")
    func restart() {
        let result = outcome("b*  $0!", "a*  $Rb$0", probe: "ax")
        #expect(result.output == "x!")
        #expect(result.place?.line == 3)
    }

    @Test("$L makes one more pass after the last entry")
    func again() {
        let result = outcome("b*  c$0", "a*  $Lb$0", "z  z", probe: "ax")
        #expect(result.output == "cx")
    }

    @Test("a $C, $E or $R after $L takes the extra pass back")
    func againTakenBack() {
        #expect(outcome("c*  d$0", "a*  $Lb$0", "b*  $Cc$0", probe: "ax").output == "cx")
        #expect(outcome("c*  d$0", "a*  $Lb$0", "b*  $Ec$0", probe: "ax").output == "cx")
    }

    @Test("ten restarts with a string no shorter are allowed, the eleventh is ignored")
    func loopGuard() {
        #expect(outcome("*  $R$0x", probe: "").output == String(repeating: "x", count: 11))
        #expect(outcome("*  $L$0x", probe: "").output == String(repeating: "x", count: 11))
        let result = outcome("*  $R$0", probe: "same")
        #expect(result.output == "same")
        #expect(result.trace.filter { $0.event == .restarted }.count == 10)
        #expect(result.trace.contains { $0.event == .restartIgnored })
        #expect(result.overrun == nil)
    }

    @Test("a shorter string sets the guard back")
    func shrinking() {
        let probe = String(repeating: "a", count: 50)
        let result = outcome("a*  $R$0", "*  done$0", probe: probe)
        #expect(result.output == "done")
        #expect(result.trace.filter { $0.event == .restarted }.count == 50)
        // Shortened after every ninth restart, it goes on until passes run out; the twelfth is too late.
        let nine = outcome("xxxxxxxxx  $R", "*  $R$0x", probe: "")
        #expect(nine.overrun == "the evaluation restarted more than 1000 times")
        let twelve = outcome("xxxxxxxxxxxx  $R", "*  $R$0x", probe: "")
        #expect(twelve.output == "xxxxxxxxxxx")
        #expect(twelve.overrun == nil)
    }

    @Test("restarts are bounded even where the string shrinks each time")
    func passes() {
        var limits = EvaluationLimits()
        limits.passesMax = 20
        let result = outcome("a*  $R$0", "*  $Y", probe: String(repeating: "a", count: 50), limits: limits)
        #expect(!result.matched)
        #expect(result.overrun == "the evaluation restarted more than 20 times")
    }

    @Test("an entry that fails with no $C to its left ends the scan, with no result")
    func failEnds() {
        let result = outcome("*  $N$:Atext", "*  $Y", probe: "p")
        #expect(!result.matched)
        #expect(result.output == "p")
        #expect(result.flags == [], "flags of a failing entry don't count")
        #expect(!outcome("*  $N$:Atext$C", "*  $Y", probe: "p").matched, "$C stands to the right")
        #expect(!outcome("*  $C$E$:Atext", "*  $Y", probe: "p").matched, "the last one to the left counts")
        #expect(!outcome("*  $R$:Atext", "*  $Y", probe: "p").matched)
    }

    @Test("an entry that fails with $C to its left lets the next entry have the string as it was")
    func failGoesOn() {
        let result = outcome("*  $C$Ntext$:A$E", "*  [$0]$Y", probe: "p")
        #expect(result.output == "[p]")
        #expect(result.flags == ["Y"])
        #expect(result.place?.line == 4)
        #expect(outcome("*  $C$Ntext$:A$E", "*  [$0]$Y", probe: "p", flags: ["A"]).output == "text")
    }

    @Test("an entry that fails with $L to its left goes on and owes a pass")
    func failWithL() {
        #expect(outcome("b  second$Y", "*  $L$:Ano", "a  $Lb", probe: "a").output == "second")
    }

    @Test("what an earlier entry gave stays when a later one fails")
    func failKeepsEarlier() {
        let result = outcome("a  $Cb$Y", "b  $N$:A", "*  never", probe: "a")
        #expect(result.matched)
        #expect(result.output == "b")
        #expect(result.flags == ["Y"])
        #expect(result.place?.line == 3)
    }
}
