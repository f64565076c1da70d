// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 3461, RFC 2852: what a client wishes of delivery")
struct DeliveryNotificationTests {
    private func offering() -> Visit {
        var visit = Visit.greeted()
        visit.machine.offers.deliveryNotifications = true
        return visit
    }

    private func mail(_ parameters: String) -> MailCommand? {
        guard case .mail(let mail) = Command.parse(Array("MAIL FROM:<> \(parameters)".utf8)) else {
            return nil
        }
        return mail
    }

    private func recipient(_ parameters: String) -> RecipientCommand? {
        guard case .recipient(let command) = Command.parse(Array("RCPT TO:<a@b.example> \(parameters)".utf8))
        else { return nil }
        return command
    }

    @Test("EHLO offers DSN and DELIVERBY only where the channel does, and their parameters are 555 elsewhere")
    func offer() {
        var visit = Visit.greeted()
        for line in ["MAIL FROM:<> RET=HDRS", "MAIL FROM:<> ENVID=x", "MAIL FROM:<> BY=10;N"] {
            #expect(visit.say("\(line)\r\n").first?.hasPrefix("555 ") == true, "\(line)")
        }
        visit.say("MAIL FROM:<>\r\n")
        for line in ["NOTIFY=NEVER", "ORCPT=rfc822;a@b"] {
            #expect(visit.say("RCPT TO:<a@b.example> \(line)\r\n").first?.hasPrefix("555 ") == true)
        }
        #expect(visit.say("EHLO c.example\r\n").first?.contains("DSN") == false)
        visit = offering()
        let offered = visit.say("EHLO c.example\r\n").first ?? ""
        #expect(offered.contains("DSN") && offered.contains("DELIVERBY"))
        #expect(visit.say("MAIL FROM:<> RET=HDRS ENVID=x BY=10;N\r\n") == ["250 2.1.0 Sender ok"])
        #expect(
            visit.say("RCPT TO:<a@b.example> NOTIFY=NEVER ORCPT=rfc822;a@b\r\n").first?.hasPrefix("250 ")
                == true)
    }

    @Test("RFC 3461 §4.3, §4.4: RET and ENVID are read, and anything else is 501")
    func mailParameters() {
        #expect(mail("RET=full")?.ret == .full)
        #expect(mail("RET=HDRS ENVID=QQ+2B314+20x")?.envelopeID == "QQ+314 x")
        #expect(mail("ENVID=\(String(repeating: "x", count: 100))") != nil)
        for wrong in [
            "RET", "RET=BODY", "RET=FULL RET=HDRS", "ENVID", "ENVID=+0D+0A", "ENVID=+2b", "ENVID=a+2",
            "ENVID=\(String(repeating: "x", count: 101))", "ENVID=+FF",
        ] {
            #expect(mail(wrong) == nil, "\(wrong)")
        }
    }

    @Test("RFC 3461 §4.1, §4.2: NOTIFY and ORCPT are read, and anything else is 501")
    func recipientParameters() {
        #expect(recipient("NOTIFY=NEVER")?.notify == .never)
        #expect(recipient("notify=Success,DELAY")?.notify == [.success, .delay])
        #expect(recipient("ORCPT=rfc822;a+2Bb@c.example")?.originalRecipient == "rfc822;a+b@c.example")
        for wrong in [
            "NOTIFY", "NOTIFY=", "NOTIFY=NEVER,SUCCESS", "NOTIFY=SUCCESS,SUCCESS", "NOTIFY=SUCCESS,",
            "NOTIFY=ALWAYS", "ORCPT", "ORCPT=a@b.example", "ORCPT=rfc822;", "ORCPT=;a", "ORCPT=rf c;a",
            "ORCPT=rfc822;a+0Ab", "ORCPT=rfc822;\(String(repeating: "x", count: 500))",
        ] {
            #expect(recipient(wrong) == nil, "\(wrong)")
        }
    }

    @Test("RFC 2852 §4: BY counts in seconds, names a mode, and a return at a time that is over is refused")
    func deliverBy() {
        #expect(mail("BY=120;R")?.deliverBy == .init(seconds: 120, mode: .return, isTraced: false))
        #expect(mail("BY=-5;nt")?.deliverBy == .init(seconds: -5, mode: .notify, isTraced: true))
        for wrong in [
            "BY", "BY=10", "BY=10;X", "BY=10;NN", "BY=0;R", "BY=-1;R", "BY=;N", "BY=1234567890;N", "BY=1x;N",
            "BY=10;NT;R",
        ] {
            #expect(mail(wrong) == nil, "\(wrong)")
        }
    }

    @Test("xtext comes back as it was, whatever it holds")
    func xtext() {
        let octets = Array(UInt8.min...UInt8.max)
        let text = XText.encode(octets)
        #expect(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "=") })
        #expect(XText.decode(text) == octets)
    }

    // MARK: Handed on

    private var options: DeliveryOptions {
        var options = DeliveryOptions()
        options.notify = [.success, .failure]
        options.ret = .headers
        options.envelopeID = "id +1"
        options.deliverBy = .init(deadline: 1_000, mode: .return, isTraced: true)
        options.originalRecipients = [
            .init(recipient: Address(localPart: "c", domain: "d.example"), text: "rfc822;old=c@d.example")
        ]
        return options
    }

    private func said(_ extensions: [String], _ options: DeliveryOptions, now: Int64 = 940) -> String {
        var hop = Hop.ready(["PIPELINING"] + extensions)
        let envelope = Envelope(
            sender: Address("a@b.example"),
            recipients: ["c@d.example", "e@d.example"].compactMap { Address($0) })
        guard
            case .send(let bytes) = hop.machine.send(
                envelope, octets: 12, wishes: SendingWishes(options, now: now))
        else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("a next hop that offers DSN and DELIVERBY is told, with what is left of the time")
    func handedOn() {
        #expect(
            said(["DSN", "DELIVERBY 60"], options)
                == "MAIL FROM:<a@b.example> RET=HDRS ENVID=id+20+2B1 BY=60;RT\r\n"
                + "RCPT TO:<c@d.example> NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;old+3Dc@d.example\r\n"
                + "RCPT TO:<e@d.example> NOTIFY=SUCCESS,FAILURE\r\nDATA\r\n")
    }

    @Test("one that offers neither, or one of them, is told no more than that")
    func notOffered() {
        let plain = "RCPT TO:<c@d.example>\r\nRCPT TO:<e@d.example>\r\nDATA\r\n"
        #expect(said([], options) == "MAIL FROM:<a@b.example>\r\n" + plain)
        #expect(said(["DELIVERBY"], options) == "MAIL FROM:<a@b.example> BY=60;RT\r\n" + plain)
        #expect(said(["DSN", "DELIVERBY"], DeliveryOptions()) == "MAIL FROM:<a@b.example>\r\n" + plain)
    }

    @Test("RFC 2852 §4.1.4: too late, it is refused and not sent; unless the sender only wants to be told")
    func late() {
        var hop = Hop.ready(["DELIVERBY"])
        let envelope = Envelope(sender: nil, recipients: [Address("c@d.example")].compactMap { $0 })
        let wishes = SendingWishes(options, now: 1_000)
        guard case .settled(let results) = hop.machine.send(envelope, octets: 1, wishes: wishes),
            case .rejected(let reply)? = results.first?.outcome
        else {
            Issue.record("it was sent")
            return
        }
        #expect(reply.code == 550 && reply.text.contains("5.4.7"))
        var told = options
        told.deliverBy?.mode = .notify
        #expect(said(["DELIVERBY"], told, now: 1_010).hasPrefix("MAIL FROM:<a@b.example> BY=-10;NT\r\n"))
    }

    @Test("nothing that a queue file holds puts words of its own into a command")
    func forged() {
        var options = options
        options.envelopeID = "x\r\nRSET"
        options.originalRecipients[0].text = "rfc822 NOTIFY=NEVER;a"
        let text = said(["DSN"], options)
        #expect(text.hasPrefix("MAIL FROM:<a@b.example> RET=HDRS ENVID=x+0D+0ARSET\r\n"))
        #expect(text.contains("RCPT TO:<c@d.example> NOTIFY=SUCCESS,FAILURE\r\n"))
    }
}
