// SPDX-License-Identifier: MIT
import Mail
import MappingTables
import Testing

@Suite("The output flags of a table")
struct OutputFlagsTests {
    private static func flags(_ source: String, of table: String = "T") -> [String] {
        tables(source).outputFlags(of: table).map { "\($0.flag) \($0.place)" }
    }

    @Test("are those that its templates name, in upper case, each once for an entry, with the entry's place")
    func places() {
        let source = "T\n\n  a  $Y$nText\n  b  $:A$C$0$$H$E\n  c  \\\n$x$X5.7.1|$b\n"
        #expect(Self.flags(source) == ["N mappings:3", "Y mappings:3", "B mappings:5", "X mappings:5"])
    }

    @Test("controls, modes, fields, tests and quoted dollars are none")
    func others() {
        #expect(Self.flags("T\n\n  *  $C$R$L$E$\\$^$_$=$0$:A$;B$$N$ \n") == [])
    }

    @Test("what a callout is handed may come back as template text, and counts")
    func callouts() {
        let source = "T\n\n  *  $C$[dns_verify.so,dns_verify,$0|$$Y|$$NUnknown$ host$ $$$$$ %e]$E\n"
        #expect(Self.flags(source) == ["N mappings:3", "Y mappings:3"])
    }

    @Test("a nested table keeps its own")
    func nested() {
        let source = "INNER\n\n  *  $Y$H\n\nT\n\n  *  $C$|INNER;$0|$N$E\n"
        #expect(Self.flags(source) == ["N mappings:7"])
        #expect(Self.flags(source, of: "inner") == ["H mappings:3", "Y mappings:3"])
    }

    @Test("a table that isn't there has none")
    func missing() {
        #expect(Self.flags("T\n\n  *  $Y\n", of: "OTHER") == [])
    }
}
