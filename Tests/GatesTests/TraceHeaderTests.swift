// SPDX-License-Identifier: MIT
import Foundation
import Mail
import Testing

@testable import Gates

@Suite("RFC 5321 §4.4: trace information")
struct TraceHeaderTests {
    private func received(_ facts: ContentFacts, time: Int64 = 0) -> String {
        String(
            decoding: TraceHeader.received(facts, hostname: "gate.example.test", time: time), as: UTF8.self)
    }

    @Test("Received names client, address, us, protocol, case, the one recipient, date")
    func received() {
        #expect(
            received(Rules.facts(), time: 1_792_976_000)
                == "Received: from client.example ([192.0.2.7])\r\n"
                + "\tby gate.example.test (Postern) with ESMTP id A1-1.1\r\n"
                + "\tfor <bob@example.test>;\r\n\tMon, 26 Oct 2026 00:53:20 +0000\r\n")
    }

    @Test("with several recipients none is named, so that blind copies stay blind")
    func blind() {
        let facts = Rules.facts([Rules.recipient("a@example.test"), Rules.recipient("b@example.test")])
        #expect(
            received(facts)
                == "Received: from client.example ([192.0.2.7])\r\n"
                + "\tby gate.example.test (Postern) with ESMTP id A1-1.1;\r\n"
                + "\tThu, 1 Jan 1970 00:00:00 +0000\r\n")
    }

    @Test("RFC 3848: SMTP, ESMTP or ESMTPS")
    func with() {
        var facts = Rules.facts()
        facts.session.tls = "TLSv1.3-X"
        #expect(received(facts).contains(" with ESMTPS id "))
        facts.session.tls = nil
        facts.session.isExtended = false
        #expect(received(facts).contains(" with SMTP id "))
    }

    @Test("an IPv6 client stands as a literal")
    func six() {
        var facts = Rules.facts()
        facts.session.peer = Peer(
            clientAddress: Rules.address("2001:db8::7"), clientPort: 1, serverAddress: Rules.address("::1"),
            serverPort: 25)
        #expect(received(facts).hasPrefix("Received: from client.example ([IPv6:2001:db8::7])\r\n"))
    }

    @Test(
        "a greeting adds no word, no comment and no line",
        arguments: ["a\r\nX-Virus-Status: clean", "a (b) by c", "a;b", "<a>\"\\", "ü\0\u{7F}"])
    func hostileGreeting(helo: String) {
        var facts = Rules.facts()
        facts.session.helo = helo
        let line = received(facts).split(separator: "\r\n", omittingEmptySubsequences: false)[0]
        #expect(received(facts).split(separator: "\r\n", omittingEmptySubsequences: false).count == 5)
        #expect(line.split(separator: " ").count == 4)
        #expect(line.filter { $0 == "(" }.count == 1)
        #expect(line.utf8.allSatisfy { (0x20...0x7E).contains($0) })
    }

    @Test(
        "dates",
        arguments: [
            (0, "Thu, 1 Jan 1970 00:00:00 +0000"),
            (951_782_399, "Mon, 28 Feb 2000 23:59:59 +0000"),
            (951_782_400, "Tue, 29 Feb 2000 00:00:00 +0000"),
            (951_868_800, "Wed, 1 Mar 2000 00:00:00 +0000"),
            (1_709_164_800, "Thu, 29 Feb 2024 00:00:00 +0000"),
            (1_767_225_599, "Wed, 31 Dec 2025 23:59:59 +0000"),
            (1_767_225_600, "Thu, 1 Jan 2026 00:00:00 +0000"),
            (1_795_301_817, "Sat, 21 Nov 2026 22:56:57 +0000"),
            (2_147_483_647, "Tue, 19 Jan 2038 03:14:07 +0000"),
            (2_147_483_648, "Tue, 19 Jan 2038 03:14:08 +0000"),
            (4_107_542_400, "Mon, 1 Mar 2100 00:00:00 +0000"),
            (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 +0000"),
            (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 +0000"),
        ] as [(Int64, String)])
    func dates(time: Int64, text: String) {
        #expect(TraceHeader.date(time) == text)
    }

    @Test("times before and beyond are drawn to the nearest that can be written")
    func limits() {
        #expect(TraceHeader.date(-1) == TraceHeader.date(0))
        #expect(TraceHeader.date(.min) == TraceHeader.date(0))
        #expect(TraceHeader.date(.max) == TraceHeader.date(253_402_300_799))
    }

    @Test("every fifth day of 130 years, as a calendar that isn't ours writes it")
    func calendar() {
        let format = DateFormatter()
        format.locale = Locale(identifier: "en_US_POSIX")
        format.timeZone = TimeZone(secondsFromGMT: 0)
        format.dateFormat = "EEE, d MMM yyyy HH:mm:ss Z"
        for day in stride(from: Int64(0), to: 130 * 366, by: 5) {
            let time = day * 86_400 + day * 7_919 % 86_400
            #expect(TraceHeader.date(time) == format.string(from: Date(timeIntervalSince1970: Double(time))))
        }
    }
}
