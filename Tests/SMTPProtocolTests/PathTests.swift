// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §4.1.2: paths and addresses")
struct PathTests {
    private func parse(_ text: String) -> Path {
        var scanner = LineScanner(Array(text.utf8))
        let path = Path.parse(&scanner)
        if case .malformed = path { return path }
        return scanner.isAtEnd ? path : .malformed("octets behind the path")
    }

    private func expect(_ text: String, _ localPart: String, _ domain: String) {
        #expect(parse(text) == .mailbox(Address(localPart: localPart, domain: domain)), "\(text)")
    }

    @Test("dot-strings keep their case and every atom character")
    func dotStrings() {
        expect("<a@b.example>", "a", "b.example")
        expect("<John.Q.Public@B.Example>", "John.Q.Public", "B.Example")
        expect("<!#$%&'*+-/=?^_`{|}~@b.example>", "!#$%&'*+-/=?^_`{|}~", "b.example")
        expect("<a@b>", "a", "b")
        expect("<a@xn--bcher-kva.example>", "a", "xn--bcher-kva.example")
        expect("<a@my_host.example>", "a", "my_host.example")
    }

    @Test("quoted local parts keep their quotes, spaces and escaped characters")
    func quotedStrings() {
        expect(#"<"a b"@c.example>"#, #""a b""#, "c.example")
        expect(#"<"a@b"@c.example>"#, #""a@b""#, "c.example")
        expect(#"<"a\"b\\"@c.example>"#, #""a\"b\\""#, "c.example")
        expect(#"<""@c.example>"#, #""""#, "c.example")
        expect(#"<"> SIZE=1"@c.example>"#, #""> SIZE=1""#, "c.example")
    }

    @Test("address literals are IPv4 or IPv6")
    func literals() {
        expect("<a@[192.0.2.1]>", "a", "[192.0.2.1]")
        expect("<a@[IPv6:2001:db8::1]>", "a", "[IPv6:2001:db8::1]")
        for text in [
            "<a@[]>", "<a@[192.0.2]>", "<a@[192.0.2.256]>", "<a@[2001:db8::1]>", "<a@[IPv6:192.0.2.1]>",
            "<a@[IPv6:xyz]>", "<a@[tag:x]>", "<a@[192.0.2.1>", "<a@[192.0.2.1].example>",
        ] {
            guard case .malformed = parse(text) else {
                Issue.record("\(text) was read")
                continue
            }
        }
    }

    @Test("source routes are accepted and ignored")
    func routes() {
        expect("<@one.example:a@b.example>", "a", "b.example")
        expect("<@one.example,@two.example:a@b.example>", "a", "b.example")
    }

    @Test("the empty path is the null sender")
    func null() { #expect(parse("<>") == .null) }

    @Test(
        "what is no path",
        arguments: [
            "", "a@b.example", "<", "<a", "<a@", "<a@b.example", "<@b.example>", "<a@@b.example>",
            "<a@b@c.example>",
            "<.a@b.example>", "<a.@b.example>", "<a..b@c.example>", "<a b@c.example>", "<a@b..example>",
            "<a@.example>", "<a@b.example.>", "<a@-b.example>", "<a@b-.example>", "<a@b.exa mple>",
            "<a@b.example>>",
            "<<a@b.example>>", "<a,b@c.example>", "<\"a@b.example>", "<\"a\"b@c.example>", "<\"a\\>",
            "<@:a@b.example>",
            "<@one.example a@b.example>", "<@one.example,:a@b.example>", "<root>", "< a@b.example>",
            "<a@b.example >",
            "<a@b/c>", "<a@b|c>", "<(x)a@b.example>", "<\"postmaster\">",
        ])
    func malformed(_ text: String) {
        guard case .malformed(let reason) = parse(text) else {
            Issue.record("\(text) was read")
            return
        }
        #expect(!reason.isEmpty)
    }

    @Test("RFC 5321 §4.5.3.1: 64 octets of local part and 254 in all are taken, 255 are not")
    func lengths() {
        let label = String(repeating: "d", count: 63)
        let local = String(repeating: "l", count: 64)
        expect("<\(local)@\(label).example>", local, "\(label).example")
        guard case .malformed = parse("<a@\(label)d.example>") else {
            Issue.record("a label of 64 octets was read")
            return
        }
        let domain = "\(label).\(label).\(label)"
        let rest = String(repeating: "l", count: Address.octetsMax - 1 - domain.utf8.count)
        expect("<\(rest)@\(domain)>", rest, domain)
        guard case .malformed("the address is too long") = parse("<\(rest)l@\(domain)>") else {
            Issue.record("an address of 255 octets was read")
            return
        }
    }

    @Test("only an address that would be read back as itself is carried")
    func carriable() {
        #expect(Path.canCarry(Address(localPart: "a", domain: "b.example")))
        #expect(Path.canCarry(Address(localPart: "postmaster", domain: "")))
        #expect(Path.canCarry(Address(localPart: "\"a b\"", domain: "[192.0.2.1]")))
        for (local, domain) in [
            ("a\r\nDATA", "b.example"), ("a", "b.example\r\nRSET"), ("a>", "b.example"), ("a", "b> SIZE=1"),
            ("", "b"),
            ("a", ""), ("a b", "c.example"), ("ä", "b.example"), ("a", "b.example\0"), ("@x:a", "b.example"),
        ] {
            #expect(!Path.canCarry(Address(localPart: local, domain: domain)), "\(local)@\(domain)")
        }
    }
}
