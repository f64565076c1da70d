// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Text databases used from templates")
struct DatabaseTemplateTests {
    private static let general = database(
        "BLOCK|spam.example  $NWe do not want you", "ALLOW|friend.example  $Y", "plain  a b",
        "field  <$0>", "again  ${plain}!", "loop  ${loop}", "broken  $|NOWHERE;x|", "star  a*(b)")

    private static func outcome(_ entries: String..., probe: String) -> TableOutcome {
        let source = "T\n\n" + entries.map { "  \($0)\n" }.joined()
        let parsed = TableSet.parse(
            main: "mappings", sources: ["mappings": Array(source.utf8)], databases: ["general": general])
        #expect(parsed.complaints == [])
        return run(parsed.tables, "T", probe).outcome
    }

    @Test("${key} is the key's value, found without regard to case, with a table's prefix in the key")
    func found() {
        let result = Self.outcome("*  $C${BLOCK|$0}$E", "*  $Y", probe: "SPAM.example")
        #expect(result.output == "We do not want you")
        #expect(result.flags == ["N"])
    }

    @Test("a key that is not there makes the entry fail, and the input stays as it is")
    func missing() {
        let entry = "*  $C${BLOCK|$0}$E"
        let result = Self.outcome(entry, "*  <$0>$Y", probe: "nobody.example")
        #expect(result.output == "<nobody.example>" && result.flags == ["Y"])
        #expect(!Self.outcome("*  ${BLOCK|$0}", "*  never", probe: "nobody.example").matched)
    }

    @Test("the value is template text: flags, fields, further look-ups; its blanks need no quoting")
    func rescan() {
        #expect(Self.outcome("*  ${plain}", probe: "x").output == "a b")
        #expect(Self.outcome("*  ${field}-", probe: "x").output == "<x>-")
        #expect(Self.outcome("*  ${again}", probe: "x").output == "a b!")
    }

    @Test("the field that goes into a key is no template, whatever it holds")
    func hostileKey() {
        for probe in ["$Y", "plain}$Y", "${plain}", "\0", "BLOCK|spam.example"] {
            let result = Self.outcome("*  $C${ALLOW|$0}$E", "*  $N", probe: probe)
            #expect(result.flags == ["N"])
        }
    }

    @Test("a value that asks for itself ends at a named limit")
    func loop() {
        let result = Self.outcome("*  $C${loop}$E", "*  else", probe: "x")
        #expect(result.output == "else")
        #expect(result.overrun == "more than 1000 look-ups in databases")
    }

    @Test("a value that is no template makes the entry fail")
    func broken() {
        #expect(Self.outcome("*  $C${broken}$E", "*  else", probe: "x").output == "else")
    }

    @Test("$= quotes the value too")
    func quoted() {
        #expect(Self.outcome("*  $=${star}$_", probe: "x").output == #"a\2a\28b\29"#)
    }

    @Test("a live database is asked, its value scanned like a compiled one's")
    func live() {
        let set = table("*  $C${k|$0}$E", "*  $Yelse", databases: ["general": .live]).tables
        let found = run(set, "T", "x", answers: ["k|x": .database(.value("$Nno thanks"))])
        #expect(found.questions == [.database(DatabaseQuestion(database: "general", key: "k|x"))])
        #expect(found.outcome.output == "no thanks" && found.outcome.flags == ["N"])
        #expect(run(set, "T", "x").outcome.output == "else")
    }

    @Test(
        "a live database that can't be read makes the entry fail, and the outcome and the trail name it",
        arguments: [.database(.failed("no such file")), .unavailable("the lookups role is gone")] as [Answer])
    func unreadable(_ answer: Answer) {
        let set = table("*  $C${$0}$E", "*  $Yelse", databases: ["general": .live]).tables
        let (outcome, trail, _) = run(set, "T", "x", answers: ["x": answer])
        #expect(outcome.output == "else")
        #expect(outcome.troubles.count == 1)
        #expect(outcome.troubles.first?.hasPrefix("database general: ") == true)
        #expect(trail.entries.first?.result.contains("(database general: ") == true)
    }

    @Test("without a general database the look-up is an error in the file, with what to write")
    func none() {
        let found = table("*  a${list|$0}b").complaints
        #expect(
            found == [
                Complaint(
                    file: "mappings", line: 3, column: 7, length: 10,
                    message: "there is no database general to look into",
                    help: "name its file in postern.toml: [database.general] file = \"general.txt\"")
            ])
        let mistakes = [("${}", "names no key"), ("${open", "has no end"), ("${$Nx}", "can't stand")]
        for (template, words) in mistakes {
            let complaint = table("*  \(template)", databases: ["general": .live]).complaints.first
            #expect(complaint?.message.contains(words) == true, "\(template)")
        }
    }

    @Test("the trace shows key and value")
    func trace() {
        let lines = Self.outcome("*  ${$0}", probe: "plain").traceLines()
        #expect(lines.contains("  General database lookup: plain ->"))
        #expect(lines.contains("    Returned \"a b\"."))
    }
}
