// SPDX-License-Identifier: MIT
import Testing

@Suite("postern check")
struct CheckCommandTests {
    @Test("finds nothing in good rules")
    func good() throws {
        let ran = try Program.run("check", in: Folder.withRules())
        #expect(ran.status == 0)
        #expect(ran.output.isEmpty)
        #expect(ran.errors == "3 files: no errors, no warnings\n")
    }

    @Test("names every mistake in every file, for programs and for people, and exits with 1")
    func mistakes() throws {
        let folder = try Folder.withRules("[limit]\n")
        try folder.write("MAIL_ACCESS\n\n  pattern-only\n  *   $W\n", to: "rules/mappings")
        try folder.write("kep;\n", to: "sieve/mta.sieve")
        let ran = try Program.run("check", "--config", "rules/postern.toml", in: folder)
        #expect(ran.status == 1)
        #expect(ran.lines.count == 4)
        #expect(
            ran.lines.first == """
                {"file":"rules/mappings","line":3,"column":3,"severity":"error","message":"in table MAIL_ACCESS, this entry \
                has a pattern but no template","help":"write \\"pattern  template\\"; a space inside either half is written \
                \\"$ \\""}
                """)
        #expect(
            ran.lines.dropFirst().first?.contains("flag $W is not supported in table MAIL_ACCESS") == true)
        #expect(
            ran.errors.hasPrefix(
                """
                rules/mappings:3:3: error: in table MAIL_ACCESS, this entry has a pattern but no template
                  3 |   pattern-only
                    |   ^^^^^^^^^^^^
                  help: write "pattern  template"; a space inside either half is written "$ "

                """))
        #expect(ran.errors.hasSuffix("3 files: 4 errors, no warnings\n"))
    }

    @Test("warns of signatures that are for tests only, which is no reason to exit with 1")
    func testSignatures() throws {
        let folder = try Folder.withRules(
            "[scanner.clamav]\nkind = \"clamav\"\nsignatures = \"signatures\"\n")
        try folder.write("X:0:*:414243444546\n", to: "rules/signatures/test-x.ndb")
        let ran = try Program.run("check", in: folder)
        #expect(ran.status == 0)
        #expect(ran.lines.count == 1)
        #expect(ran.output.contains(#""severity":"warning","message":"only test signatures are loaded"#))
        #expect(ran.errors.hasSuffix("3 files: no errors, 1 warning\n"))
        try folder.write("Y:0:*:414243444546\n", to: "rules/signatures/real.ndb")
        #expect(try Program.run("check", in: folder).lines.isEmpty)
    }
}
