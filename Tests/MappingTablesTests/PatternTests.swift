// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

@Suite("Mapping patterns")
struct PatternTests {
    @Test("a pattern has to match the whole probe, without regard to case")
    func anchored() {
        #expect(fields("Mail", "mAIL") == [])
        #expect(fields("mail", "mails") == nil)
        #expect(fields("mail", "email") == nil)
        #expect(fields("Ä", "ä") == nil, "case is that of ASCII")
    }

    @Test("% is exactly one character, of however many octets, and saved")
    func one() {
        #expect(fields("a%c", "abc") == ["b"])
        #expect(fields("a%c", "ac") == nil)
        #expect(fields("a%c", "aßc") == ["ß"])
        #expect(fields("%", "𝄞") == ["𝄞"])
        #expect(fields("%%", "𝄞") == nil)
    }

    @Test("* is any number of characters, greedy from the left")
    func greedy() {
        #expect(fields("*", "") == [""])
        #expect(fields("*/*", "a/b/c") == ["a/b", "c"])
        #expect(fields("*@*.example", "a@b@c.example") == ["a@b", "c"])
        #expect(fields("*%", "ab€") == ["ab", "€"])
        #expect(fields("**", "ab") == ["ab", ""])
        #expect(
            fields(
                "TCP|*|*|*|*|*|*|tcp_local|*|*|*",
                "TCP|192.0.2.1|25|203.0.113.7|4711|SMTP/x|MAIL|tcp_local|a@b.example|tcp_local|c@d.example")
                == [
                    "192.0.2.1", "25", "203.0.113.7", "4711", "SMTP/x", "MAIL", "a@b.example", "tcp_local",
                    "c@d.example",
                ])
        #expect(fields("TCP|*|tcp_local||*|*", "TCP|x|tcp_local||y|z") == ["x", "y", "z"])
    }

    @Test("$_ makes the wildcards after it take as little as they can")
    func lazy() {
        #expect(fields("$_*/*", "a/b/c") == ["a", "b/c"])
        #expect(fields("*/$_*/*", "a/b/c/d") == ["a/b", "c", "d"])
        #expect(fields("$_$A*%*", "abc") == ["", "a", "bc"])
    }

    @Test("$ takes the meaning from %, *, $, space and tab")
    func quoting() {
        #expect(fields("$%$*$$$ $\t", "%*$ \t") == [])
        #expect(fields("$%", "x") == nil)
        #expect(fields("$*", "xx") == nil)
    }

    @Test("$@ stops saving and $^ begins again, so that numbers are kept for what is needed")
    func saving() {
        #expect(fields("*|$@*|*$^|*", "a|b|c|d") == ["a", "d"])
        #expect(fields("$@%$D*$(192.0.2.0/24)", "x7192.0.2.1") == [])
        #expect(fields("$@%$A*$(192.0.2.0/24)$^*", "xy192.0.2.1!") == ["!"])
    }

    @Test(
        "globs match one or any number of their class",
        arguments: [
            ("$A%", "q", "1"), ("$A*", "Qq", "q1"), ("$B*", "0110", "012"), ("$D*", "0189", "18a"),
            ("$H*", "09afAF", "0g"), ("$X*", "09afAF", "0g"), ("$O*", "01234567", "8"),
            ("$S*", "a_Z$9", "a-b"),
            ("$T*", " \t\u{0B}", " x"), ("$a*", "Qq", "1"), ("$[xyz]*", "xXyZ", "w"),
            ("$[a-cx-z_]*", "ABCz_", "d"),
            ("$[a-]*", "a-", "b"), ("$[-a]*", "a-", "b"), ("$[$]$$$ $-]*", "]$ -", "x"),
            ("$[ä-ü€]*", "öü€", "z"),
        ])
    func globs(pattern: String, good: String, bad: String) {
        #expect(fields(pattern, good) == [good])
        #expect(fields(pattern, bad) == nil)
    }

    @Test("a run of a class ends where the class does")
    func classRuns() {
        #expect(fields("$D*$A*", "12ab") == ["12", "ab"])
        #expect(fields("*$D*x", "ab12x") == ["ab12", ""])
        #expect(fields("$_*$D*x", "ab12x") == ["ab", "12"])
        #expect(fields("$D%$D%", "1") == nil)
    }

    @Test("$n* matches what field n matched, without regard to case")
    func backMatch() {
        #expect(fields("*|$0*", "ab|AB") == ["ab"])
        #expect(fields("*|$0*", "ab|ac") == nil)
        #expect(fields("%*$1*$0*", "xyyx") == ["x", "y"])
        #expect(fields("$D*.$0*.*", "1.1.2") == ["1", "2"])
        #expect(fields("*$0*", "abab") == ["ab"])
        #expect(fields("$_*$0**", "aab") == ["", "aab"])
    }

    @Test("$(a.b.c.d/p) compares the first p bits, and all of them where p is not given")
    func ipv4() {
        #expect(fields("$(192.0.2.0/24)", "192.0.2.99") == ["192.0.2.99"])
        #expect(fields("$(192.0.2.77/24)", "192.0.2.99") == ["192.0.2.99"])
        #expect(fields("$(192.0.2.0/24)", "192.0.3.99") == nil)
        #expect(fields("$(192.0.2.4)", "192.0.2.4") == ["192.0.2.4"])
        #expect(fields("$(192.0.2.4)", "192.0.2.40") == nil)
        #expect(fields("$(0.0.0.0/0)", "255.1.2.3") == ["255.1.2.3"])
        #expect(fields("$(0.0.0.0/0)", "256.1.2.3") == nil)
        #expect(
            fields("TCP|*|25|$(192.0.2.0/24)|*", "TCP|10.0.0.1|25|192.0.2.9|55") == [
                "10.0.0.1", "192.0.2.9", "55",
            ])
        #expect(fields("[$(192.0.2.0/24)]", "[192.0.2.9]") == ["192.0.2.9"])
        #expect(fields("$(192.0.2.0/24)", "::ffff:192.0.2.9") == ["::ffff:192.0.2.9"])
    }

    @Test("$<a.b.c.d/i> ignores the low i bits")
    func ipv4Ignoring() {
        for last in 0...9 {
            #expect((fields("$<192.0.2.4/2>", "192.0.2.\(last)") != nil) == (4...7).contains(last))
            #expect(
                fields("$<192.0.2.0/8>", "192.0.2.\(last)") == fields("$(192.0.2.0/24)", "192.0.2.\(last)"))
        }
        #expect(fields("$<192.0.2.4>", "192.0.2.4") == ["192.0.2.4"])
        #expect(fields("$<192.0.2.4>", "192.0.2.5") == nil)
    }

    @Test("${ipv6/p} compares the first p bits of an IPv6 address in any spelling")
    func ipv6() {
        #expect(fields("${2001:db8::/32}", "2001:0DB8:1::a") == ["2001:0DB8:1::a"])
        #expect(fields("${2001:db8::/32}", "2001:db9::a") == nil)
        #expect(fields("${::1}", "0:0:0:0:0:0:0:1") == ["0:0:0:0:0:0:0:1"])
        #expect(fields("${2001:db8::/32}", "192.0.2.1") == nil)
        #expect(fields("${::/0}", "192.0.2.1") == nil)
        #expect(fields("${::ffff:192.0.2.0/120}", "192.0.2.1") == ["192.0.2.1"])
        #expect(fields("IPv6|${2001:db8::/32}|*", "IPv6|2001:db8::7|25") == ["2001:db8::7", "25"])
    }

    @Test("only ten fields have a number; the pattern says so when there are more")
    func tooManyFields() {
        let match = PatternMatch.match(pattern: "%%%%%%%%%%%", target: "abcdefghijk")
        #expect(match.matched)
        #expect(match.fields == ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"])
        #expect(match.complaints.map(\.severity) == [.warning])
    }

    @Test(
        "what is wrong with a pattern is said with its place",
        arguments: [
            ("ab$", 3, 1, "the pattern ends in a $ that quotes nothing"),
            ("a$Q*", 2, 2, "\"$Q\" has no meaning in a pattern"),
            ("ä$ä", 2, 2, "\"$ä\" has no meaning in a pattern"),
            ("a$D", 2, 2, "\"$D\" needs % or * after it"),
            ("$[abc]", 1, 6, "\"$[abc]\" needs % or * after it"),
            ("x$[abc", 2, 5, "the set that begins here has no end"),
            ("$[]*", 1, 3, "the set is empty"),
            ("$[z-a]*", 1, 5, "a range in this set runs backwards"),
            ("*$0x", 2, 2, "\"$0\" needs * after it"),
            ("*$1*", 2, 3, "\"$1*\" names a field that nothing to its left saves"),
            ("$@*$0*", 4, 3, "\"$0*\" names a field that nothing to its left saves"),
            ("$(192.0.2.0/24", 1, 14, "the address that begins here has no end"),
            ("$(192.0.2/24)", 1, 13, "this is no IPv4 address or network"),
            ("$(2001:db8::/32)", 1, 16, "this is no IPv4 address or network"),
            ("${192.0.2.0/24}", 1, 15, "this is no IPv6 address or network"),
            ("$(192.0.2.0/33)", 1, 15, "the number of bits must be 0 to 32"),
            ("$<192.0.2.0/>", 1, 13, "the number of bits must be 0 to 32"),
            ("${2001:db8::/129}", 1, 17, "the number of bits must be 0 to 128"),
            ("${::ffff:192.0.2.0/24}", 1, 22, "the number of bits must be 96 to 128"),
        ])
    func mistakes(pattern: String, column: Int, length: Int, message: String) throws {
        let match = PatternMatch.match(pattern: pattern, target: "x")
        let complaint = try #require(match.complaints.first)
        #expect(complaint.message == message)
        #expect(complaint.column == column)
        #expect(complaint.length == length)
        #expect(!match.matched)
    }
}
