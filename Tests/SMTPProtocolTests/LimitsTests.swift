// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §4.5.3.1: sizes and limits")
struct LimitsTests {
    @Test("a command line of 2,048 octets is read, one octet more is not, and its tail is no command")
    func commandLine() {
        var visit = Visit.greeted()
        let longest = "NOOP " + String(repeating: "x", count: 2_041)
        #expect(visit.say(longest + "\r\n") == ["250 2.0.0 Ok"])
        #expect(visit.say(longest + "x\r\nNOOP\r\n") == ["500 5.5.2 Command line too long", "250 2.0.0 Ok"])
        let smuggling = String(repeating: "x", count: 2_048) + "MAIL FROM:<a@b.example>\r\n"
        #expect(visit.say(smuggling) == ["500 5.5.2 Command line too long"])
        #expect(visit.machine.envelope == nil)
    }

    @Test("a line without an end costs a bounded number of octets")
    func endlessLine() {
        var visit = Visit.greeted()
        let block = Array(repeating: UInt8(ascii: "x"), count: 4_096)
        var sent = 0
        while !visit.isClosed, sent < 1_000_000 {
            visit.say(block)
            sent += block.count
            #expect(visit.buffer.count <= 2_048)
        }
        #expect(sent <= 65_536 + 2 * 4_096)
        #expect(
            Array(visit.replies.suffix(2)) == [
                "500 5.5.2 Command line too long", "421 4.7.0 Line without an end, closing",
            ])
    }

    @Test("§4.5.3.1.8: a hundredth recipient is accepted")
    func hundredRecipients() {
        var visit = Visit.greeted()
        visit.say("MAIL FROM:<a@b.example>\r\n")
        for number in 0..<100 {
            #expect(visit.say("RCPT TO:<r\(number)@d.example>\r\n") == ["250 2.1.5 Recipient ok"])
        }
    }

    @Test("a recipient beyond the limit is answered 452 4.2.3, and those before stand")
    func recipients() {
        var limits = SMTPLimits()
        limits.recipientsMax = 3
        var visit = Visit.greeted(limits: limits)
        visit.say("MAIL FROM:<a@b.example>\r\n")
        let replies = (0..<5).flatMap { visit.say("RCPT TO:<r\($0)@d.example>\r\n") }
        #expect(
            replies.map { $0.prefix(9) } == ["250 2.1.5", "250 2.1.5", "250 2.1.5", "452 4.2.3", "452 4.2.3"])
        #expect(visit.say("DATA\r\nx\r\n.\r\n").last == "250 2.0.0 Queued")
        #expect(visit.messages.first?.envelope.recipients.count == 3)
    }

    @Test("a recipient named twice is asked about once and gets one copy")
    func sameRecipient() {
        var visit = Visit.greeted()
        visit.say(
            "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<c@D.EXAMPLE>\r\n"
                + "RCPT TO:<C@d.example>\r\n"
        )
        #expect(visit.machine.envelope?.recipients.count == 2)
        #expect(visit.asked.count { $0.hasPrefix("recipient") } == 2)
    }

    @Test("a twenty-first mistake is answered 421")
    func badCommands() {
        var visit = Visit.greeted()
        for _ in 0..<20 { #expect(visit.say("FROB\r\n") == ["500 5.5.2 Command not recognised"]) }
        #expect(visit.say("FROB\r\n") == ["421 4.7.0 Too many errors, closing"])
        #expect(visit.isClosed)
    }

    @Test("a million NOOP and RSET end after a hundred")
    func idleCommands() {
        var visit = Visit.greeted()
        var sent = 0
        while !visit.isClosed, sent < 1_000 {
            visit.say(sent.isMultiple(of: 2) ? "NOOP\r\n" : "RSET\r\n")
            sent += 1
        }
        #expect(sent == 100)
        #expect(visit.replies.last == "421 4.7.0 Too many commands without mail, closing")
    }

    @Test("an accepted message earns a client its NOOP and RSET anew")
    func idleCommandsStartAnew() {
        var visit = Visit.greeted()
        for _ in 0..<5 {
            for _ in 0..<50 { visit.say("NOOP\r\n") }
            visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nx\r\n.\r\n")
        }
        #expect(!visit.isClosed && visit.messages.count == 5)
    }

    @Test("who guesses addresses is cut off, and a temporary refusal is no guess")
    func rejectedRecipients() {
        var limits = SMTPLimits()
        limits.rejectedRecipientsMax = 3
        var visit = Visit.greeted(limits: limits) {
            guard case .askRecipient(let command) = $0 else { return nil }
            return .refused(
                command.recipient.localPart == "later"
                    ? Reply(450, "4.2.1", "Later") : Reply(550, "5.1.1", "No"))
        }
        visit.say("MAIL FROM:<a@b.example>\r\n")
        for _ in 0..<10 { visit.say("RCPT TO:<later@d.example>\r\n") }
        for _ in 0..<3 { #expect(visit.say("RCPT TO:<no@d.example>\r\n") == ["550 5.1.1 No"]) }
        #expect(
            visit.say("RCPT TO:<no@d.example>\r\n") == ["421 4.7.0 Too many rejected recipients, closing"])
    }

    @Test("transactions and commands of a session are counted")
    func sessions() {
        var limits = SMTPLimits()
        limits.transactionsMax = 2
        var visit = Visit.greeted(limits: limits)
        for _ in 0..<3 { visit.say("MAIL FROM:<a@b.example>\r\nRSET\r\n") }
        #expect(visit.replies.last == "421 4.7.0 Too many messages in one session, closing")
        limits = SMTPLimits()
        limits.commandsMax = 5
        visit = Visit.greeted(limits: limits)
        for _ in 0..<5 { visit.say("NOOP\r\n") }
        #expect(visit.replies.last == "421 4.7.0 Too many commands, closing")
    }
}
