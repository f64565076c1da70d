// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("RFC 5321 §4.2: replies")
struct ReplyTests {
    private func wire(_ reply: Reply) -> String { String(decoding: reply.wire, as: UTF8.self) }

    @Test("one line is code, status, text and CRLF")
    func oneLine() {
        let reply = Reply(550, "5.7.1", "Relaying not allowed")
        #expect(wire(reply) == "550 5.7.1 Relaying not allowed\r\n")
        #expect(reply.text == "550 5.7.1 Relaying not allowed")
        #expect(wire(Reply(354, nil, "Go ahead")) == "354 Go ahead\r\n")
    }

    @Test("several lines: a dash on all but the last, the status on each (RFC 2034 §4)")
    func lines() {
        #expect(wire(Reply(550, "5.1.1", lines: ["a", "b"])) == "550-5.1.1 a\r\n550 5.1.1 b\r\n")
        #expect(wire(Reply(250, lines: ["x", "SIZE"])) == "250-x\r\n250 SIZE\r\n")
        #expect(wire(Reply(250, lines: [])) == "250 \r\n")
        #expect(wire(Reply(250, "2.0.0", "")) == "250 2.0.0\r\n")
    }

    @Test("nothing but printable ASCII goes out, and no line end but ours")
    func printable() {
        #expect(wire(Reply(550, nil, "a\r\n250 ok\0\u{FC}")) == "550 a??250 ok???\r\n")
    }

    @Test("lines and their length are bounded")
    func bounds() {
        let reply = Reply(
            550, "5.0.0", lines: Array(repeating: String(repeating: "x", count: 1_000), count: 50))
        #expect(reply.lines.count == Reply.linesMax)
        #expect(reply.lines.allSatisfy { $0.utf8.count == Reply.lineOctetsMax })
        let longest = reply.wire.split(separator: 0x0A).map(\.count).max() ?? 0
        #expect(longest + 1 <= 512)
    }

    @Test("a code beyond 200 to 599 is a local error, a status of another class is replaced")
    func classes() {
        #expect(Reply(199, nil, "x").code == 451)
        #expect(Reply(600, nil, "x").code == 451)
        #expect(Reply(450, "5.7.1", "x").status == "4.0.0")
        #expect(Reply(550, "nonsense", "x").status == "5.0.0")
    }

    @Test("the code's first digit says what it means")
    func meaning() {
        #expect(Reply(250, nil, "").isPositive && Reply(354, nil, "").isPositive)
        #expect(Reply(450, nil, "").isTransient && !Reply(450, nil, "").isPositive)
        #expect(Reply(550, nil, "").isPermanent && !Reply(550, nil, "").isTransient)
    }

    @Test("a case's name stands at the end of the last line, however long that is")
    func naming() {
        #expect(
            wire(Reply(550, "5.7.1", lines: ["a", "b"]).naming(case: "c1"))
                == "550-5.7.1 a\r\n550 5.7.1 b (case c1)\r\n")
        let long = Reply(550, nil, String(repeating: "x", count: 480)).naming(case: "c1")
        #expect(long.lines[0].hasSuffix(" (case c1)"))
        #expect(long.lines[0].utf8.count == Reply.lineOctetsMax)
    }

    @Test(
        "a status is class 2, 4 or 5 and two numbers (RFC 3463 §2)",
        arguments: [
            ("2.0.0", true), ("5.7.123", true), ("4.999.0", true), ("3.0.0", false), ("5.7", false),
            ("5.7.1.1", false),
            ("5.7.1234", false), ("5..1", false), ("5.7.x", false), ("", false), ("55.7.1", false),
        ])
    func status(text: String, isStatus: Bool) {
        #expect(Reply.isStatus(text) == isStatus)
    }

    @Test("it survives its record")
    func coding() throws {
        let reply = Reply(550, "5.7.1", lines: ["a", "b"])
        #expect(try JSONRoundTrip.of(reply) == reply)
    }
}
