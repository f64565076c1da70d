// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §4.1.4: order of commands")
struct OrderOfCommandsTests {
    @Test("the connection gate is asked before the greeting")
    func greeting() {
        let visit = Visit()
        #expect(visit.asked == ["connection"])
        #expect(visit.replies == ["220 mx.example.net ESMTP Postern"])
    }

    @Test("a client refused in the greeting hears 503 to everything but QUIT")
    func turnedAway() {
        var visit = Visit { $0 == .askConnection ? .refused(Reply(554, "5.7.1", "No")) : nil }
        #expect(visit.replies == ["554 5.7.1 No"])
        #expect(visit.say("EHLO a.example\r\n") == ["503 5.5.1 You are not welcome here: say QUIT"])
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["503 5.5.1 You are not welcome here: say QUIT"])
        #expect(visit.machine.secondsMax == 10)
        #expect(visit.say("QUIT\r\n") == ["221 2.0.0 Bye"])
        #expect(visit.isClosed && visit.asked == ["connection"])
    }

    @Test("a client refused for now is told so and the connection is closed")
    func refusedForNow() {
        let visit = Visit { $0 == .askConnection ? .refused(Reply(421, "4.7.0", "Later")) : nil }
        #expect(visit.replies == ["421 4.7.0 Later"])
        #expect(visit.isClosed)
    }

    @Test("a whole transaction, then another one")
    func transactions() {
        var visit = Visit.greeted()
        for _ in 0..<2 {
            #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["250 2.1.0 Sender ok"])
            #expect(visit.say("RCPT TO:<c@d.example>\r\n") == ["250 2.1.5 Recipient ok"])
            #expect(visit.say("DATA\r\n") == ["354 Send the message, end with <CRLF>.<CRLF>"])
            #expect(visit.say("Subject: x\r\n\r\nhello\r\n.\r\n") == ["250 2.0.0 Queued"])
        }
        #expect(visit.say("QUIT\r\n") == ["221 2.0.0 Bye"])
        #expect(
            visit.messages.map(\.content)
                == Array(repeating: Array("Subject: x\r\n\r\nhello\r\n".utf8), count: 2))
        let recipient = Address(localPart: "c", domain: "d.example")
        #expect(visit.messages.map(\.envelope.recipients) == [[recipient], [recipient]])
        #expect(visit.machine.transactions == 2)
    }

    @Test(
        "before EHLO or HELO a transaction can't begin",
        arguments: ["MAIL FROM:<a@b.c>", "RCPT TO:<a@b.c>", "DATA"])
    func helloFirst(_ command: String) {
        var visit = Visit()
        #expect(visit.say(command + "\r\n") == ["503 5.5.1 Say EHLO first"])
    }

    @Test("NOOP, HELP, VRFY, RSET and QUIT are answered before EHLO")
    func withoutHello() {
        var visit = Visit()
        let replies = visit.say("NOOP\r\nHELP\r\nVRFY a\r\nRSET\r\nQUIT\r\n")
        #expect(replies.map { $0.prefix(3) } == ["250", "214", "252", "250", "221"])
    }

    @Test("RCPT and DATA need a MAIL, and a second MAIL needs an end of the first")
    func mailFirst() {
        var visit = Visit.greeted()
        #expect(
            visit.say("RCPT TO:<a@b.example>\r\nDATA\r\n")
                == Array(repeating: "503 5.5.1 Say MAIL first", count: 2))
        visit.say("MAIL FROM:<a@b.example>\r\n")
        #expect(
            visit.say("MAIL FROM:<x@y.example>\r\n") == [
                "503 5.5.1 A transaction is open: finish it, or say RSET"
            ])
        #expect(visit.machine.envelope?.sender == Address(localPart: "a", domain: "b.example"))
    }

    @Test("DATA after every recipient was rejected answers 554, and the sender stands")
    func everyoneRejected() {
        var visit = Visit.greeted {
            if case .askRecipient(let command) = $0, command.recipient.localPart == "no" {
                return .refused(Reply(550, "5.1.1", "Nobody here"))
            }
            return nil
        }
        visit.say("MAIL FROM:<a@b.example>\r\n")
        #expect(
            visit.say("RCPT TO:<no@d.example>\r\nDATA\r\n") == [
                "550 5.1.1 Nobody here", "554 5.5.1 No valid recipients",
            ])
        #expect(visit.say("RCPT TO:<yes@d.example>\r\n") == ["250 2.1.5 Recipient ok"])
        #expect(visit.asked.count { $0.hasPrefix("sender") } == 1)
    }

    @Test("a rejected sender leaves no transaction")
    func senderRejected() {
        var visit = Visit.greeted {
            if case .askSender = $0 { .refused(Reply(450, "4.7.1", "Later")) } else { nil }
        }
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["450 4.7.1 Later"])
        #expect(visit.machine.envelope == nil)
        #expect(visit.say("RCPT TO:<c@d.example>\r\n") == ["503 5.5.1 Say MAIL first"])
    }

    @Test(
        "RSET and a second EHLO forget the transaction",
        arguments: ["RSET", "EHLO again.example", "HELO again.example"])
    func forgets(_ command: String) {
        var visit = Visit.greeted()
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")
        visit.say(command + "\r\n")
        #expect(visit.machine.envelope == nil)
        #expect(visit.say("DATA\r\n") == ["503 5.5.1 Say MAIL first"])
    }

    @Test("a mistake leaves the transaction as it is")
    func mistake() {
        var visit = Visit.greeted()
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:oops\r\nFROB\r\nEHLO\r\n")
        #expect(visit.machine.envelope?.recipients.count == 1)
    }

    @Test("content may be refused before 354, and its lines are never asked for")
    func contentRefused() {
        var visit = Visit.greeted { $0 == .askContent ? .refused(Reply(452, "4.3.1", "Disk full")) : nil }
        let replies = visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        #expect(replies.last == "452 4.3.1 Disk full")
        #expect(visit.say("RCPT TO:<c@d.example>\r\n") == ["503 5.5.1 Say MAIL first"])
    }

    @Test("the caller can give content up on its way, and the rest is read to the end")
    func contentGivenUp() {
        var visit = Visit.greeted()
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nfirst\r\n")
        visit.machine.refuseContent(Reply(451, "4.3.0", "Draft lost"))
        #expect(visit.say("QUIT\r\nsecond\r\n.\r\nNOOP\r\n") == ["451 4.3.0 Draft lost", "250 2.0.0 Ok"])
        #expect(visit.messages.isEmpty)
    }

    @Test("421 from a gate ends the session")
    func closingAnswer() {
        var visit = Visit.greeted {
            if case .askRecipient = $0 { .refused(Reply(421, "4.7.0", "Go away")) } else { nil }
        }
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nNOOP\r\n")
        #expect(visit.replies.last == "421 4.7.0 Go away")
        #expect(visit.isClosed)
    }

    @Test("a refusal is never a yes, whatever its code says")
    func positiveRefusal() {
        var visit = Visit.greeted {
            if case .askRecipient = $0 { .refused(Reply(250, "2.1.5", "Sure")) } else { nil }
        }
        visit.say("MAIL FROM:<a@b.example>\r\n")
        #expect(visit.say("RCPT TO:<c@d.example>\r\n") == ["451 4.3.0 Local error, try again later"])
        #expect(visit.machine.envelope?.recipients == [])
    }

    @Test("what was pipelined after QUIT stays unread")
    func behindQuit() {
        var visit = Visit.greeted()
        #expect(visit.say("QUIT\r\nMAIL FROM:<a@b.example>\r\n") == ["221 2.0.0 Bye"])
        #expect(!visit.asked.contains { $0.hasPrefix("sender") })
        var consumed = 0
        let step = Array("NOOP\r\n".utf8).withUnsafeBytes { visit.machine.receive($0, consumed: &consumed) }
        #expect(step == .needMore && consumed == 6)
    }

    @Test("time-out and shutdown are said with 421")
    func farewell() {
        var visit = Visit.greeted()
        #expect(visit.machine.secondsMax == 300)
        #expect(visit.machine.timedOut() == .close(Reply(421, "4.4.2", "Timeout, closing")))
        #expect(visit.machine.isClosed && visit.machine.secondsMax == nil)
        var other = Visit.greeted()
        #expect(
            other.machine.shuttingDown()
                == .close(Reply(421, "4.3.2", "Service shutting down, try again later")))
    }

    @Test(
        "no order of commands reaches content without an admitted recipient",
        arguments: 0..<200 as Range<UInt64>)
    func everyOrder(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var limits = SMTPLimits()
        limits.badCommandsMax = .max
        limits.idleCommandsMax = .max
        limits.rejectedRecipientsMax = .max
        var visit = Visit.greeted(limits: limits, offersTLS: true) {
            switch $0 {
            case .askSender(let mail) where mail.sender == nil: .refused(Reply(550, "5.7.1", "No"))
            case .askRecipient(let command) where command.recipient.localPart == "no":
                .refused(Reply(550, "5.1.1", "No"))
            default: nil
            }
        }
        let commands = [
            "EHLO a.example", "HELO a.example", "MAIL FROM:<a@b.example>", "MAIL FROM:<>", "MAIL FROM:<oops",
            "RCPT TO:<no@d.example>", "RCPT TO:<yes@d.example>", "RCPT TO:<>", "DATA", "DATA", "RSET", "NOOP",
            "STARTTLS", "VRFY a", "hello", ".",
        ]
        var admitted = 0
        var hasTransaction = false
        for _ in 0..<400 {
            let command = commands.randomElement(using: &numbers) ?? "NOOP"
            let reply = visit.say(command + "\r\n").last ?? ""
            let isGood = reply.hasPrefix("2")
            switch command.prefix(4) {
            case "EHLO", "HELO", "RSET", "STAR": if isGood { (hasTransaction, admitted) = (false, 0) }
            case "MAIL": if isGood { (hasTransaction, admitted) = (true, 0) }
            case "RCPT": if isGood { admitted += 1 }
            case "DATA":
                #expect(reply.hasPrefix("354") == (hasTransaction && admitted > 0), "seed \(seed)")
                guard reply.hasPrefix("354") else { continue }
                visit.say("x\r\n.\r\n")
                (hasTransaction, admitted) = (false, 0)
            default: break
            }
        }
        #expect(visit.messages.allSatisfy { !$0.envelope.recipients.isEmpty && $0.envelope.sender != nil })
        #expect(!visit.isClosed)
    }
}
