// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §4.1.1: grammar of commands")
struct CommandGrammarTests {
    private func parse(_ line: String) -> Command { Command.parse(Array(line.utf8)) }

    private func code(_ line: String) -> Int? {
        switch parse(line) {
        case .malformed(let reply), .notOffered(let reply): reply.code
        default: nil
        }
    }

    @Test("verbs are read in any case, and trailing spaces are tolerated")
    func verbs() {
        #expect(parse("data") == .data)
        #expect(parse("DaTa  ") == .data)
        #expect(parse("rset") == .reset)
        #expect(parse("NOOP anything at all") == .noop)
        #expect(parse("help me") == .help)
        #expect(parse("VRFY someone") == .verify)
        #expect(parse("quit") == .quit)
        #expect(parse("StartTLS") == .startTLS)
        #expect(parse("BDAT 12 LAST") == .chunk)
        for line in [
            "GET / HTTP/1.1", "POST /x HTTP/1.0", "PUT / HTTP/1.1", "HEAD /", "CONNECT a:25", "OPTIONS *",
        ] {
            #expect(parse(line) == .http)
        }
    }

    @Test("what is not offered is answered 502", arguments: ["EXPN list", "ETRN x", "AUTH PLAIN AGEAYg=="])
    func notOffered(_ line: String) {
        var visit = Visit.greeted()
        #expect(visit.say(line + "\r\n").first?.hasPrefix("502 5.5.1 ") == true)
    }

    @Test(
        "what is no command is answered 500",
        arguments: [
            "", " ", "FROB", "MAILFROM:<a@b.c>", "MA IL", "DATA2", "RSETRSETRSETRSET", "*", "DATA\t",
            "NO\0OP", "\u{7F}",
        ])
    func unknown(_ line: String) {
        #expect(code(line) == 500)
    }

    @Test("an argument where none belongs, or none where one does, is answered 501")
    func arguments() {
        for line in ["DATA now", "RSET x", "QUIT x", "STARTTLS x", "VRFY", "EHLO", "HELO  "] {
            #expect(code(line) == 501)
        }
    }

    @Test("HELO and EHLO take a domain, a literal, or a plain token")
    func hello() {
        for name in ["mx.example.org", "[192.0.2.1]", "[IPv6:2001:db8::1]", "WIN_PC-3", "localhost", "a.b."] {
            #expect(parse("EHLO \(name)") == .hello(name: name, isExtended: true))
            #expect(parse("HELO \(name)") == .hello(name: name, isExtended: false))
        }
        let longest = String(repeating: "a", count: 255)
        #expect(parse("HELO \(longest)") == .hello(name: longest, isExtended: false))
        for name in ["a b", "a@b", "<a>", "a/b", "$(x)", "a|b", "a;b", "'a'", "é", longest + "a"] {
            #expect(code("EHLO \(name)") == 501)
        }
    }

    @Test("MAIL takes a path, SIZE and BODY")
    func mail() {
        let sender = Address(localPart: "a", domain: "b.example")
        #expect(parse("MAIL FROM:<a@b.example>") == .mail(MailCommand(sender: sender)))
        #expect(parse("mail from: <a@b.example>") == .mail(MailCommand(sender: sender)))
        #expect(parse("MAIL FROM:<>") == .mail(MailCommand(sender: nil)))
        #expect(
            parse("MAIL FROM:<a@b.example> size=12 body=8bitmime")
                == .mail(MailCommand(sender: sender, declaredOctets: 12, isEightBit: true)))
        #expect(parse("MAIL FROM:<> BODY=7BIT") == .mail(MailCommand(sender: nil)))
        #expect(
            parse("MAIL FROM:<> SIZE=99999999999999999999")
                == .mail(MailCommand(sender: nil, declaredOctets: .max)))
    }

    @Test("what MAIL must not be")
    func malformedMail() {
        for line in [
            "MAIL", "MAIL a@b.example", "MAIL FROM a@b.example", "MAIL FROM:a@b.example",
            "MAIL FROM :<a@b.example>",
            "MAIL FROM:<a@b.example", "MAIL FROM:<a@b.example>SIZE=1", "MAIL FROM:<a@b.example>x",
            "MAIL FROM:<a>",
            "MAIL FROM:<postmaster>", "MAIL FROM:<> SIZE", "MAIL FROM:<> SIZE=", "MAIL FROM:<> SIZE=-1",
            "MAIL FROM:<> SIZE=1x", "MAIL FROM:<> SIZE=999999999999999999999", "MAIL FROM:<> SIZE=1 SIZE=2",
            "MAIL FROM:<> BODY", "MAIL FROM:<> BODY=BINARYMIME", "MAIL FROM:<> =1", "MAIL FROM:<> -A=1",
            "MAIL FROM:<> A=b=c", "MAIL FROM:<> <>",
        ] {
            #expect(code(line) == 501, "\(line)")
        }
    }

    @Test("a parameter of an extension that is not offered is answered 555")
    func unknownParameters() {
        for line in [
            "MAIL FROM:<> SMTPUTF8", "MAIL FROM:<> X=1", "RCPT TO:<a@b.example> SIZE=1",
        ] {
            #expect(code(line) == 555, "\(line)")
        }
        let many = (0..<17).map { " X\($0)=1" }.joined()
        #expect(code("MAIL FROM:<>" + many) == 501)
    }

    @Test("RCPT takes a path, and postmaster alone in any case")
    func recipient() {
        #expect(
            parse("RCPT TO:<a@b.example>")
                == .recipient(RecipientCommand(recipient: Address(localPart: "a", domain: "b.example"))))
        #expect(
            parse("rcpt to:<PostMaster>")
                == .recipient(RecipientCommand(recipient: Address(localPart: "PostMaster", domain: ""))))
        for line in [
            "RCPT", "RCPT TO:", "RCPT TO:<>", "RCPT TO:<root>", "RCPT FROM:<a@b.example>",
            "RCPT TO:a@b.example",
        ] {
            #expect(code(line) == 501, "\(line)")
        }
    }

    @Test("CR, LF, NUL, control and 8-bit octets never reach an argument")
    func hostileOctets() {
        for octet in Array(0x00...0x1F as ClosedRange<UInt8>) + [0x7F] {
            let line = Array("MAIL FROM:<a".utf8) + [octet] + Array("@b.example>".utf8)
            #expect(Command.parse(line) == .malformed(.controlCharacter))
        }
        for octet in 0x80...0xFF as ClosedRange<UInt8> {
            #expect(
                Command.parse(Array("RCPT TO:<a".utf8) + [octet] + Array("@b>".utf8))
                    == .malformed(.eightBitAddress))
            #expect(Command.parse(Array("EHLO a".utf8) + [octet]) == .malformed(.eightBitArgument))
            #expect(Command.parse([octet]) == .malformed(.unknownCommand))
        }
    }

    @Test("only CRLF ends a line, and a line with a bare CR or LF is refused as a whole")
    func lineEnds() {
        var visit = Visit.greeted()
        #expect(
            visit.say("NOOP\nMAIL FROM:<a@b.example>\r\n") == [
                "500 5.5.2 Bare LF: a command line ends with CRLF"
            ])
        #expect(
            visit.say("NOOP\rMAIL FROM:<a@b.example>\r\n") == [
                "500 5.5.2 Bare CR: a command line ends with CRLF"
            ])
        #expect(visit.say("\nNOOP\n\r\n") == ["500 5.5.2 Bare LF: a command line ends with CRLF"])
        #expect(visit.say("NOOP\r\r\n") == ["500 5.5.2 Bare CR: a command line ends with CRLF"])
        #expect(visit.say("NOOP\r\n") == ["250 2.0.0 Ok"])
        #expect(visit.machine.envelope == nil)
    }

    @Test("HTTP ends the session at once")
    func http() {
        var visit = Visit()
        let replies = visit.say(
            "POST / HTTP/1.1\r\nHost: x\r\n\r\nEHLO a.example\r\nMAIL FROM:<a@b.example>\r\n")
        #expect(replies == ["500 5.5.1 HTTP is not spoken here, closing"])
        #expect(visit.isClosed)
    }
}
