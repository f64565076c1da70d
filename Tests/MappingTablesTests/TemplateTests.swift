// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Mapping templates")
struct TemplateTests {
    @Test("$n is the text of field n, as it stood in the probe")
    func fields() {
        #expect(outcome("%-*  $1:$0$0", probe: "A-bC").output == "bC:AA")
        let result = outcome("*|*  $1", probe: "x|y")
        #expect(result.captures == ["x", "y"])
        #expect(result.place == RulePlace(file: "mappings", line: 3))
        #expect(result.matched)
    }

    @Test("$$, $<space> and $<tab> are the characters")
    func quoting() {
        #expect(outcome("x  a$$b$ c$\td", probe: "x").output == "a$b c\td")
    }

    @Test(
        "any other letter or sign is an output flag: taken out of the text, upper case, each once, in order")
    func flags() {
        let result = outcome("*  a$y$x$N$!b$n$/", probe: "x")
        #expect(result.output == "ab")
        #expect(result.flags == ["!", "/", "N", "X", "Y"])
        #expect(result.has("n") && result.has("!") && !result.has("Z") && !result.has("é"))
        #expect(outcome("*  $X4.4.3|$NPlease$ try", probe: "x").output == "4.4.3|Please try")
    }

    @Test(
        "every letter and sign without a meaning of its own is a flag",
        arguments: Array("ABDFGHIJKMNOPQSTUVWXYZ!\"%&'()*+,-/<>@`~"))
    func everyFlag(_ flag: Character) {
        #expect(complaints("T\n\n  *  a$\(flag)b\n") == [])
        let result = outcome("*  a$\(flag)b", probe: "x")
        #expect(result.output == "ab")
        #expect(result.flags == [String(flag)])
    }

    @Test("a field beyond those saved is empty, and warned of")
    func beyond() {
        #expect(outcome("*  <$1>", probe: "x").output == "<>")
        #expect(
            complaints("T\n\n  *  <$1>\n") == [
                Complaint(
                    file: "mappings", line: 3, column: 7, length: 2, severity: .warning,
                    message: "the template names $1, but the pattern saves only $0",
                    help: "count the wildcards of the pattern from 0; $1 is empty here")
            ])
    }

    @Test("$\\ and $^ force the case of what follows, $_ leaves it")
    func cases() {
        #expect(outcome("*  $\\Ab$0$^Ab$0$_Ab$0", probe: "Xy").output == "abxyABXYAbXy")
        #expect(outcome("*  $\\$0", probe: "ÄB").output == "Äb")
    }

    @Test("$= quotes substituted text for a search filter until another mode")
    func filter() {
        #expect(outcome("*  (uid=$=$0$_)($0)", probe: #"a*(b)\"#).output == #"(uid=a\2a\28b\29\5c)(a*(b)\)"#)
        #expect(outcome("*  $=(*)$0", probe: "\0").output == #"(*)\00"#)
    }

    @Test("$:x wants the input flag set, $;x wants it clear")
    func flagTests() {
        for (entry, given, expected) in [
            ("$:Ayes", "A", true), ("$:Ayes", "", false), ("$;Ayes", "A", false), ("$;Ayes", "T", true),
            ("$:ayes", "A", true), ("$:Ayes", "a", true),
        ] {
            let result = outcome("*  \(entry)", probe: "x", flags: Set(given))
            #expect(result.matched == expected)
            #expect(result.output == (expected ? "yes" : "x"))
        }
    }

    @Test(
        "what is malformed is reported",
        arguments: [
            ("a$", "the template ends in a $ that quotes nothing"),
            ("$:", "\"$:\" needs the flag to test after it"),
            ("$é", "\"$é\" has no meaning in a template"),
            ("$||", "the nested table has no name or no argument"),
            ("$|T|", "the nested table has no name or no argument"),
            ("$|T;x", "the nested table that begins here has no end"),
            ("$|T;$Nx|", "\"$N\" can't stand in an argument"),
            ("$|T;$|T;x||", "\"$|\" can't stand in an argument"),
            ("$[dns_verify]", "the callout doesn't name image, routine and argument"),
            ("$[dns_verify,dns_verify]", "the callout doesn't name image, routine and argument"),
            ("$[$0,dns_verify,x]", "the callout doesn't name image, routine and argument"),
            ("$[dns_verify,dns_verify,x", "the callout that begins here has no end"),
            ("$[dns_verify,dns_verify,$Nx]", "\"$N\" can't stand in an argument"),
            (
                "$[dns_verify,dns_verify_spf,$0]",
                "there is no routine \"dns_verify_spf\" in image \"dns_verify\""
            ),
            ("$[/opt/lib/x.so,y,$0]", "there is no routine \"y\" in image \"x\""),
            ("$|OTHER;$0|", "there is no table OTHER"),
        ])
    func mistakes(template: String, message: String) {
        #expect(complaints("T\n\n  *  \(template)\n").map(\.message) == [message])
    }

    @Test("text quoted for a template comes out of it as it was")
    func quotingText() {
        for text in ["", "$N a\tb", "$$", "$", "é $[x,y,z] $|T;x|"] {
            #expect(outcome("*  \(TemplateText.quoting(text))x", probe: "").output == text + "x")
        }
    }
}
