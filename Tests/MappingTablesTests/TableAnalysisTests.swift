// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("What can be told of tables without a probe")
struct TableAnalysisTests {
    private static let shape = TableShape(
        fields: ["source channel", "sender", "destination channel", "recipient", "tags"], optionalFields: 1,
        inputFlags: ["A", "T"],
        arguments: [
            .init("D", form: .number), .init("S", form: .numbers), .init("X", form: .status),
            .init("N", form: .text), .init("F", form: .text),
        ])

    /// As `line:column+length severity message`.
    private static func found(
        _ entries: String..., shape: TableShape = shape, databases: [String: DatabaseSource] = [:]
    ) -> [String] {
        let source = "T\n\n" + entries.map { "  \($0)\n" }.joined() + "\nI\n\n  *  $Y\n"
        let parsed = TableSet.parse(
            main: "mappings", sources: ["mappings": Array(source.utf8)], databases: databases)
        #expect(parsed.complaints.filter { $0.severity == .error } == [])
        return TableAnalysis.complaints(of: parsed.tables, shapes: ["T": shape]).map {
            "\($0.line):\($0.column)+\($0.length) \($0.severity): \($0.message)"
        }
    }

    // MARK: Probes

    @Test("a pattern with too few or too many fields never matches a probe of its table")
    func shape() {
        #expect(
            Self.found("tcp_local|*|tcp_local  $N", "a|b|c|d|e|f  $N", "a|%|c|*  $N", "*  $N").count == 1)
        #expect(
            Self.found("a|b|c  $N", "a|b|c|d|e|f*  $N") == [
                "3:3+5 error: this pattern wants at most 3 fields, and a probe of T has 4 to 5: it never matches",
                "4:3+12 error: this pattern wants at least 6 fields, and a probe of T has 4 to 5: it never matches",
            ])
    }

    @Test(
        "wildcards that can hold a bar make up for missing ones",
        arguments: ["*", "a|*", "a%b%c%d", "$[|x]*a", "a|b|c|d", "a|b|c|d|e", "*|$0*"])
    func shapeFits(pattern: String) {
        #expect(Self.found("\(pattern)  $N") == [])
    }

    @Test("after an entry that hands on another string, patterns may look otherwise")
    func rewritten() {
        #expect(Self.found("*|*|*|*  $C$1", "one  $N") == [])
        #expect(Self.found("one  $N", "*|*|*|*  $R$1") == [], "$R begins again with another string")
        #expect(Self.found("one  $N", "*|*|*|*  $C$:A$N$E").count == 1, "$C only for the case of failure")
    }

    @Test("a test of a flag that nobody sets is a warning at its place")
    func inputFlags() {
        #expect(
            Self.found("*  $C$:QYes$;zNo$:aOk$E") == [
                "3:8+3 warning: nobody sets input flag Q of T: this always fails",
                "3:14+3 warning: nobody sets input flag Z of T: this never fails",
            ])
    }

    // MARK: Arguments

    @Test(
        "flags with arguments want as many parts of the text",
        arguments: [
            ("$N$X$D30|5.7.1|no", true), ("$N$X$D30|5.7.1", true), ("$Yfine|text", true), ("$Nno", true),
            ("$N$D30|$0", true), ("$D-30", true), ("$S100000,20,50", true), ("$X$D$030|$1", true),
            ("$X$D30", false), ("$X$D$N", false),
        ])
    func count(template: String, isRight: Bool) {
        #expect(Self.found("*|*|*|*  \(template)").isEmpty == isRight)
    }

    @Test("which argument is missing is said, with the order they are read in")
    func missing() {
        #expect(
            Self.found("*  $X$D30$N") == [
                "3:6+8 error: there is no argument for $X: $D, $X want 2, and the text has 1"
            ])
    }

    @Test("an argument must look like one: a forgotten bar shows")
    func forms() {
        #expect(
            Self.found("*|c  $X5.7.1$NRelaying$ not$ allowed", "*|a  $D$Nno", "*|b  $Sx,y").map {
                $0.drop { $0 != "e" }
            } == [
                "error: the argument of $X is \"5.7.1Relaying not allowed\", and should be a code, such as 5.7.1",
                "error: the argument of $D is \"no\", and should be a number, such as 30",
                "error: the argument of $S is \"x,y\", and should be one to three numbers, such as 100000,20,50",
            ])
    }

    @Test("text that no flag takes is a warning, unless the reader uses it")
    func rest() {
        #expect(
            Self.found("*  $Y$D30|no") == [
                "3:6+9 warning: what follows the arguments of $D in the text is used by nobody"
            ])
        var shape = Self.shape
        shape.usesRest = true
        #expect(Self.found("*  $Y$D30|no", shape: shape) == [])
    }

    @Test("an entry that rejects with the code of a success is an error")
    func success() {
        #expect(
            Self.found("a|*  $X2.0.0|$NNo", "*|a  $N250$ Ok", "*|b  $N250", "*|c  $N2500$ is$ too$ much") == [
                "3:8+12 error: this entry rejects, and the code 2.0.0 of $X means success",
                "4:8+9 error: this entry rejects, and its text begins with 250, which means success",
                "5:8+5 error: this entry rejects, and its text begins with 250, which means success",
            ])
    }

    @Test("where a field, a look-up or an earlier entry may bring arguments along, nothing is said")
    func undecided() {
        #expect(Self.found("*  $X$D$0") == [])
        #expect(Self.found("*  $C$D30|$0", "*  $X$N5.7.1") == [])
        #expect(Self.found("*  $X$D${k}", databases: ["general": .live]) == [])
        #expect(Self.found("*  $N$X$|I;x|") == [])
    }

    // MARK: Reach

    @Test(
        "an entry below one that takes all of it is a warning",
        arguments: [
            ("*", "a|b|c|d", true), ("a|*", "A|b*", true), ("*@x.example", "*|*@x.example", true),
            ("*|*", "*|*|*", true), ("a%c", "abc", true), ("a%c", "abbc", false), ("*a*", "*ba*", true),
            ("$D*", "$B%1", true), ("$B*", "$D%", false), ("$[a-f]*", "$[b-c]*", true), ("%", "é", true),
            ("$(192.0.2.0/24)", "192.0.2.77", true), ("$(192.0.2.0/24)", "192.0.3.77", false),
            ("$(192.0.2.0/24)", "192.0.2.7*", false), ("x|$(192.0.2.0/24)|*", "x|192.0.2.1|y", true),
            ("$<192.0.2.0/8>", "$(192.0.2.128/25)", true), ("$(192.0.2.128/25)", "$(192.0.2.0/24)", false),
            ("${2001:db8::/32}", "${2001:db8:1::/48}", true), ("$(0.0.0.0/0)", "${2001:db8::/32}", false),
            ("*", "$(192.0.2.0/24)", true), ("$_*", "*x", true), ("$@*|*", "*|x", true),
            ("*$0*", "aa", false), ("*|*", "*|$0*", true), ("a", "b", false), ("a", "ab", false),
            ("ab", "a", false), ("$D*", "12a", false),
        ])
    func covers(first: String, second: String, isCovered: Bool) {
        let found = Self.found(
            "\(first)  $Y", "\(second)  $N",
            shape: TableShape(fields: ["x"], optionalFields: 0, usesRest: true)
        )
        .filter { $0.contains("can never match") }
        #expect(found.isEmpty != isCovered)
        if isCovered { #expect(found.first?.hasPrefix("4:3+") == true) }
    }

    @Test("the line that takes it is named, and that it is the same pattern")
    func same() {
        #expect(
            Self.found("a|b|c|d  $Y", "x|*|*|*  $Y", "A|B|c|d  $N", "a|b|c|d  $N") == [
                "5:3+7 warning: line 5 can never match: line 3 takes all of it",
                "6:3+7 warning: line 6 can never match: line 3 takes all of it, the same pattern",
            ])
    }

    @Test(
        "an entry that hands the probe on takes nothing",
        arguments: [
            "$C$|I;$0|$Y$E", "$C$:A$Y$E", "$C$0", "$L$0", "$C$?50?$E", "$C${k}$E", "${k}",
            "$[dns_verify,dns_verify,x|$$C|$$N]",
        ])
    func handsOn(template: String) {
        #expect(
            Self.found("*  \(template)", "a|b|c|d  $N", databases: ["general": .live]) == [])
    }

    @Test(
        "one that fails without $C to its left ends the scan, and takes all: that is said",
        arguments: ["$:A$Y", "$|I;$0|$C$Y$E", "$E$:A$Y"])
    func endsByFailing(template: String) throws {
        let source = "T\n\n  *  \(template)\n  a  $N\n\nI\n\n  *  $Y\n"
        let complaint = try #require(TableAnalysis.complaints(of: tables(source), shapes: [:]).first)
        #expect(complaint.line == 4)
        #expect(complaint.help.contains("write $C left of what may fail"))
    }

    @Test("an entry between the two that changes the string lets the second be reached")
    func changed() {
        #expect(Self.found("b|*|*|*  $Y", "a|*|*|*  $Cb|$0|$1|$2", "b|*|*|*  $N") == [])
    }

    @Test("what is found to be out of reach is out of reach: the evaluation agrees on random tables")
    func agrees() {
        var seed: UInt64 = 7
        func below(_ count: UInt64) -> Int {
            seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((seed >> 33) % count)
        }
        let pieces = ["a", "b", "*", "%", "$_*", "$A*", "$[ab]%", "|", "$(10.0.0.0/8)", "10.1.2.3", "$@*"]
        let letters = ["a", "b", "|", "1", "10.1.2.3", "10.9.9.9", "c"]
        var found = 0
        for _ in 0..<300 {
            let patterns = (0..<5).map { _ in (0...below(4)).map { _ in pieces[below(11)] }.joined() }
            let source = "T\n\n" + patterns.map { "  \($0)  $N\n" }.joined()
            let set = tables(source)
            let dead = Set(TableAnalysis.complaints(of: set, shapes: [:]).map(\.line))
            found += dead.count
            for _ in 0..<40 {
                let probe = (0..<below(5)).map { _ in letters[below(7)] }.joined()
                if let line = run(set, "T", probe).outcome.place?.line {
                    #expect(!dead.contains(line), "\(patterns) \(probe)")
                }
            }
        }
        #expect(found > 50, "the tables are such that many entries are out of reach")
    }

    @Test("a table of many entries is looked through within its budget")
    func large() {
        let entries = (0..<4_000).map { "  TCP|*|25|$(10.\($0 / 256).\($0 % 256).0/24)|*  $N\n" }.joined()
        let twice = "T\n\n" + entries + "  TCP|*|25|$(10.3.7.128/25)|*  $Y\n  x*y  $N\n"
        let found = TableAnalysis.complaints(of: tables(twice), shapes: [:])
        #expect(found.map(\.line) == [4_003])
        #expect(found.first?.message == "line 4003 can never match: line 778 takes all of it")
    }

    // MARK: Circles

    @Test("tables that call each other in a circle are named")
    func circles() {
        let source =
            "A\n\n  *  $|B;$0|\n\nB\n\n  *  $C$|C;$0|$E\n\nC\n\n  x  $Y$|a;$0|\n  y  $|D;$0|\n\nD\n\n  *  $Y\n"
        let found = TableAnalysis.complaints(of: tables(source), shapes: [:])
        #expect(
            found.map { "\($0.line):\($0.column)+\($0.length) \($0.message)" } == [
                "3:6+7 this call goes round in a circle: A calls B calls C calls A",
                "7:8+7 this call goes round in a circle: B calls C calls A calls B",
                "11:8+7 this call goes round in a circle: C calls A calls B calls C",
            ])
        #expect(TableAnalysis.complaints(of: tables("A\n\n  *  $|A;$0|\n"), shapes: [:]).count == 1)
    }

    @Test("a place in a continued entry is that of its beginning")
    func continued() {
        let source = "T\n\n  a|b|c|d  $N$\\\n$X$D30\n"
        let found = TableAnalysis.complaints(of: tables(source), shapes: ["T": Self.shape])
        #expect(found.map { "\($0.line):\($0.column)+\($0.length)" } == ["3:12+1"])
    }
}
