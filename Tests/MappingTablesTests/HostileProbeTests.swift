// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("What strangers write in a probe")
struct HostileProbeTests {
    @Test(
        "nothing in a probe has a meaning",
        arguments: [
            "$Y", "$$N", "$", "a|b|c", "$|T;x|", "$[dns_verify,dns_verify,x]", "%*", "\\", "\r\n", "\0",
            "é\u{301}$R",
        ])
    func inert(_ probe: String) {
        let source = "T\n\n  !*  $C$0\n  *  <$0>$|I;$0|$X\n\nI\n\n  *  [$0]$Y\n"
        for given in [probe, "!" + probe] {
            let (outcome, _, questions) = run(tables(source), "T", given)
            #expect(outcome.output == "<\(probe)>[\(probe)]")
            #expect(outcome.flags == ["X"])
            #expect(questions == [])
        }
    }

    @Test("any octets of 64 KB are gone through, and captured whole")
    func large() {
        let scalars = (0..<20_000).map { Unicode.Scalar(UInt32($0 % 0x7FF + 1)) ?? " " }
        let probe = String(String.UnicodeScalarView(scalars)) + String(repeating: "x|", count: 16_000)
        #expect(probe.utf8.count > 65_536)
        let outcome = outcome("nothing*  $N", "*|*|%||  $N", "$_*%|*  $Y$0", probe: probe)
        #expect(outcome.flags == ["Y"])
        #expect(outcome.overrun == nil)
        #expect(outcome.captures.count == 3)
        #expect(outcome.captures[0] + outcome.captures[1] + "|" + outcome.captures[2] == probe)
    }

    @Test("a probe longer than the limit is not judged, and the outcome says so")
    func tooLong() {
        let outcome = outcome("*  $Y", probe: String(repeating: "x", count: 131_073))
        #expect(!outcome.matched)
        #expect(outcome.overrun == "the probe has 131073 octets, more than 131072")
    }

    @Test(
        "patterns that make a naive matcher explode stay within the budget",
        arguments: [
            "*a*a*a*a*a*a*a*a*a*a*b", "$_*a*a*a*a*a*a*a*a*a*a*b", "$A*$A*$A*$A*$A*$A*$A*$A*$A*$A*b",
            "$_$A*$A*$A*$A*$A*$A*$A*$A*$A*$A*b", "****************b", "$A*%$A*%$A*%$A*%$A*%b",
            "*$A**$A**$A**$A**$A**$A**$A*b", "$[ab]*$[ac]*$[ad]*$[ae]*$[af]*$[ag]*!",
        ])
    func blowUp(_ pattern: String) {
        var matcher = Matcher()
        let compiled = PatternCompiler.compile(Array((pattern + "!").utf8)).pattern
        let octets = 4_096
        let target = Target(Array(repeating: UInt8(ascii: "a"), count: octets) + Array("c!".utf8))
        var steps = Int.max
        #expect(matcher.match(compiled, target, steps: &steps) == .no)
        #expect(Int.max - steps < 4 * octets * compiled.elements.count, "linear in the target")
        var ordinary = EvaluationLimits().entryStepsMax
        let long = Target(Array(repeating: UInt8(ascii: "a"), count: 65_536) + Array("c!".utf8))
        #expect(matcher.match(compiled, long, steps: &ordinary) == .no)
    }

    @Test(
        "the budget ends back-matches: the entry does not match, and the outcome says so"
    )
    func backMatchBudget() {
        var limits = EvaluationLimits()
        limits.entryStepsMax = 20_000
        let outcome = outcome(
            "*a*a*a*$0*$1*$2*b*  $N", "*  $Y", probe: String(repeating: "a", count: 2_000), limits: limits)
        #expect(outcome.flags == ["Y"])
        #expect(
            outcome.overrun
                == "comparing the entry at mappings:3 took more than 20000 steps; it counts as not matching")
        #expect(
            outcome.trace.contains {
                $0.event == .tooCostly(entry: 1, place: RulePlace(file: "mappings", line: 3))
            })
        limits.stepsMax = 20_000
        let ended = MappingTablesTests.outcome(
            "*a*a*a*$0*$1*$2*b*  $N", "*  $Y", probe: String(repeating: "a", count: 2_000), limits: limits)
        #expect(!ended.matched, "with the whole budget spent, no later entry is believed")
        #expect(ended.overrun != nil)
    }

    @Test("output that grows with each entry ends at a limit")
    func growth() {
        let doubling = Array(repeating: "  *  $C$0$0\n", count: 40).joined()
        let outcome = run(tables("T\n\n" + doubling), "T", "x").outcome
        #expect(outcome.overrun == "the output has more than 131072 octets")
        #expect(outcome.output.utf8.count == 131_072)
        var limits = EvaluationLimits()
        limits.writtenOctetsMax = 1_000
        let halted = run(tables("T\n\n" + doubling), "T", "x", limits: limits).outcome
        #expect(!halted.matched)
        #expect(halted.overrun == "templates wrote more than 1000 octets")
    }

    @Test("entries tried are bounded over all passes")
    func entries() {
        var limits = EvaluationLimits()
        limits.entriesTriedMax = 100
        let source = "T\n\n" + String(repeating: "  no  $N\n", count: 60) + "  *  $R$0\n"
        let outcome = run(tables(source), "T", "x", limits: limits).outcome
        #expect(!outcome.matched)
        #expect(outcome.overrun?.contains("100 entries") == true)
    }

    @Test("the trace is bounded in lines and in the length of each")
    func trace() {
        var limits = EvaluationLimits()
        limits.tracesMax = 10
        let outcome = outcome(
            "a*  $R$0", "*  $Y", probe: String(repeating: "a", count: 3_000), limits: limits)
        #expect(outcome.trace.count == 11)
        #expect(outcome.trace.last?.event == .cutShort)
        #expect(outcome.traceLines().allSatisfy { $0.utf8.count < 2_200 || $0.hasPrefix("Output string") })
    }
}
