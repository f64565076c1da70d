// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("Limits of a session and of a transaction, with their documented replies")
struct SessionLimitsTests {
    private static func visit(
        _ set: (inout SMTPLimits) -> Void,
        judge: @escaping @Sendable (ReceivingStep) -> ReceivingAnswer? = { _ in nil }
    ) -> Visit {
        var limits = SMTPLimits()
        set(&limits)
        return Visit.greeted(limits: limits, judge: judge)
    }

    private static let message = "MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nx\r\n.\r\n"

    @Sendable private static func refuseNo(_ step: ReceivingStep) -> ReceivingAnswer? {
        guard case .askRecipient(let command) = step, command.recipient.localPart == "no" else { return nil }
        return .refused(Reply(550, "5.1.1", "No"))
    }

    @Test("recipientlimit: 452 4.2.3")
    func recipients() {
        var visit = Self.visit { $0.recipientsMax = 1 }
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")
        #expect(visit.say("RCPT TO:<e@d.example>\r\n") == ["452 4.2.3 Too many recipients specified"])
    }

    @Test("recipientcutoff: the whole message is put off at DATA with 451 4.4.5, rejected recipients counted")
    func cutoff() {
        var visit = Self.visit({ $0.recipientsCutoff = 2 }, judge: Self.refuseNo)
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<no@d.example>\r\n")
        #expect(visit.say("RCPT TO:<e@d.example>\r\n") == ["250 2.1.5 Recipient ok"])
        #expect(visit.say("DATA\r\n") == ["451 4.4.5 Error ending envelope: too many recipients"])
        #expect(visit.machine.envelope == nil && !visit.asked.contains("content"))
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\n")
        #expect(visit.say("DATA\r\n").first?.hasPrefix("354 ") == true)
    }

    @Test("transactionlimit: 450 4.5.3, and the session goes on")
    func transactions() {
        var visit = Self.visit { $0.transactionsBeforeDeferralMax = 2 }
        visit.say(Self.message + Self.message)
        #expect(visit.messages.count == 2)
        #expect(
            visit.say("MAIL FROM:<a@b.example>\r\n") == [
                "450 4.5.3 Number of transactions exceeds allowed maximum"
            ])
        #expect(!visit.isClosed && visit.say("NOOP\r\n") == ["250 2.0.0 Ok"])
    }

    @Test(
        "disconnecttransactionlimit: 450 4.7.0 at MAIL or RSET, then the session ends",
        arguments: ["MAIL FROM:<a@b.example>", "RSET"])
    func transactionsOfSession(_ command: String) {
        var visit = Self.visit { $0.transactionsOfSessionMax = 1 }
        visit.say("RSET\r\n" + Self.message)
        #expect(
            visit.say(command + "\r\n") == ["450 4.7.0 Session transaction limit reached; disconnecting"])
        #expect(visit.isClosed)
    }

    @Test("disconnectrecipientlimit counts every recipient that was named in the session")
    func recipientsOfSession() {
        var visit = Self.visit({ $0.recipientsOfSessionMax = 3 }, judge: Self.refuseNo)
        visit.say(Self.message)
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<no@d.example>\r\nRCPT TO:<c@d.example>\r\n")
        #expect(!visit.isClosed)
        #expect(visit.say("RSET\r\n") == ["450 4.7.0 Session recipient limit reached; disconnecting"])
        #expect(visit.isClosed)
    }

    @Test("disconnectrejectlimit counts those rejected")
    func rejectionsOfSession() {
        var visit = Self.visit({ $0.rejectionsOfSessionMax = 2 }, judge: Self.refuseNo)
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<no@d.example>\r\nRCPT TO:<no@d.example>\r\n")
        #expect(
            visit.say("RSET\r\n") == ["450 4.7.0 Session rejected recipient limit reached; disconnecting"])
        #expect(visit.isClosed)
    }

    @Test("deferralrejectlimit: after so many rejected recipients all others are put off, good or bad")
    func deferral() {
        var visit = Self.visit({ $0.rejectionsBeforeDeferralMax = 2 }, judge: Self.refuseNo)
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")
        for _ in 0..<2 { #expect(visit.say("RCPT TO:<no@d.example>\r\n") == ["550 5.1.1 No"]) }
        let later = ["450 4.7.1 Too many rejected recipients: try again later"]
        #expect(visit.say("RCPT TO:<no@d.example>\r\n") == later)
        #expect(visit.say("RCPT TO:<e@d.example>\r\n") == later)
        #expect(visit.say("DATA\r\nx\r\n.\r\n").last == "250 2.0.0 Queued")
        #expect(visit.messages.first?.envelope.recipients.map(\.localPart) == ["c"])
    }

    @Test("limits and offers may change between commands; what was used up stays used up")
    func changed() {
        var visit = Visit.greeted()
        visit.say(Self.message)
        visit.machine.limits.transactionsBeforeDeferralMax = 1
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n").first?.hasPrefix("450 4.5.3 ") == true)
        visit.machine.offers.sizeOctetsMax = 1_000
        visit.say("EHLO a.example\r\n")
        #expect(visit.replies.last?.contains("SIZE 1000 ") == true)
    }

    @Test("a transaction may be narrowed by its sender's judge, and the next one is as wide as before")
    func narrowed() {
        var visit = Visit.greeted()
        func begin() -> ReceivingStep {
            var consumed = 0
            return Array("MAIL FROM:<a@b.example>\r\n".utf8).withUnsafeBytes {
                visit.machine.receive($0, consumed: &consumed)
            }
        }
        #expect(begin() == .askSender(MailCommand(sender: Address(localPart: "a", domain: "b.example"))))
        visit.machine.narrow(to: TransactionLimits(octetsMax: 10, recipientsMax: 1, recipientsCutoff: 5))
        #expect(visit.machine.answer(.admitted) == .reply(Reply(250, "2.1.0", "Sender ok")))
        visit.say("RCPT TO:<c@d.example>\r\n")
        #expect(visit.say("RCPT TO:<e@d.example>\r\n").first?.hasPrefix("452 4.2.3 ") == true)
        #expect(
            visit.say("DATA\r\n01234567890\r\n.\r\n").last == "552 5.3.4 Message too big: at most 10 octets")
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\n")
        #expect(visit.say("DATA\r\n01234567890\r\n.\r\n").last == "250 2.0.0 Queued")
    }

    @Test("a refusal may end the session with its own reply")
    func dismissed() {
        var visit = Visit.greeted {
            if case .askRecipient = $0 { .dismissed(Reply(550, "5.7.1", "Go")) } else { nil }
        }
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nNOOP\r\n")
        #expect(visit.replies.last == "550 5.7.1 Go" && visit.isClosed)
        let turned = Visit { $0 == .askConnection ? .dismissed(Reply(554, "5.7.1", "Go")) : nil }
        #expect(turned.replies == ["554 5.7.1 Go"] && turned.isClosed)
    }
}

@Suite("RFC 1985: ETRN")
struct QueueRunTests {
    private static func visit() -> Visit {
        var visit = Visit.greeted { step in
            guard case .askQueueRun(let command) = step, command.node == "busy.example" else { return nil }
            return .settled(Reply(459, "4.5.0", "Not allowed"))
        }
        visit.machine.offers.queueRuns = true
        return visit
    }

    @Test("a node, a domain with all below it, and a queue can be named")
    func arguments() {
        var visit = Self.visit()
        for argument in ["a.example", "@a.example", "#inside"] {
            #expect(visit.say("ETRN \(argument)\r\n") == ["251 2.0.0 OK, no messages"])
            #expect(visit.asked.last == "queue run \(argument)")
        }
        #expect(visit.say("ETRN busy.example\r\n") == ["459 4.5.0 Not allowed"])
        for wrong in ["ETRN", "ETRN @", "ETRN a b", "ETRN a|b", "ETRN a;b", "ETRN <a>"] {
            #expect(visit.say(wrong + "\r\n") == ["501 5.5.4 Syntax: ETRN node"], "\(wrong)")
        }
    }

    @Test("it is announced where it is offered, waits for EHLO, and isn't valid in a transaction")
    func order() {
        var visit = Self.visit()
        visit.say("EHLO a.example\r\n")
        #expect(visit.replies.last?.hasSuffix(" ETRN") == true)
        visit.say("MAIL FROM:<a@b.example>\r\n")
        #expect(visit.say("ETRN a.example\r\n") == ["503 5.5.1 Not while a transaction is open"])
        var strange = Visit()
        strange.machine.offers.queueRuns = true
        #expect(strange.say("ETRN a.example\r\n") == ["503 5.5.1 Say EHLO first"])
        var plain = Visit.greeted()
        #expect(plain.say("ETRN a.example\r\n") == ["502 5.5.1 ETRN is not offered"])
    }

    @Test("who asks for it again and again is cut off")
    func idle() {
        var visit = Self.visit()
        for _ in 0..<200 where !visit.isClosed { visit.say("ETRN a.example\r\n") }
        #expect(visit.replies.last == "421 4.7.0 Too many commands without mail, closing")
    }
}
