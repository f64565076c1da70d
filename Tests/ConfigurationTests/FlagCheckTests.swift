// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Configuration

@Suite("Flags of the access tables")
struct FlagCheckTests {
    private static func complaints(_ mappings: String) throws -> [String] {
        let rules = try RulesFixture()
        try rules.folder.write(mappings, to: "rules/mappings")
        return rules.complaints()
    }

    @Test("one that nobody acts on is an error at its place, with the flags that there are")
    func unknown() throws {
        let rules = try RulesFixture()
        try rules.folder.write("MAIL_ACCESS\n\n  TCP|*   $Y\n  *$D*    $N$W\n", to: "rules/mappings")
        let compilation = rules.compile()
        #expect(compilation.ruleset == nil)
        let complaint = try #require(compilation.complaints.first { $0.severity == .error })
        #expect(complaint.line == 4 && complaint.column == 13 && complaint.length == 2)
        #expect(complaint.message == "flag $W is not supported in table MAIL_ACCESS")
        #expect(complaint.help.hasPrefix("remove it; this table's flags are $"))
        #expect(complaint.help.contains(", $X, $Y"))
    }

    @Test("each table has flags of its own")
    func tables() throws {
        let names = ["PORT_ACCESS", "MAIL_ACCESS", "INTERNAL_IP", "FROM_ACCESS"]
        let text = names.map { "\($0)\n\n  *   $Y$N$H\n" }.joined(separator: "\n")
        #expect(
            try Self.complaints(text) == [
                "rules/mappings:3:11 error flag $H is not supported in table PORT_ACCESS",
                "rules/mappings:11:11 error flag $H is not supported in table INTERNAL_IP",
            ])
    }

    @Test("one in lower case, in a callout's texts or in a file that is included is found too")
    func hidden() throws {
        let rules = try RulesFixture()
        try rules.folder.write("<more\n", to: "rules/mappings")
        try rules.folder.write(
            "PORT_ACCESS\n\n  *   $C$[dns_verify,dns_verify,$0|$$Y|$$qNo]$E\n  *  \\\n$z\n", to: "rules/more")
        #expect(
            rules.complaints() == [
                "rules/more:3:41 error flag $Q is not supported in table PORT_ACCESS",
                "rules/more:4:3 error flag $Z is not supported in table PORT_ACCESS",
            ])
    }

    @Test("tables that no gate reads may set any flag")
    func others() throws {
        let complaints = try Self.complaints("MY_LIST\n\n  *   $Y$B$D\n")
        #expect(!complaints.contains { $0.contains("not supported") })
    }
}
