// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("A mapping file")
struct MappingFileTests {
    private static let good = """
        ! the first table
        FIRST

          a  1
        ! between entries
        \tb\t 2$ \\
        two
          c  3

        SECOND

          *  $0

        """

    @Test("tables are names, a blank line, indented entries; comments stand in the first column")
    func good() {
        let set = tables(Self.good)
        #expect(complaints(Self.good) == [])
        #expect(set.names == ["FIRST", "SECOND"])
        #expect(set.entryCount == 4)
        #expect(run(set, "FIRST", "a").outcome.output == "1")
        #expect(run(set, "FIRST", "c").outcome.place == RulePlace(file: "mappings", line: 8))
    }

    @Test("a backslash at the end goes on in the next line; the entry's place is its first line")
    func continuation() {
        let outcome = run(tables(Self.good), "FIRST", "b").outcome
        #expect(outcome.output == "2 two")
        #expect(outcome.place == RulePlace(file: "mappings", line: 6))
        #expect(run(tables("T\n\n  a\\\nb\\\nc  x\\\n! y\n"), "T", "abc").outcome.output == "x!")
    }

    @Test("line ends of CRLF and LF read the same, and the last line needs none")
    func lineEnds() {
        let crlf = Self.good.replacingLineEnds()
        #expect(complaints(crlf) == [])
        for table in ["FIRST", "SECOND"] {
            for probe in ["a", "b", "c", "x"] {
                let one = run(tables(Self.good), table, probe).outcome
                let other = run(tables(crlf), table, probe).outcome
                #expect(one == other)
            }
        }
        #expect(complaints("T\n\n  a  b") == [])
        #expect(run(tables("T\r\n\r\n  a  b"), "T", "a").outcome.output == "b")
        #expect(run(tables("\u{FEFF}T\n\n  a  b"), "T", "a").outcome.output == "b")
    }

    @Test("a blank or tab in a column is quoted; otherwise it ends the column")
    func columns() {
        #expect(run(tables("T\n\n a$ b \t x$ y\n"), "T", "a b").outcome.output == "x y")
        #expect(run(tables("T\n\n a$$ x\n"), "T", "a$").outcome.output == "x")
        #expect(
            complaints("T\n\n  a  $NNot allowed here\n") == [
                Complaint(
                    file: "mappings", line: 3, column: 12, length: 12, severity: .warning,
                    message: "the template ends at the space before this text, which is ignored",
                    help:
                        "write \"$ \" for a space inside a template; "
                        + "a continuation begins in the first column"
                )
            ])
        #expect(run(tables("T\n\n  a  $NNot allowed here\n"), "T", "a").outcome.output == "Not")
    }

    @Test("every mistake in the file is reported, not only the first")
    func tenMistakes() {
        let source = """
              early  $Y
            PORT_ACCESS
              TCP|*|25|203.0.113.7|*
              TCP|*|$Q*  $Y
              *  $NNo$[dns_verify,other,$0]
            9LIVES
              *  ${list|$0}
              *  $|NOWHERE;$0|

            PORT_ACCESS

              *  $?150?$Y
              $(192.0.2.0/40)  $Y

            <../secret
            <absent
            SPACED NAME

              *  $Y\\
            """
        let found = complaints(source)
        #expect(
            found.map { "\($0.line):\($0.column) \($0.severity): \($0.message)" } == [
                "1:3 error: this entry belongs to no table",
                "3:3 error: the blank line between the name PORT_ACCESS and its first entry is missing",
                "3:3 error: in table PORT_ACCESS, this entry has a pattern but no template",
                "4:9 error: \"$Q\" has no meaning in a pattern",
                "5:10 error: there is no routine \"other\" in image \"dns_verify\"",
                "6:1 error: this line is no name, entry, comment or include",
                "7:6 error: there is no database general to look into",
                "8:8 error: there is no table NOWHERE",
                "10:1 error: table PORT_ACCESS is defined twice; the first time at mappings:2",
                "12:6 error: this is no percentage from 0 to 100",
                "13:3 error: the number of bits must be 0 to 32",
                "15:1 error: this include names no file of the rules folder",
                "16:1 error: there is no file \"absent\" to include",
                "17:1 error: this is no name of a table",
                "19:8 error: the file ends where this entry goes on",
            ])
        #expect(
            found[2]
                == Complaint(
                    file: "mappings", line: 3, column: 3, length: 22, severity: .error,
                    message: "in table PORT_ACCESS, this entry has a pattern but no template",
                    help: "write \"pattern  template\"; a space inside either half is written \"$ \""))
        #expect(found.allSatisfy { !$0.help.isEmpty && $0.length >= 1 })
    }

    @Test("a name right under entries wants a blank line between")
    func missingBlankBetween() {
        let source = "A\n\n  x  y\nB\n\n  x  z\n"
        #expect(
            complaints(source).map(\.message)
                == ["the blank line between table A and this name is missing"])
        #expect(run(tables(source), "B", "x").outcome.output == "z", "the rest is understood")
    }

    @Test("a table defined twice is an error, in whatever case, and the first stays")
    func twice() {
        let source = "A\n\n  x  1\n\na\n\n  x  2\n"
        #expect(complaints(source).map(\.line) == [5])
        #expect(run(tables(source), "A", "x").outcome.output == "1")
        #expect(tables(source).names == ["A"])
    }

    @Test("columns count characters, and a mistake after a continuation is placed in its own line")
    func places() {
        let found = complaints("T\n\n  äö€$Q*  $Y\n  ab\\\ncd$Q  $Y\n")
        #expect(found.map { [$0.line, $0.column, $0.length] } == [[3, 6, 2], [5, 3, 2]])
    }

    @Test("long patterns, templates and lines are read whole, with a warning")
    func lengths() {
        let pattern = String(repeating: "p", count: 257)
        let template = String(repeating: "t", count: 5_000)
        let source = "T\n\n  \(pattern)  \(template)\n"
        #expect(
            complaints(source).map { "\($0.severity): \($0.message)" } == [
                "warning: this line has 5261 octets; other servers read 4096",
                "warning: this pattern has 257 octets; other servers read 256",
                "warning: this template has 5000 octets; other servers read 1024",
            ])
        #expect(run(tables(source), "T", pattern).outcome.output == template)
    }

    @Test("what is not UTF-8 or holds control characters is refused, but not in comments")
    func octets() {
        let source: [UInt8] =
            Array("! \u{1}".utf8) + [0xE4, 0x0A] + Array("T\n\n  a".utf8) + [0xE4]
            + Array("  b\n  c\rd  e\n  \0  f\n".utf8)
        let found = TableSet.parse(main: "m", sources: ["m": source]).complaints
        #expect(
            found.map { "\($0.line):\($0.column) \($0.message)" } == [
                "4:4 this line is not UTF-8", "5:4 there is a control character in this line",
                "6:3 there is a control character in this line",
            ])
    }

    @Test("limits on octets, entries, line length and complaints are met with a complaint")
    func limits() {
        var limits = TableLimits()
        limits.entriesMax = 2
        limits.lineOctetsMax = 20
        limits.complaintsMax = 4
        let source = "T\n\n a b\n c d\n e f\n g h\n i \(String(repeating: "x", count: 30))\n j\n k\n l\n m\n"
        let (set, found) = TableSet.parse(main: "m", sources: ["m": Array(source.utf8)], limits: limits)
        #expect(set.entryCount == 2)
        #expect(
            found.map(\.message) == [
                "this is entry 3, and tables may have 2 in all", "this line has 33 octets, more than 20",
                "in table T, this entry has a pattern but no template",
                "in table T, this entry has a pattern but no template", "2 more mistakes are not shown",
            ])
        limits.fileOctetsMax = 10
        #expect(
            TableSet.parse(main: "m", sources: ["m": Array(source.utf8)], limits: limits).complaints.map(
                \.message)
                == [
                    "the file has \(source.utf8.count) octets, more than the 10 for one file "
                        + "or the 134217728 for all"
                ])
    }

    @Test("every piece of a file is parsed without a trap")
    func cuts() {
        let source = Array(
            (Self.good + "X\n\n $[a-$]*${::1/3}$0*$1  $|A;$0|$[dns_verify,d,$0]$:A${é\n<x\n").utf8)
        for end in 0...source.count {
            _ = TableSet.parse(main: "m", sources: ["m": Array(source[..<end])])
            _ = TableSet.parse(main: "m", sources: ["m": Array(source[end...])])
        }
    }
}

@Suite("Includes in mapping files")
struct IncludeTests {
    private func parse(_ sources: [String: String]) -> (tables: TableSet, complaints: [Complaint]) {
        TableSet.parse(main: "main", sources: sources.mapValues { Array($0.utf8) })
    }

    @Test("an include line is replaced by the file's lines; places name the file")
    func textual() {
        let (set, complaints) = parse([
            "main": "A\n\n  a  1\n<more/entries\n  c  3\n\n<IMTA_TABLE:tables\n",
            "more/entries": "! some more\n  b  2\n  bad\n", "tables": "B\n\n  *  b\n",
        ])
        #expect(set.names == ["A", "B"])
        #expect(run(set, "A", "b").outcome.place == RulePlace(file: "more/entries", line: 2))
        #expect(run(set, "A", "c").outcome.place == RulePlace(file: "main", line: 5))
        #expect(run(set, "B", "x").outcome.output == "b")
        #expect(complaints.map(\.file) == ["more/entries"])
        #expect(complaints.map(\.line) == [3])
    }

    @Test("includes nest three deep, and not four")
    func depth() {
        var sources = ["main": "<a\n", "a": "<b\n", "b": "<c\n", "c": "T\n\n  x  y\n"]
        #expect(parse(sources).complaints == [])
        #expect(run(parse(sources).tables, "T", "x").outcome.output == "y")
        sources["c"] = "<d\n"
        sources["d"] = "T\n\n  x  y\n"
        #expect(
            parse(sources).complaints == [
                Complaint(
                    file: "c", line: 1, length: 2, message: "includes are nested deeper than 3",
                    help: "include this file from main instead")
            ])
    }

    @Test("a file that includes itself, a missing one, and one outside the folder are complaints")
    func faulty() {
        let (_, complaints) = parse(["main": "<a\n<nowhere\n</etc/passwd\n<../x\n<\n", "a": "<main\n<a\n"])
        #expect(
            complaints.map { "\($0.file):\($0.line) \($0.message)" } == [
                "main:2 there is no file \"nowhere\" to include",
                "main:3 this include names no file of the rules folder",
                "main:4 this include names no file of the rules folder",
                "main:5 this include names no file of the rules folder", "a:1 main includes itself",
                "a:2 a includes itself",
            ])
        #expect(parse([:]).complaints.map(\.message) == ["there is no file \"main\""])
    }

    @Test("octets read through includes are bounded in all")
    func amplification() {
        var limits = TableLimits()
        limits.sourceOctetsMax = 1_000
        let big = String(repeating: "! x\n", count: 50)
        let main = String(repeating: "<a\n", count: 100)
        let (_, complaints) = TableSet.parse(
            main: "main", sources: ["main": Array(main.utf8), "a": Array(big.utf8)], limits: limits)
        #expect(complaints.count == 97)
        #expect(complaints.allSatisfy { $0.message.contains("or the 1000 for all") })
    }

    @Test("a loader learns which files to read, each once, none outside the folder")
    func includedFiles() {
        let source = "<a\n! <b\n<IMTA_TABLE:c\r\n<a\n  x  y\\\n<d\n</etc/passwd\n<../e\n< ./f \n<\n"
        #expect(TableSet.includedFiles(in: Array(source.utf8)) == ["a", "c", "f"])
    }
}

extension String {
    fileprivate func replacingLineEnds() -> String {
        String(decoding: utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }, as: UTF8.self)
    }
}
