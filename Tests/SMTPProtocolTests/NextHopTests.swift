// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("What a next hop may do to us")
struct NextHopTests {
    private static let full = Reply(452, "4.5.3", "Too many")
    private static let unknownUser = Reply(550, "5.1.1", "No such user")

    @Test("452 for one recipient defers that one, and delivers to the other")
    func oneDeferred() {
        var hop = Hop.ready()
        _ = hop.send(["c@d.example", "e@d.example"])
        #expect(hop.hear("250 ok\r\n250 ok\r\n452 4.5.3 Too many\r\n354 go\r\n") == [.sendContent])
        _ = hop.machine.contentSent()
        #expect(
            hop.hear("250 2.0.0 Queued\r\n")
                == [
                    .settled([
                        RecipientResult(one, .delivered(queued)), RecipientResult(two, .deferred(Self.full)),
                    ])
                ])
    }

    @Test(
        "if all are refused, DATA is not sent, or its 554 changes nothing; the next message begins with RSET")
    func allRefused() {
        let results = [
            RecipientResult(one, .rejected(Self.unknownUser)), RecipientResult(two, .deferred(Self.full)),
        ]
        var hop = Hop.ready()
        _ = hop.send(["c@d.example", "e@d.example"])
        #expect(
            hop.hear(
                "250 ok\r\n550 5.1.1 No such user\r\n452 4.5.3 Too many\r\n554 5.5.1 No valid recipients\r\n")
                == [.settled(results)])
        #expect(hop.send(["c@d.example"]).hasPrefix("RSET\r\nMAIL FROM:<a@b.example> SIZE=12\r\n"))
        #expect(hop.hear("250 reset\r\n250 ok\r\n250 ok\r\n354 go\r\n") == [.sendContent])

        hop = Hop.ready([])
        _ = hop.send(["c@d.example", "e@d.example"])
        hop.hear("250 ok\r\n550 5.1.1 No such user\r\n")
        #expect(hop.hear("452 4.5.3 Too many\r\n") == [.settled(results)])
        #expect(hop.send(["c@d.example"]) == "RSET\r\n")
        #expect(sent(hop.hear("250 ok\r\n")) == ["MAIL FROM:<a@b.example>\r\n"])
    }

    @Test("RFC 2920 §3.1: 354 although all were refused is answered with a lone dot")
    func loneDot() {
        var hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        #expect(sent(hop.hear("250 ok\r\n550 5.1.1 No such user\r\n354 go\r\n")) == [".\r\n"])
        #expect(
            hop.hear("250 queued nothing\r\n") == [
                .settled([RecipientResult(one, .rejected(Self.unknownUser))])
            ])
        #expect(hop.machine.isIdle)
    }

    @Test("a refused sender answers for every recipient")
    func senderRefused() {
        let no = Reply(550, "5.7.1", "Not you")
        for extensions in [["PIPELINING"], []] {
            var hop = Hop.ready(extensions)
            _ = hop.send(["c@d.example", "e@d.example"])
            let behind = extensions.isEmpty ? "" : "503 5.5.1 MAIL first\r\n503 x\r\n503 x\r\n"
            #expect(
                hop.hear("550 5.7.1 Not you\r\n" + behind)
                    == [.settled([RecipientResult(one, .rejected(no)), RecipientResult(two, .rejected(no))])])
        }
    }

    @Test("a refused DATA, and a refused content, speak for those who were accepted")
    func contentRefused() {
        var hop = Hop.ready()
        _ = hop.send(["c@d.example", "e@d.example"])
        #expect(
            hop.hear("250 ok\r\n250 ok\r\n550 5.1.1 No such user\r\n451 4.3.0 Later\r\n")
                == [
                    .settled([
                        RecipientResult(one, .deferred(Reply(451, "4.3.0", "Later"))),
                        RecipientResult(two, .rejected(Self.unknownUser)),
                    ])
                ])
        hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        hop.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        _ = hop.machine.contentSent()
        #expect(
            hop.hear("554 5.6.0 Bad\r\n")
                == [.settled([RecipientResult(one, .rejected(Reply(554, "5.6.0", "Bad")))])])
        #expect(hop.send(["c@d.example"]).hasPrefix("RSET\r\n"))
    }

    @Test(
        "a connection dropped behind the final dot leaves the outcome unknown; before it, all is deferred"
    )
    func dropped() {
        let lost = Reply(451, "4.4.2", "the next hop closed the connection")
        var hop = Hop.ready()
        _ = hop.send(["c@d.example", "e@d.example"])
        hop.hear("250 ok\r\n250 ok\r\n550 5.1.1 No such user\r\n354 go\r\n")
        _ = hop.machine.contentSent()
        #expect(
            hop.machine.disconnected()
                == .settled([
                    RecipientResult(one, .unknown(lost)), RecipientResult(two, .rejected(Self.unknownUser)),
                ]))
        #expect(hop.machine.end == .lost("the next hop closed the connection"))

        for heard in ["", "250 ok\r\n", "250 ok\r\n250 ok\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"] {
            hop = Hop.ready()
            _ = hop.send(["c@d.example"])
            hop.hear(heard)
            #expect(hop.machine.disconnected() == .settled([RecipientResult(one, .deferred(lost))]))
            #expect(hop.machine.disconnected() == .needMore)
        }
        hop = Hop.ready()
        #expect(hop.machine.disconnected() == .closed(.lost("the next hop closed the connection")))
    }

    @Test("a time-out behind the final dot leaves the outcome unknown, and before it defers")
    func timedOut() {
        let slow = Reply(451, "4.4.2", "the next hop took too long")
        var hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        #expect(hop.machine.timedOut() == .settled([RecipientResult(one, .deferred(slow))]))
        hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        hop.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        _ = hop.machine.contentSent()
        #expect(hop.machine.timedOut() == .settled([RecipientResult(one, .unknown(slow))]))
        hop = Hop()
        #expect(hop.machine.timedOut() == .closed(.lost("the next hop took too long")))
    }

    @Test("421 at any time defers, and closes")
    func goingAway() {
        let busy = Reply(421, "4.3.2", "Busy")
        for heard in ["", "250 ok\r\n", "250 ok\r\n250 ok\r\n", "250 ok\r\n250 ok\r\n354 go\r\n"] {
            var hop = Hop.ready()
            _ = hop.send(["c@d.example"])
            hop.hear(heard)
            #expect(hop.hear("421 4.3.2 Busy\r\n") == [.settled([RecipientResult(one, .deferred(busy))])])
            #expect(hop.machine.end == .refused(busy))
        }
        var hop = Hop.ready()
        #expect(hop.hear("421 4.3.2 Busy\r\n") == [.closed(.refused(busy))])
    }

    @Test("a reply amid the content is final, and no dot follows")
    func earlyReply() {
        var hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        hop.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        #expect(
            hop.hear("552 5.3.4 Too big\r\n")
                == [.settled([RecipientResult(one, .rejected(Reply(552, "5.3.4", "Too big")))])])
        #expect(hop.machine.end != nil)
        #expect(hop.machine.contentSent() == .needMore)

        hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        hop.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        let early = Reply(451, "4.5.0", "a reply amid the content: 250 early")
        #expect(hop.hear("250 early\r\n") == [.settled([RecipientResult(one, .deferred(early))])])
    }

    @Test("a refused RSET says nothing of the message behind it")
    func resetRefused() {
        var hop = Hop.ready([])
        _ = hop.send(["c@d.example"])
        hop.hear("250 ok\r\n550 5.1.1 No such user\r\n")
        _ = hop.send(["c@d.example"])
        #expect(
            hop.hear("500 5.5.1 What?\r\n")
                == [.settled([RecipientResult(one, .deferred(Reply(500, "5.5.1", "What?")))])])
    }

    @Test("a reply without end is given up, and so is garbage, and a reply to nothing")
    func garbage() {
        var hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        let endless = Reply(451, "4.5.0", "reply with too many lines")
        #expect(
            hop.hear(String(repeating: "250-x\r\n", count: 1_000))
                == [.settled([RecipientResult(one, .deferred(endless))])])
        hop = Hop()
        #expect(hop.hear("SSH-2.0-OpenSSH\r\n") == [.closed(.faulty("not an SMTP reply"))])
        hop = Hop.ready()
        #expect(hop.hear("250 hello?\r\n") == [.closed(.faulty("a reply to nothing: 250 hello?"))])
        #expect(hop.hear("250 more\r\n").isEmpty)
    }

    @Test("replies out of their place are not believed")
    func misplaced() {
        for (heard, reason) in [
            ("354 go\r\n", "354 in reply to MAIL"), ("250 ok\r\n354 go\r\n", "354 in reply to RCPT"),
            ("250 ok\r\n250 ok\r\n250 ok\r\n", "250 in reply to DATA"),
        ] {
            var hop = Hop.ready()
            _ = hop.send(["c@d.example"])
            #expect(
                hop.hear(heard) == [.settled([RecipientResult(one, .deferred(Reply(451, "4.5.0", reason)))])])
        }
        var hop = Hop.ready()
        _ = hop.send(["c@d.example"])
        hop.hear("250 ok\r\n250 ok\r\n354 go\r\n")
        _ = hop.machine.contentSent()
        let odd = Reply(451, "4.5.0", "354 in place of a final reply")
        #expect(hop.hear("354 go on\r\n") == [.settled([RecipientResult(one, .unknown(odd))])])
    }

    @Test("every cut of a server's words gives the same steps")
    func everyCut() {
        let words = Array(
            "250-ok\r\n250 2.1.0 fine\r\n250 ok\r\n550-5.1.1 No such\r\n550 5.1.1 user\r\n354 go\r\n".utf8)
        var whole = Hop.ready()
        _ = whole.send(["c@d.example", "e@d.example"])
        whole.hear(String(decoding: words, as: UTF8.self))
        for cut in 1..<words.count {
            var hop = Hop.ready()
            _ = hop.send(["c@d.example", "e@d.example"])
            hop.hear(String(decoding: words[..<cut], as: UTF8.self))
            hop.hear(String(decoding: words[cut...], as: UTF8.self))
            #expect(hop.steps == whole.steps)
        }
    }
}
