// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("RFC 5322 §3.4: addresses in header fields")
struct AddressListTests {
    private func parse(_ body: String) -> AddressList { AddressList.parse(Array(body.utf8)) }
    private func texts(_ body: String) -> [String] { parse(body).addresses.map(\.text) }
    private func one(_ display: String, _ localPart: String, _ domain: String) -> [HeaderAddress] {
        [HeaderAddress(display: display, localPart: localPart, domain: domain)]
    }

    @Test(
        "one mailbox in its forms (appendix A.1)",
        arguments: [
            ("john.q@example.com", HeaderAddress(localPart: "john.q", domain: "example.com")),
            (
                "John Doe <jdoe@machine.example>",
                .init(display: "John Doe", localPart: "jdoe", domain: "machine.example")
            ),
            ("\"Joe Q. Public\" <a@b.c>", .init(display: "Joe Q. Public", localPart: "a", domain: "b.c")),
            (
                "\"Giant; \\\"Big\\\" Box\" <b@x.net>",
                .init(display: "Giant; \"Big\" Box", localPart: "b", domain: "x.net")
            ),
            ("<boss@nil.test>", .init(localPart: "boss", domain: "nil.test")),
            ("a@[192.0.2.1]", .init(localPart: "a", domain: "[192.0.2.1]")),
            ("\"quoted @ local\"@x.org", .init(localPart: "quoted @ local", domain: "x.org")),
            (
                "=?utf-8?Q?J=C3=BCrgen?= M. <j@x.org>",
                .init(display: "Jürgen M.", localPart: "j", domain: "x.org")
            ),
            (
                "jdoe@x.org (John (J.) Doe)",
                .init(display: "John (J.) Doe", localPart: "jdoe", domain: "x.org")
            ),
            ("postmaster", .init(localPart: "postmaster", domain: "")),
            ("J\u{FC}rgen@m\u{FC}nchen.example", .init(localPart: "Jürgen", domain: "münchen.example")),
            ("<>", .init(localPart: "", domain: "")),
        ])
    func mailbox(body: String, address: HeaderAddress) {
        #expect(parse(body).addresses == [address])
        #expect(parse(body).defects.isEmpty)
    }

    @Test("a list is divided at commas outside quotes and comments")
    func list() {
        #expect(texts("\"a, b\" <c@d>, e@f (g, h), <i@j>,k@l") == ["c@d", "e@f", "i@j", "k@l"])
    }

    @Test("a group's members are listed under its name; an empty group has none (appendix A.1.3)")
    func groups() {
        let list = parse("A Group:Ed <e@e.test>,joe@where.test; x@y, Undisclosed recipients:;")
        #expect(list.addresses.map(\.text) == ["e@e.test", "joe@where.test", "x@y"])
        #expect(list.addresses.map(\.group) == ["A Group", "A Group", nil])
        #expect(list.defects.isEmpty)
    }

    @Test("blanks, comments and folding may stand anywhere (appendix A.5)")
    func comments() {
        let body = "Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"
        #expect(parse(body).addresses == one("Pete", "pete", "silly.test"))
        #expect(parse("(c) <(d) a (e) @ (f) b . (g) c > (h)").addresses.map(\.text) == ["a@b.c"])
        #expect(parse(body).defects.isEmpty)
    }

    @Test(
        "obsolete: routes are skipped, empty elements are nothing, dots may stand apart (§4.4, appendix A.6)")
    func obsolete() {
        #expect(
            texts("Mary <@machine.tld,@b.test:mary@example.net>, , jdoe@test   . example") == [
                "mary@example.net", "jdoe@test.example",
            ])
        #expect(texts("john . q @ example . com") == ["john.q@example.com"])
        #expect(texts("\"a b\".c@d") == ["a b.c@d"])
        #expect(parse("<@a,@b:c@d>").defects.isEmpty)
    }

    @Test(
        "what is nearly an address is read, and named",
        arguments: [
            ("a@example.org <b@example.net>", ["b@example.net"], false),
            ("<a@b> <c@d>", ["a@b", "c@d"], true),
            ("<a@b, c@d", ["a@b", "c@d"], true),
            ("John Doe@example.org", ["Doe@example.org"], true),
            ("a@b c@d, e@f", ["a@b", "e@f"], true),
            ("a@b;c@d", ["a@b", "c@d"], true),
            ("group: a@b", ["a@b"], true),
        ] as [(String, [String], Bool)])
    func lenient(body: String, expected: [String], isBroken: Bool) {
        #expect(texts(body) == expected)
        #expect(parse(body).defects == (isBroken ? [.brokenAddress] : []))
    }

    @Test(
        "what is no address is left out, and named",
        arguments: [
            "John Doe", "@", "@b", "<@b>", "<@a:>", ">", ")", "]", "<", "\"", "(", "::", "a@", "<a b", "[x]",
        ])
    func broken(body: String) {
        let list = parse(body + ", ok@example.org")
        #expect(list.defects == [.brokenAddress])
        #expect(!list.addresses.contains { $0.domain == "b" })
    }

    @Test("addresses beyond addressesMax aren't listed")
    func limit() {
        let list = parse(String(repeating: "a@b,", count: 100_000))
        #expect(list.addresses.count == MessageLimits().addressesMax)
        #expect(list.defects == [.tooManyAddresses])
    }

    @Test(
        "a hundred thousand of any special end",
        arguments: [
            "(", ")", "<", ">", "\"", "[", "]", ":", ";", "@", ",", "\\", ".", "<@", "a ", "a@", "=?", "\0",
        ])
    func floods(special: String) {
        let list = parse(String(repeating: special, count: 100_000))
        #expect(list.addresses.count <= MessageLimits().addressesMax)
    }
}
