// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §3: sending to a next hop")
struct SendingMachineTests {
    @Test("greeting, EHLO, and the capabilities")
    func greeting() {
        var hop = Hop()
        #expect(hop.machine.secondsMax == 300)
        #expect(sent(hop.hear("220-next\r\n220 ready\r\n")) == ["EHLO postern.example.net\r\n"])
        #expect(hop.hear("250-next\r\n250-PIPELINING\r\n250 SIZE 100\r\n") == [.ready])
        #expect(hop.machine.capabilities.hasPipelining && hop.machine.capabilities.sizeOctetsMax == 100)
        #expect(hop.machine.isIdle && hop.machine.secondsMax == nil)
    }

    @Test("a server without EHLO is greeted with HELO")
    func helo() {
        var hop = Hop()
        hop.hear("220 next\r\n")
        #expect(sent(hop.hear("502 what?\r\n")) == ["HELO postern.example.net\r\n"])
        #expect(hop.hear("250 next\r\n") == [.ready])
        #expect(hop.send(["c@d.example"], isEightBit: true) == "MAIL FROM:<a@b.example>\r\n")
    }

    @Test("a refused greeting or HELO closes, with the server's words")
    func refused() {
        var hop = Hop()
        #expect(hop.hear("554 5.7.1 No\r\n") == [.closed(.refused(Reply(554, "5.7.1", "No")))])
        hop = Hop()
        hop.hear("220 next\r\n")
        #expect(hop.hear("421 4.3.2 Busy\r\n") == [.closed(.refused(Reply(421, "4.3.2", "Busy")))])
        hop = Hop()
        hop.hear("220 next\r\n550 no\r\n")
        #expect(hop.hear("550 no\r\n") == [.closed(.refused(Reply(550, nil, "no")))])
        #expect(hop.machine.end == .refused(Reply(550, nil, "no")))
    }

    @Test("without PIPELINING, one command at a time")
    func stepByStep() {
        var hop = Hop.ready([])
        #expect(hop.send(["c@d.example", "e@d.example"]) == "MAIL FROM:<a@b.example>\r\n")
        #expect(sent(hop.hear("250 ok\r\n")) == ["RCPT TO:<c@d.example>\r\n"])
        #expect(sent(hop.hear("250 ok\r\n")) == ["RCPT TO:<e@d.example>\r\n"])
        #expect(sent(hop.hear("250 ok\r\n")) == ["DATA\r\n"])
        #expect(hop.hear("354 go\r\n") == [.sendContent])
        #expect(hop.machine.secondsMax == 180)
        #expect(hop.machine.contentSent() == .needMore)
        #expect(hop.machine.secondsMax == 600)
        #expect(
            hop.hear("250 2.0.0 Queued\r\n")
                == [
                    .settled([
                        RecipientResult(one, .delivered(queued)), RecipientResult(two, .delivered(queued)),
                    ])
                ])
        #expect(hop.machine.isIdle && hop.machine.end == nil)
    }

    @Test("RFC 2920: with PIPELINING, all at once, and the next message on the same connection")
    func pipelined() {
        var hop = Hop.ready()
        for _ in 0..<2 {
            #expect(
                hop.send(["c@d.example"], isEightBit: true)
                    == "MAIL FROM:<a@b.example> SIZE=12 BODY=8BITMIME\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
            #expect(hop.hear("250 ok\r\n250 ok\r\n354 go\r\n") == [.sendContent])
            _ = hop.machine.contentSent()
            #expect(
                hop.hear("250 2.0.0 Queued\r\n") == [.settled([RecipientResult(one, .delivered(queued))])])
        }
        guard case .send(let bytes) = hop.machine.quit() else {
            Issue.record("no QUIT")
            return
        }
        #expect(bytes == Array("QUIT\r\n".utf8))
        #expect(hop.hear("221 bye\r\n") == [.closed(.quit)])
    }

    @Test("the null sender, and postmaster alone")
    func nullSender() {
        var hop = Hop.ready(["PIPELINING"])
        #expect(hop.send(["postmaster"], sender: nil) == "MAIL FROM:<>\r\nRCPT TO:<postmaster>\r\nDATA\r\n")
    }

    @Test("RFC 6152: an 8-bit message to a server that doesn't say 8BITMIME goes without BODY")
    func eightBit() {
        var hop = Hop.ready(["PIPELINING"])
        #expect(!hop.send(["c@d.example"], isEightBit: true).contains("BODY"))
        hop = Hop.ready()
        #expect(!hop.send(["c@d.example"], isEightBit: false).contains("BODY"))
    }

    @Test("RFC 1870: a message beyond the server's SIZE is rejected without being offered")
    func size() {
        var hop = Hop.ready(["SIZE 100"])
        let envelope = Envelope(sender: nil, recipients: [one])
        let reply = Reply(552, "5.3.4", "The next hop takes at most 100 octets, this message has 101")
        #expect(hop.machine.send(envelope, octets: 101) == .settled([RecipientResult(one, .rejected(reply))]))
        #expect(hop.machine.isIdle)
        hop = Hop.ready(["SIZE 0"])
        #expect(hop.send(["c@d.example"], octets: 101).contains("SIZE=101"))
    }

    @Test("an address that can't be written never reaches the wire, and the others do")
    func hostileAddress() {
        var hop = Hop.ready(["PIPELINING"])
        let evil = Address(localPart: "x>\r\nRCPT TO:<y", domain: "d.example")
        guard
            case .send(let bytes) = hop.machine.send(
                Envelope(sender: nil, recipients: [evil, one]), octets: 1)
        else {
            Issue.record("nothing was sent")
            return
        }
        #expect(String(decoding: bytes, as: UTF8.self) == "MAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        hop.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        _ = hop.machine.contentSent()
        let rejected = Reply(553, "5.1.3", "The address can't be written in SMTP")
        #expect(
            hop.hear("250 2.0.0 Queued\r\n")
                == [
                    .settled([
                        RecipientResult(evil, .rejected(rejected)), RecipientResult(one, .delivered(queued)),
                    ])
                ])
        #expect(
            hop.machine.send(Envelope(sender: evil, recipients: [one]), octets: 1)
                == .settled([
                    RecipientResult(
                        one, .rejected(Reply(553, "5.1.7", "The sender can't be written in SMTP")))
                ]))
    }
}
