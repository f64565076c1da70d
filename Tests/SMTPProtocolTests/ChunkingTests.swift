// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 3030: BDAT, which is not offered")
struct ChunkingTests {
    @Test(
        "BDAT ends the session, so that its octets are never read as commands",
        arguments: [
            "BDAT 86 LAST", "BDAT 0", "BDAT 9223372036854775808", "BDAT", "BDAT -1", "bdat x LAST LAST",
        ])
    func closes(_ command: String) {
        var visit = Visit.greeted()
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n")
        let replies = visit.say(command + "\r\nRSET\r\nMAIL FROM:<x@y.example>\r\n")
        #expect(replies == ["502 5.5.1 BDAT is not offered, closing"])
        #expect(visit.isClosed)
        #expect(visit.asked.count { $0.hasPrefix("sender") } == 1)
    }

    @Test("CHUNKING is not announced")
    func capabilities() {
        #expect(!Visit.greeted().replies.joined().contains("CHUNKING"))
    }
}
