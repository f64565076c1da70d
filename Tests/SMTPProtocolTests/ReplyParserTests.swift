// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §4.2: replies of a server")
struct ReplyParserTests {
    private func parse(_ text: String, cutEvery octets: Int = .max) -> [ReplyParser.Event] {
        var parser = ReplyParser()
        var events: [ReplyParser.Event] = []
        let bytes = Array(text.utf8)
        var buffer: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: min(octets, bytes.count)) {
            buffer += bytes[start..<min(bytes.count, start + min(octets, bytes.count))]
            while true {
                var consumed = 0
                let event = buffer.withUnsafeBytes { parser.next($0, consumed: &consumed) }
                buffer.removeFirst(consumed)
                if event == .needMore { break }
                events.append(event)
                if case .malformed = event { return events }
            }
        }
        return events
    }

    private func replies(_ text: String) -> [Reply] {
        parse(text).compactMap { if case .reply(let lines) = $0 { lines.reply } else { nil } }
    }

    @Test("one line and many, with status and without, at any cut")
    func replies() {
        #expect(replies("250 2.1.0 Ok\r\n") == [Reply(250, "2.1.0", "Ok")])
        #expect(
            replies("354 Go\r\n250\r\n250 \r\n") == [
                Reply(354, nil, "Go"), Reply(250, nil, ""), Reply(250, nil, ""),
            ])
        #expect(
            replies("550-5.1.1 No\r\n550 5.1.1 such user\r\n") == [
                Reply(550, "5.1.1", lines: ["No", "such user"])
            ])
        #expect(replies("550 2.1.1 odd\r\n") == [Reply(550, nil, "2.1.1 odd")])
        #expect(replies("250 2.0.0\r\n") == [Reply(250, "2.0.0", "")])
        #expect(replies("220 x\n") == [Reply(220, nil, "x")])
        let text = "220-a\r\n220 b\r\n250-x\r\n250-PIPELINING\r\n250 SIZE 12\r\n"
        for octets in 1...20 { #expect(parse(text, cutEvery: octets) == parse(text)) }
        #expect(parse(text).count == 2)
    }

    @Test(
        "what is no reply",
        arguments: [
            "hello\r\n", "25\r\n", "250x\r\n", "150 x\r\n", "600 x\r\n", "\r\n", "250-a\r\n550 b\r\n",
            "HTTP/1.1 200 OK\r\n",
        ])
    func malformed(_ text: String) {
        #expect(parse(text).last == .malformed("not an SMTP reply"))
    }

    @Test("a reply without end, and a line without end, are given up")
    func endless() {
        #expect(
            parse(String(repeating: "250-x\r\n", count: 200)).last == .malformed("reply with too many lines"))
        #expect(
            parse(String(repeating: "2", count: 5_000), cutEvery: 100).last
                == .malformed("reply line too long"))
        #expect(
            parse("250 " + String(repeating: "x", count: 5_000) + "\r\n").last
                == .malformed("reply line too long"))
    }

    @Test("RFC 5321 §4.1.1.1: capabilities are read in any case, and unknown ones passed over")
    func capabilities() {
        let event = parse(
            "250-mx\r\n250-pipelining\r\n250-8BITMIME\r\n250-SIZE 1000\r\n"
                + "250-X-FOO bar\r\n250-\r\n250 StartTLS\r\n"
        ).first
        guard case .reply(let lines) = event else {
            Issue.record("no reply")
            return
        }
        let capabilities = ServerCapabilities(lines)
        #expect(capabilities.hasPipelining && capabilities.hasEightBitMIME && capabilities.hasStartTLS)
        #expect(capabilities.hasSize && capabilities.sizeOctetsMax == 1_000)
    }
}
