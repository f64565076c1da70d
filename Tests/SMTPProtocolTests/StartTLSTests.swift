// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 3207: STARTTLS")
struct StartTLSTests {
    @Test("it is announced only where it is offered, and only in plaintext")
    func announced() {
        var visit = Visit.greeted(offersTLS: true)
        #expect(visit.replies.last?.contains("STARTTLS") == true)
        #expect(visit.say("STARTTLS\r\n") == ["220 2.0.0 Ready to start TLS"])
        visit.say("EHLO a.example\r\n")
        #expect(visit.replies.last?.contains("STARTTLS") == false)
        #expect(visit.machine.protocolName == "ESMTPS" && visit.machine.tls == "TLSv1.3")
        #expect(visit.say("STARTTLS\r\n") == ["503 5.5.1 TLS is active already"])
        var plain = Visit.greeted()
        #expect(plain.say("STARTTLS\r\n") == ["502 5.5.1 STARTTLS is not offered"])
        #expect(plain.machine.protocolName == "ESMTP")
    }

    @Test("§4.2: what was said in plaintext is forgotten, and EHLO comes first again")
    func forgets() {
        var visit = Visit.greeted(offersTLS: true)
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nSTARTTLS\r\n")
        #expect(visit.machine.envelope == nil && visit.machine.helloName == nil)
        #expect(visit.say("DATA\r\n") == ["503 5.5.1 Say EHLO first"])
        #expect(visit.say("MAIL FROM:<a@b.example>\r\n") == ["503 5.5.1 Say EHLO first"])
        visit.say("EHLO b.example\r\n")
        #expect(visit.machine.helloName == "b.example")
    }

    @Test(
        "octets behind STARTTLS in plaintext end the session, and are not read",
        arguments: ["RSET\r\n", "x", "\n"])
    func injection(_ behind: String) {
        var visit = Visit.greeted(offersTLS: true)
        #expect(
            visit.say("STARTTLS\r\n" + behind) == ["554 5.5.1 Octets behind STARTTLS in plaintext, closing"])
        #expect(visit.isClosed && visit.machine.tls == nil)
    }

    @Test("octets that come in plaintext after the 220 are the caller's to throw away, and leave no trace")
    func lateInjection() {
        var visit = Visit.greeted(offersTLS: true)
        visit.say("STARTTLS\r\n")
        #expect(visit.buffer.isEmpty)
        #expect(visit.say("MAIL FROM:<evil@b.example>\r\n") == ["503 5.5.1 Say EHLO first"])
    }

    @Test("it waits for EHLO, and takes no argument")
    func order() {
        var visit = Visit(offersTLS: true)
        #expect(visit.say("STARTTLS\r\n") == ["503 5.5.1 Say EHLO first"])
        visit.say("EHLO a.example\r\n")
        #expect(visit.say("STARTTLS now\r\n") == ["501 5.5.4 STARTTLS takes no argument"])
    }
}
