// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 1870: SIZE")
struct SizeTests {
    private func visit(_ octets: Int) -> Visit {
        var visit = Visit.greeted(sizeOctetsMax: octets)
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        return visit
    }

    @Test("the limit is announced, and a declared size beyond it is refused at MAIL before any gate is asked")
    func declared() {
        var visit = Visit.greeted(sizeOctetsMax: 100)
        #expect(visit.replies.last?.contains("SIZE 100") == true)
        #expect(
            visit.say("MAIL FROM:<a@b.example> SIZE=101\r\n") == [
                "552 5.3.4 Message too big: at most 100 octets"
            ])
        #expect(visit.asked == ["connection"])
        #expect(visit.say("MAIL FROM:<a@b.example> SIZE=100\r\n") == ["250 2.1.0 Sender ok"])
    }

    @Test("§6.3: content up to the limit is taken, dots not counted")
    func exact() {
        var visit = visit(10)
        #expect(visit.say("..345678\r\n.x\r\n.\r\n") == ["552 5.3.4 Message too big: at most 10 octets"])
        visit = self.visit(10)
        #expect(visit.say("..2345678\r\n.\r\n") == ["250 2.0.0 Queued"])
        #expect(visit.messages.first?.content == Array(".2345678\r\n".utf8))
    }

    @Test("content beyond the limit is read to its end, not handed on, and the session goes on")
    func exceeded() {
        var visit = visit(1_000)
        visit.say(Array(repeating: UInt8(ascii: "x"), count: 1_500), cutEvery: 100)
        #expect(visit.draft.count <= 1_000)
        #expect(
            visit.say("\r\n.\r\nNOOP\r\n") == [
                "552 5.3.4 Message too big: at most 1000 octets", "250 2.0.0 Ok",
            ])
        #expect(visit.messages.isEmpty && !visit.isClosed)
    }

    @Test("content beyond twice the limit ends the session")
    func abused() {
        var visit = visit(1_000)
        var sent = 0
        while !visit.isClosed, sent < 100_000 {
            visit.say(Array(repeating: UInt8(ascii: "x"), count: 100))
            sent += 100
        }
        #expect(sent == 2_100)
        #expect(visit.replies.last == "552 5.3.4 Message too big: at most 1000 octets")
    }
}
