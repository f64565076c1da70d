// SPDX-License-Identifier: MIT
import Testing

@Suite("postern mapping test")
struct MappingTestCommandTests {
    private static let relaying =
        "ORIG_SEND_ACCESS\n\n  out|*|out|*   $X5.7.1|$NRelaying$ not$ allowed\n  in|*   $:A$Y\n"

    @Test("answers one line for each probe: text without flags, flags, entry, fields, trace")
    func answer() throws {
        let folder = try Folder()
        try folder.write(Self.relaying, to: "tables/map")
        let ran = try Program.run(
            "mapping", "test", "--table", "orig_send_access", "--file", "tables/map", "out|a@b|out|\"c\"@d",
            "nothing",
            in: folder)
        #expect(ran.status == 0)
        #expect(ran.errors.isEmpty)
        #expect(
            ran.lines == [
                #"{"probe":"out|a@b|out|\"c\"@d","matched":true,"output":"5.7.1|Relaying not allowed","flags":["N","X"],"#
                    + #""entry":{"file":"tables/map","line":3},"fields":["a@b","\"c\"@d"],"trace":["#
                    + #"{"depth":0,"event":"applied","table":"ORIG_SEND_ACCESS","probe":"out|a@b|out|\"c\"@d"},"#
                    + #"{"depth":0,"event":"matched","pattern":"out|*|out|*","template":"$X5.7.1|$NRelaying$ not$ allowed","#
                    + #""entry":1,"file":"tables/map","line":3},"#
                    + #"{"depth":0,"event":"new_target","target":"5.7.1|Relaying not allowed"},{"depth":0,"event":"exiting"},"#
                    + #"{"depth":0,"event":"ended","result":"5.7.1|Relaying not allowed"}],"overrun":null,"troubles":[]}"#,
                #"{"probe":"nothing","matched":false,"output":"nothing","flags":[],"entry":null,"fields":[],"trace":["#
                    + #"{"depth":0,"event":"applied","table":"ORIG_SEND_ACCESS","probe":"nothing"},"#
                    + #"{"depth":0,"event":"ended","result":null}],"overrun":null,"troubles":[]}"#,
            ])
    }

    @Test(
        "probes come from standard input when none is given, with LF or CRLF, empty ones and the last without an end included"
    )
    func input() throws {
        let folder = try Folder()
        try folder.write("T\n\n  a   $Yone\n  $ b  $Ytwo\n", to: "map")
        let ran = try Program.run(
            "mapping", "test", "--table", "T", "--file", "map", in: folder, input: "a\r\n\n b")
        #expect(ran.status == 0)
        let answers = try ran.lines.map { try Program(status: 0, output: $0, errors: "").json() }
        #expect(answers.map { $0["probe"] } == [.text("a"), .text(""), .text(" b")])
        #expect(answers.map { $0["output"] } == [.text("one"), .text(""), .text("two")])
        #expect(answers.map { $0["matched"] } == [.flag(true), .flag(false), .flag(true)])
    }

    @Test("--flags sets input flags, and an entry that fails gives no match")
    func flags() throws {
        let folder = try Folder()
        try folder.write(Self.relaying, to: "map")
        let options = ["mapping", "test", "--table", "ORIG_SEND_ACCESS", "--file", "map"]
        let without = try Program.run(options + ["in|x"], in: folder).json()
        #expect(without["matched"] == .flag(false))
        #expect(without["trace"]?[2]?["reason"] == .text("input flag A is clear"))
        let with = try Program.run(options + ["--flags", "TA", "in|x"], in: folder).json()
        #expect(with["matched"] == .flag(true))
        #expect(with["flags"] == .list([.text("Y")]))
    }

    @Test("--explain tells people on standard error what was applied, what matched and what came of it")
    func explain() throws {
        let folder = try Folder()
        try folder.write(Self.relaying, to: "map")
        let ran = try Program.run(
            "mapping", "test", "--table", "ORIG_SEND_ACCESS", "--file", "map", "--explain",
            "out|\u{1B}|out|d", in: folder)
        #expect(ran.status == 0)
        #expect(
            ran.errors == """
                Mapping 1 applied to out|?|out|d
                  Table ORIG_SEND_ACCESS
                  Entry #1 matched, pattern "out|*|out|*", template "$X5.7.1|$NRelaying$ not$ allowed", match #0.
                    at map:3
                  New target "5.7.1|Relaying not allowed"
                  Exiting...
                  Final result "5.7.1|Relaying not allowed"
                Output string: 5.7.1|Relaying not allowed
                Output flags: [0, 'N' (78), 'X' (88)]

                """)
        #expect(ran.output.contains(#"out|\u001b|out|d"#))
    }

    @Test("without --file, the tables are the configuration's, includes among them, and so is the resolver")
    func configured() throws {
        let folder = try Folder.withRules()
        let options = ["mapping", "test", "--table", "PORT_ACCESS"]
        let listed = try Program.run(options + ["TCP|127.0.0.1|25|127.0.0.9|1"], in: folder).json()
        #expect(listed["flags"] == .list([.text("N")]))
        #expect(listed["output"] == .text("554 5.7.1 Listed here"))
        #expect(listed["entry"] == .object(["file": .text("rules/mappings"), "line": .number(7)]))
        let other = try Program.run(options + ["TCP|127.0.0.1|25|127.0.0.1|1"], in: folder).json()
        #expect(other["flags"] == .list([.text("Y")]))
        #expect(other["entry"]?["line"] == .number(8))
    }

    @Test("files that a mapping file includes are looked for beside it, and named with its folder")
    func includes() throws {
        let folder = try Folder()
        try folder.write("<more/list\n", to: "tables/map")
        try folder.write("T\n\n  *   $Y\n", to: "tables/more/list")
        let ran = try Program.run("mapping", "test", "--table", "T", "--file", "tables/map", "x", in: folder)
        #expect(try ran.json()["entry"] == .object(["file": .text("tables/more/list"), "line": .number(3)]))
    }

    @Test("tables with mistakes are tried on nothing: the mistakes, and exit status 1")
    func faulty() throws {
        let folder = try Folder()
        try folder.write("T\n\n  one\n  *   $Y\n", to: "map")
        let ran = try Program.run("mapping", "test", "--table", "T", "--file", "map", "x", in: folder)
        #expect(ran.status == 1)
        #expect(ran.output.isEmpty)
        #expect(
            ran.errors.hasPrefix("map:3:3: error: in table T, this entry has a pattern but no template\n"))
    }

    @Test("a table that isn't there is bad usage, and those that are there are named")
    func noTable() throws {
        let folder = try Folder()
        try folder.write("ONE\n\n  a   $Y\n\nTWO\n\n  b   $Y\n", to: "map")
        let ran = try Program.run("mapping", "test", "--table", "T", "--file", "map", "x", in: folder)
        #expect(ran.status == 2)
        #expect(ran.errors == "postern: there is no table T; there are ONE, TWO\n")
    }

    private static let asking = """
        T

          db|*     $C${$0}$E
          dir|*    $C$.$Xlater.$]ldap:///?mail?sub?(uid=$0)[$Y$E
          dice     $C$?25?$Y$E
          seq      $#ticket|10|4#
          *        $N

        """

    @Test("--zone answers for databases, directories, dice and sequences")
    func zoneAnswers() throws {
        let folder = try Folder()
        try folder.write(Self.asking, to: "map")
        try folder.write(
            """
            {"databases":{"general":{"Key":"$Yvalue $0"}},"dice":249999,"sequences":{"ticket":7},
             "directories":[{"filter":"(uid=a\\\\2a)","entries":[{"name":"o=x","attributes":{"mail":["$Na@x|y"]}}]},
                            {"filter":"(uid=gone)","failure":"no answer"}]}
            """, to: "zone.json")
        let probes = ["db|KEY", "db|none", "dir|a*", "dir|nobody", "dir|gone", "dice", "seq"]
        let ran = try Program.run(
            ["mapping", "test", "--table", "T", "--file", "map", "--zone", "zone.json"] + probes, in: folder)
        #expect(ran.status == 0)
        let answers = try ran.lines.map { try Program(status: 0, output: $0, errors: "").json() }
        #expect(
            answers.map { $0["output"] } == [
                .text("value KEY"), .text(""), .text("$Na@x_y"), .text(""), .text("later"), .text(""),
                .text("0007"),
            ])
        #expect(
            answers.map { $0["flags"] } == [
                .list([.text("Y")]), .list([.text("N")]), .list([.text("Y")]), .list([.text("N")]),
                .list([.text("X")]), .list([.text("Y")]), .list([]),
            ])
        #expect(answers[4]["troubles"] == .list([.text("directory default: no answer")]))
        #expect(ran.errors == "postern: dir|gone: not answered: directory default: no answer\n")
    }

    @Test("what the zone file doesn't say is refused, and who it was is named")
    func zoneRefuses() throws {
        let folder = try Folder()
        try folder.write(Self.asking, to: "map")
        try folder.write("{}", to: "zone.json")
        let ran = try Program.run(
            ["mapping", "test", "--table", "T", "--file", "map", "--zone", "zone.json", "db|x", "seq"],
            in: folder)
        #expect(ran.status == 0)
        #expect(
            ran.errors == """
                postern: db|x: not answered: database general: the zone file does not say
                postern: seq: not answered: sequence ticket: the zone file does not say

                """)
    }

    @Test("a table that calls itself ends at its limit, and says so")
    func overrun() throws {
        let folder = try Folder()
        try folder.write("T\n\n  *   $|T;$0|$Y\n", to: "map")
        let ran = try Program.run("mapping", "test", "--table", "T", "--file", "map", "x", in: folder)
        #expect(ran.status == 0)
        #expect(try ran.json()["matched"] == .flag(false))
        #expect(try ran.json()["overrun"] != .null)
    }
}

@Suite("postern mapping match")
struct MappingMatchCommandTests {
    @Test("answers whether the pattern matches, with its wildcard fields")
    func matches() throws {
        let folder = try Folder()
        let ran = try Program.run(
            "mapping", "match", "--pattern", "TCP|*|$D*|%", "--target", "tcp|-x|25|z", in: folder)
        #expect(ran.status == 0)
        #expect(ran.output == #"{"matched":true,"fields":["-x","25","z"],"too_costly":false}"# + "\n")
        let dashes = try Program.run("mapping", "match", "--pattern", "-a*", "--target", "--b", in: folder)
        #expect(dashes.output == #"{"matched":false,"fields":[],"too_costly":false}"# + "\n")
    }

    @Test("a faulty pattern is shown with its place, and exits with 1")
    func faulty() throws {
        let ran = try Program.run("mapping", "match", "--pattern", "a$(1", "--target", "a", in: Folder())
        #expect(ran.status == 1)
        #expect(ran.output.isEmpty)
        #expect(ran.errors.hasPrefix("pattern:1:2: error: "))
    }
}
