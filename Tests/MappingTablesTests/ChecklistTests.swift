// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Compatibility checklist for the engine")
struct ChecklistTests {
    struct Case: Sendable, CustomStringConvertible {
        var description: String
        var entries: [String]
        var probe: String
        /// Nil where no entry is to give a result.
        var output: String?
        var flags = ""
        var input = ""
    }

    static let cases: [Case] = [
        Case(
            description: "anchored at both ends", entries: ["b  no", "abc  yes"], probe: "abc", output: "yes"),
        Case(description: "case-blind", entries: ["aBc*  $0"], probe: "AbCd", output: "d"),
        Case(description: "greedy", entries: ["*/*  $0-$1"], probe: "a/b/c", output: "a/b-c"),
        Case(description: "lazy", entries: ["$_*/*  $0-$1"], probe: "a/b/c", output: "a-b/c"),
        Case(description: "saving off and on", entries: ["$@*|$^*  $0"], probe: "a|b", output: "b"),
        Case(description: "back-match", entries: ["*|$0*  same", "*  other"], probe: "x|X", output: "same"),
        Case(description: "letters", entries: ["$A*$D*  $0-$1"], probe: "ab12", output: "ab-12"),
        Case(description: "binary, octal", entries: ["$B*|$O%  $0-$1"], probe: "0110|7", output: "0110-7"),
        Case(description: "hexadecimal", entries: ["$H%$X*  $0-$1"], probe: "fe9", output: "f-e9"),
        Case(description: "symbols, blanks", entries: ["$S*$T%*  $0-$2"], probe: "a_$ b", output: "a_$-b"),
        Case(description: "sets", entries: ["$[ab]*$[0-3]%  $0-$1"], probe: "abba3", output: "abba-3"),
        Case(description: "IPv4 prefix", entries: ["$(192.0.2.0/24)  in"], probe: "192.0.2.9", output: "in"),
        Case(
            description: "IPv4, bits ignored", entries: ["$<192.0.2.4/2>  in"], probe: "192.0.2.7",
            output: "in"),
        Case(description: "and no more", entries: ["$<192.0.2.4/2>  in"], probe: "192.0.2.8", output: nil),
        Case(description: "IPv6", entries: ["${2001:db8::/32}  in"], probe: "2001:db8:1::5", output: "in"),
        Case(
            description: "IPv4 as a component", entries: ["TCP|*|25|$(192.0.2.0/24)|*  $1"],
            probe: "TCP|x|25|192.0.2.1|9", output: "192.0.2.1"),
        Case(
            description: "first match, implicit $E", entries: ["a*  one", "*  two"], probe: "ab",
            output: "one"),
        Case(description: "$C", entries: ["a*  $Cb$0", "b*  <$0>"], probe: "ac", output: "<c>"),
        Case(description: "$R", entries: ["*x  $R$0", "*  [$0]"], probe: "axxx", output: "[a]"),
        Case(description: "$L", entries: ["b  $Edone", "a  $Lb"], probe: "a", output: "done"),
        Case(
            description: "ten passes", entries: ["*  $Rx"], probe: "a", output: "x"),
        Case(
            description: "failing without $C ends", entries: ["*  $:Ayes", "*  no"], probe: "a", output: nil),
        Case(
            description: "failing with $C goes on, unchanged", entries: ["*  $C$:A!$E", "*  <$0>"],
            probe: "a",
            output: "<a>"),
        Case(description: "flag set", entries: ["*  $:A$Y"], probe: "a", output: "", flags: "Y", input: "A"),
        Case(
            description: "flag clear", entries: ["*  $;A$Y"], probe: "a", output: "", flags: "Y", input: "T"),
        Case(
            description: "nested table", entries: ["*  $C$|I;$0|$Y$E"], probe: "in", output: "IN", flags: "Y"),
        Case(
            description: "without $Y it fails", entries: ["*  $C$|I;$0|$Y$E", "*  no"], probe: "x",
            output: "no"),
        Case(description: "database", entries: ["*  $C${$0}$E"], probe: "key", output: "value", flags: "N"),
        Case(description: "sequence", entries: ["*  $#s|16|4#"], probe: "x", output: "00FF"),
        Case(description: "percentage", entries: ["*  $C$?50?half$E", "*  no"], probe: "x", output: "half"),
        Case(description: "directory", entries: ["*  $]ldap:///?m??(u=$0)["], probe: "a*", output: "$Nm"),
        Case(
            description: "callout, scanned again", entries: ["*  $[dns_verify,dns_verify,q]"], probe: "x",
            output: "4.4.3|Please try again later", flags: "NX"),
        Case(
            description: "lower and upper case", entries: ["*  $\\$0$^$0$_$0"], probe: "aB", output: "abABaB"),
        Case(description: "filter quoting", entries: ["*  $=$0$_$0"], probe: "(", output: "\\28("),
        Case(
            description: "arguments stay in the text", entries: ["*  $N$D30|no"], probe: "x", output: "30|no",
            flags: "DN"),
    ]

    @Test("holds item by item", arguments: cases)
    func item(_ item: Case) {
        let source =
            "T\n\n" + item.entries.map { "  \($0)\n" }.joined() + "\nI\n\n  in  $^$0IN$Y\n  *  $N\n"
        let parsed = TableSet.parse(
            main: "mappings", sources: ["mappings": Array(source.utf8)],
            databases: ["general": database("key  $Nvalue")])
        #expect(parsed.complaints.filter { $0.severity == .error } == [])
        let entry = DirectoryEntry(name: "o=x", attributes: [.init(name: "m", values: ["$Nm"])])
        let outcome = run(
            parsed.tables, "T", item.probe, flags: Set(item.input),
            answers: [
                "q": .callout("$X4.4.3|$NPlease$ try$ again$ later"), "s": .sequence(255),
                "dice": .dice(499_999), #"(u=a\2a)"#: .directory(.entries([entry])),
            ]
        ).outcome
        #expect(outcome.matched == (item.output != nil))
        guard let output = item.output else { return }
        #expect(outcome.output == output)
        #expect(outcome.flags.joined() == item.flags)
    }

    @Test("what is longer than the language promises is read whole, with a warning")
    func limits() {
        let pattern = String(repeating: "a", count: 257)
        let template = String(repeating: "b", count: 1_025)
        let long = String(repeating: "c", count: 4_100)
        #expect(complaints("T\n\n  \(pattern)  x\n").map(\.severity) == [.warning])
        #expect(complaints("T\n\n  x  \(template)\n").map(\.severity) == [.warning])
        #expect(complaints("T\n\n  x  \(long)\n").map(\.severity) == [.warning, .warning])
        #expect(run(tables("T\n\n  x  \(long)\n"), "T", "x").outcome.output == long)
    }
}
