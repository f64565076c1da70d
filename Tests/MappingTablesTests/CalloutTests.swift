// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Mapping callouts")
struct CalloutTests {
    private static let entry = "*|*  $C$[IMTA_LIB:/x/dns_verify.so,dns_verify,$0,l.example,No$ $$Y]$E$1"

    @Test("a callout is asked for by base name, routine and expanded argument, commas included")
    func question() {
        let (outcome, _, questions) = run(
            tables("T\n\n  \(Self.entry)\n"), "T", "a b|c",
            answers: ["a b,l.example,No $Y": .callout("$Nlisted$ ")])
        #expect(
            questions == [
                .callout(Callout(image: "dns_verify", routine: "dns_verify", argument: "a b,l.example,No $Y"))
            ])
        #expect(outcome.output == "listed c")
        #expect(outcome.flags == ["N"])
    }

    @Test("the answer is template text: flags, fields, quoting and controls in it take effect")
    func rescan() {
        let template = "*|*  $[dns_verify,dns_verify,q]$0"
        let first = outcome(
            template, probe: "x|y", answers: ["q": .callout("$X4.4.3|$NPlease$ try$ again$ later-$1-")])
        #expect(first.output == "4.4.3|Please try again later-y-x")
        #expect(first.flags == ["N", "X"])
        #expect(outcome(template, "*  never", probe: "x|y", answers: ["q": .callout("$E")]).output == "x")
        #expect(outcome(template, "*  [$0]", probe: "x|y", answers: ["q": .callout("$C")]).output == "[x]")
        #expect(outcome(template, probe: "x|y", answers: ["q": .callout("a b")]).output == "a bx")
    }

    @Test("an answer may name nested tables and callouts again, in bounds")
    func again() {
        let set = tables("T\n\n *  $[dns_verify,dns_verify,q]!\n\nI\n\n *  in$0$Y\n")
        let nested = run(set, "T", "p", answers: ["q": .callout("<$|I;$0|>")])
        #expect(nested.outcome.output == "<inp>!")
        let (outcome, _, questions) = run(
            set, "T", "p", answers: ["q": .callout("$[dns_verify,dns_verify,q]")])
        #expect(questions.count == 50)
        #expect(!outcome.matched)
        #expect(outcome.overrun?.hasPrefix("more than 50 questions") == true)
    }

    @Test(
        "no answer makes the entry fail",
        arguments: [
            .callout(nil), .unavailable("the budget is spent"), .time(0), .callout("$"), .callout("${x}"),
            .callout("$[other,routine,x]"), .callout("$|NOWHERE;x|"),
            .callout(String(repeating: "x", count: 20_000)),
        ] as [Answer])
    func fails(_ answer: Answer) {
        let stopped = outcome(
            "*  $[dns_verify,dns_verify,q]$Y", "*  else", probe: "p", answers: ["q": answer])
        #expect(!stopped.matched && stopped.output == "p" && stopped.flags == [])
        let wentOn = outcome(
            "*  $C$[dns_verify,dns_verify,q]$Y$E", "*  else", probe: "p", answers: ["q": answer])
        #expect(wentOn.matched && wentOn.output == "else")
    }

    @Test("being called without the answer it waits for makes the entry fail, and never traps")
    func missingAnswer() throws {
        var evaluation = TableEvaluation(
            tables: tables("T\n\n *  $C$[dns_verify,dns_verify,q]$E\n *  else\n"), table: "T", probe: "p")
        guard case .ask = evaluation.next([]) else {
            Issue.record("nothing was asked")
            return
        }
        guard case .done(let outcome, _) = evaluation.next([]) else {
            Issue.record("it did not end")
            return
        }
        #expect(outcome.output == "else")
        guard case .done(let again, _) = evaluation.next([.time(1)]) else {
            Issue.record("it did not stay ended")
            return
        }
        #expect(again == outcome)
    }

    @Test("a copy of an evaluation that waits can be answered otherwise: it is a value")
    func value() {
        var one = TableEvaluation(
            tables: tables("T\n\n *  $[dns_verify,dns_verify,q]\n"), table: "T", probe: "p")
        _ = one.next([])
        var two = one
        guard case .done(let first, _) = one.next([.callout("1")]),
            case .done(let second, _) = two.next([.callout("2")])
        else {
            Issue.record("not done")
            return
        }
        #expect(first.output == "1" && second.output == "2")
    }

    @Test("a callout inside a nested table is asked, and its answer stays there")
    func nested() {
        let set = tables("T\n\n *  $C$|I;$0|$N$E\n *  else\n\nI\n\n *  $[dns_verify,dns_verify,$0]\n")
        let listed = run(set, "T", "p", answers: ["p": .callout("$Yyes")])
        #expect(listed.outcome.output == "yes" && listed.outcome.flags == ["N"])
        #expect(run(set, "T", "p", answers: ["p": .callout("no")]).outcome.output == "else")
    }

    @Test("the callouts that may be named are the caller's to say")
    func allowed() {
        let sources = ["m": Array("T\n\n *  $[meter.so,count,$0]\n".utf8)]
        #expect(TableSet.parse(main: "m", sources: sources).complaints.count == 1)
        let (set, complaints) = TableSet.parse(main: "m", sources: sources, callouts: ["meter,count"])
        #expect(complaints == [])
        #expect(run(set, "T", "p", answers: ["p": .callout("ok")]).outcome.output == "ok")
    }
}
