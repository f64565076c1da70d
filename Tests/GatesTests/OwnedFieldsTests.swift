// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Gates

@Suite("Header fields that the gateway owns")
struct OwnedFieldsTests {
    private func delivered(_ text: String, from channel: String = "tcp_local") throws -> String {
        let trial = ContentTrial(text, ruleset: try Rules.make(), facts: Rules.facts(from: channel))
        let received = trial.delivered.firstRange(of: "+0000\r\n")
        let end = try #require(received?.upperBound)
        return String(trial.delivered[end...])
    }

    @Test("are removed from what comes from outside, whoever wrote them, folded lines included")
    func removed() throws {
        let text = """
            From: a@b.example\r
            X-Virus-Status: clean\r
            x-SPAM-score: -100\r
            \tcontinued\r
            X-Postern-Case: forged\r
            X-Spammer: no\r
            Subject: x\r
            X-Virus-Scanned : again\r
            \r
            X-Virus-Status: this is text\r

            """
        #expect(
            try delivered(text)
                == """
                From: a@b.example\r
                X-Spammer: no\r
                Subject: x\r
                \r
                X-Virus-Status: this is text\r

                """)
    }

    @Test("stay in what comes from inside")
    func inside() throws {
        let text = "X-Virus-Status: clean\r\nAuthentication-Results: gate.example.test; spf=pass\r\n\r\nx\r\n"
        #expect(try delivered(text, from: "tcp_intranet") == text)
    }

    @Test("a message without any of them is passed on in one piece")
    func untouched() throws {
        let trial = ContentTrial(ruleset: try Rules.make())
        #expect(trial.settlement.editions.first?.pieces.count == 2)
        #expect(try delivered(ContentTrial.plain) == ContentTrial.plain)
    }

    @Test(
        "RFC 8601 §5: Authentication-Results go where they carry our name, however it is written",
        arguments: [
            "gate.example.test; spf=pass", "GATE.Example.Test;spf=pass", "gate.example.test",
            "gate.example.test 1; none",
            "gate.example.test(comment); none", "(a (nested) \\) comment) gate.example.test; none",
            "\"gate.example.test\"; none", "\"gate\\.example.test\"; none", "gate.example.test.; none",
            "\r\n gate.example.test;\r\n spf=pass",
        ])
    func ours(value: String) throws {
        #expect(try delivered("Authentication-Results: \(value)\r\nA: b\r\n\r\n") == "A: b\r\n\r\n")
    }

    @Test(
        "those of others stay",
        arguments: [
            "mx.sender.example; spf=pass", "gate.example.tests; none", "xgate.example.test; none",
            "mx.example (gate.example.test); none", "\"gate.example.test x\"; none", "test; none",
        ])
    func others(value: String) throws {
        let text = "authentication-results: \(value)\r\nA: b\r\n\r\n"
        #expect(try delivered(text) == text)
    }

    @Test(
        "what can't be read, some other reader may read as ours",
        arguments: [
            "(gate.example.test; none", "\"gate.example.test; none", "\"x\\\"", "", "; none", "()", "\\",
        ])
    func unreadable(value: String) throws {
        let kept = value == "\\"
        let text = "Authentication-Results: \(value)\r\nA: b\r\n\r\n"
        #expect(try delivered(text) == (kept ? text : "A: b\r\n\r\n"))
    }

    @Test("a header that breaks off gets an empty line, so that nothing below it is read as a field")
    func cutShort() throws {
        for channel in ["tcp_local", "tcp_intranet"] {
            #expect(
                try delivered("A: b\r\nno field\r\nX-Virus-Status: clean\r\n\r\nx\r\n", from: channel)
                    == "A: b\r\n\r\nno field\r\nX-Virus-Status: clean\r\n\r\nx\r\n")
            #expect(try delivered(" folded onto ours?\r\n", from: channel) == "\r\n folded onto ours?\r\n")
            #expect(try delivered("just text\r\n", from: channel) == "\r\njust text\r\n")
        }
    }

    @Test("a mailbox file's From line is left out: below ours it would end the header")
    func mailboxLine() throws {
        for channel in ["tcp_local", "tcp_intranet"] {
            #expect(
                try delivered("From a@b Mon Oct 26 00:00:00 2026\r\nA: b\r\n\r\nx\r\n", from: channel)
                    == "A: b\r\n\r\nx\r\n")
        }
    }

    @Test("messages of nothing stay what they are", arguments: ["", "\r\n", "A: b", "A: b\r\n"])
    func empty(text: String) throws {
        #expect(try delivered(text) == text)
        #expect(try delivered(text, from: "tcp_intranet") == text)
    }
}
