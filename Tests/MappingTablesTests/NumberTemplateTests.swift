// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Sequence numbers and percentages in templates")
struct NumberTemplateTests {
    @Test(
        "$#file|radix|width|m# is the next number, written in that radix and width",
        arguments: [
            ("$#seq#", 255, nil, "255"), ("$#seq|16#", 255, nil, "FF"), ("$#seq|-16#", 255, nil, "FF"),
            ("$#seq|10|6#", 255, nil, "000255"), ("$#seq|36|2|1296#", 1_295, 1_296, "ZZ"),
            ("$#seq|2|4#", 255, nil, "11111111"), ("$#/var/x/IMTA_TABLE:seq#", 0, nil, "0"),
            ("$\\$#seq|16#$_", 255, nil, "ff"),
        ] as [(String, Int64, Int64?, String)])
    func formats(template: String, number: Int64, modulus: Int64?, text: String) {
        let parsed = table("*  \(template)")
        #expect(parsed.complaints == [])
        let (outcome, _, questions) = run(parsed.tables, "T", "x", answers: ["seq": .sequence(number)])
        #expect(questions == [.sequence(SequenceQuestion(name: "seq", modulus: modulus))])
        #expect(outcome.output == text)
    }

    @Test(
        "a number that can't be had makes the entry fail",
        arguments: [.unavailable("the file is gone"), .sequence(-1), .sequence(10), .dice(1)] as [Answer])
    func fails(_ answer: Answer) {
        let set = table("*  $C$#seq|10|1|10#$E", "*  else").tables
        let outcome = run(set, "T", "x", answers: ["seq": answer]).outcome
        #expect(outcome.output == "else")
        #expect(outcome.troubles.count == 1)
    }

    @Test(
        "what is wrong with a sequence is said",
        arguments: [
            ("$##", "\"\" is no name of a sequence: letters, digits, \"_\", \"-\" and \".\""),
            ("$#..#", "\"..\" is no name of a sequence: letters, digits, \"_\", \"-\" and \".\""),
            ("$#s|1#", "the radix must be 2 to 36, or -36 to -2"),
            ("$#s|37#", "the radix must be 2 to 36, or -36 to -2"),
            ("$#s|-9223372036854775808#", "the radix must be 2 to 36, or -36 to -2"),
            ("$#s||4#", "the radix must be 2 to 36, or -36 to -2"),
            ("$#s|10|65#", "the width must be 0 to 64 digits"),
            ("$#s|10|4|0#", "the modulus must be a number from 1 on"),
            ("$#s|10|4|9|9#", "the sequence has 5 arguments, and four are the most"),
            ("$#$0#", "a sequence's name can't come from a field or change its case"),
            ("$#s", "the sequence that begins here has no end"),
        ])
    func mistakes(template: String, message: String) {
        #expect(table("*  \(template)").complaints.map(\.message) == [message])
    }

    @Test("$?x? succeeds when the dice fall below x per cent, and fails otherwise")
    func chance() {
        let set = table("*  $C$?12.5?yes$E", "*  no").tables
        for (fallen, text) in [(0, "yes"), (124_999, "yes"), (125_000, "no"), (999_999, "no")] {
            let (outcome, _, questions) = run(set, "T", "x", answers: ["dice": .dice(fallen)])
            #expect(questions == [.dice])
            #expect(outcome.output == text)
        }
        #expect(run(set, "T", "x", answers: ["dice": .unavailable("no entropy")]).outcome.output == "no")
    }

    @Test("x is a real number from 0 to 100, to a ten-thousandth of a per cent")
    func percentages() {
        let ends = [
            ("$?0?", 0, false), ("$?100?", 999_999, true), ("$?.0001?", 0, true),
            ("$?99.9999?", 999_999, false),
        ]
        for (template, fallen, isMatch) in ends {
            let parsed = table("*  \(template)yes")
            #expect(parsed.complaints == [])
            let outcome = run(parsed.tables, "T", "x", answers: ["dice": .dice(fallen)]).outcome
            #expect(outcome.matched == isMatch, "\(template)")
        }
        for template in [
            "$?", "$??", "$?50", "$?-1?", "$?101?", "$?100.0001?", "$?1e1?", "$?.?", "$?$0?", "$?1.2.3?",
        ] {
            #expect(
                table("*  \(template)").complaints.first?.message == "this is no percentage from 0 to 100",
                "\(template)")
        }
        #expect(table("*  $?0.00001?x").complaints.map(\.severity) == [.warning])
    }

    @Test("questions of one evaluation are bounded in number, of whatever kind")
    func bounded() {
        let set = table("*  $C$#a#$#b#$0$R").tables
        let answers: [String: Answer] = ["a": .sequence(1), "b": .sequence(2)]
        let (outcome, _, questions) = run(set, "T", "x", answers: answers)
        #expect(questions.count <= 50)
        #expect(outcome.matched)
    }
}
