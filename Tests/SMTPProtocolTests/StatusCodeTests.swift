// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 2034: enhanced status codes")
struct StatusCodeTests {
    @Test("every reply but the greeting, EHLO, HELO and 354 has a status of its code's class")
    func everyReply() {
        var visit = Visit.greeted(offersTLS: true) {
            if case .askRecipient(let command) = $0, command.recipient.localPart == "no" {
                return .refused(Reply(550, "5.1.1", "Nobody here"))
            }
            return nil
        }
        let commands = [
            "NOOP", "RSET", "HELP", "VRFY a", "VRFY", "EXPN a", "ETRN a", "AUTH PLAIN", "FROB", "DATA",
            "RCPT TO:<a@b.example>",
            "MAIL FROM:oops", "MAIL FROM:<\u{E9}@b.example>", "MAIL FROM:<> X=1",
            "MAIL FROM:<> SIZE=99999999",
            "MAIL FROM:<a@b.example>", "MAIL FROM:<a@b.example>", "RCPT TO:<no@b.example>",
            "RCPT TO:<c@d.example>",
            "DATA x", "EHLO (", "STARTTLS",
        ]
        for command in commands {
            guard let reply = visit.say(command + "\r\n").last else {
                Issue.record("no reply to \(command)")
                continue
            }
            let words = reply.split(separator: " ")
            #expect(words.count > 2 && Reply.isStatus(String(words[1])), "\(command): \(reply)")
            #expect(words[0].first == words[1].first, "\(command): \(reply)")
        }
        #expect(!visit.isClosed)
    }

    @Test("HELO is answered in one line without extensions")
    func hello() {
        var visit = Visit()
        #expect(visit.say("HELO a.example\r\n") == ["250 mx.example.net"])
        #expect(!visit.machine.isExtended && visit.machine.protocolName == "SMTP")
    }
}
