// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 5321 §4.5.2: dots taken off, and the end of content")
struct ContentDecoderTests {
    /// What a decoder makes of `pieces`, handed in one after the other.
    private func decode(_ pieces: [[UInt8]]) -> (
        content: [UInt8], fault: ContentFault?, isEnded: Bool, rest: [UInt8]
    ) {
        var decoder = ContentDecoder()
        var content: [UInt8] = []
        var buffer: [UInt8] = []
        var isEnded = false
        for piece in pieces {
            buffer += piece
            var isWaiting = isEnded
            while !isWaiting {
                var consumed = 0
                switch buffer.withUnsafeBytes({ decoder.decode($0, consumed: &consumed) }) {
                case .needMore: isWaiting = true
                case .bytes(let range): content += buffer[range]
                case .end: (isEnded, isWaiting) = (true, true)
                }
                buffer.removeFirst(consumed)
            }
            #expect(isEnded || buffer.count <= 2)
        }
        #expect(decoder.octets == content.count)
        return (content, decoder.fault, isEnded, buffer)
    }

    private func everyCut(_ bytes: [UInt8], _ check: ([[UInt8]]) -> Void) {
        check([bytes])
        check(bytes.map { [$0] })
        for cut in bytes.indices.dropFirst() { check([Array(bytes[..<cut]), Array(bytes[cut...])]) }
    }

    @Test(
        "content is what stood before the dot",
        arguments: [
            (".\r\n", ""), ("a\r\n.\r\n", "a\r\n"), ("\r\n.\r\n", "\r\n"), ("..\r\n.\r\n", ".\r\n"),
            ("...\r\n.\r\n", "..\r\n"), (".a\r\n.\r\n", "a\r\n"),
            ("a.\r\n.b\r\n..c\r\n\r\n.\r\n", "a.\r\nb\r\n.c\r\n\r\n"),
            ("a\0b\r\n.\r\n", "a\0b\r\n"), ("\u{E9}\r\n.\r\n", "\u{E9}\r\n"),
        ])
    func unstuffing(_ wire: String, _ expected: String) {
        everyCut(Array((wire + "QUIT\r\n").utf8)) {
            let result = decode($0)
            #expect(result.content == Array(expected.utf8))
            #expect(result.isEnded && result.fault == nil)
            #expect(result.rest == Array("QUIT\r\n".utf8))
        }
    }

    static let sequences = [
        "\n.\n", "\n.\r", "\r.\n", "\r.\r", "\n.\r\n", "\r.\r\n", "\r\n.\r\r\n", "\r\r\n.\r\r\n",
        "\r\n\0.\r\n",
    ]

    @Test("none of the nine known end-of-data tricks ends content, at any cut", arguments: sequences)
    func smuggling(_ sequence: String) {
        let behind = "MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nevil"
        let wire = Array(("text" + sequence + behind + "\r\n.\r\nNOOP\r\n").utf8)
        everyCut(wire) {
            let result = decode($0)
            #expect(result.isEnded && result.rest == Array("NOOP\r\n".utf8))
            // Only the ninth has no bare CR or LF; it is content like any other.
            #expect((result.fault == nil) == (sequence == "\r\n\0.\r\n"))
        }
    }

    @Test("a session that is sent a trick takes one message or none, and answers once", arguments: sequences)
    func smugglingInSession(_ sequence: String) {
        let head = "EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
        let wire =
            head + "text" + sequence
            + "MAIL FROM:<evil@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\nevil\r\n.\r\nQUIT\r\n"
        let bytes = Array(wire.utf8)
        for cut in head.utf8.count - 2..<bytes.count {
            var visit = Visit()
            visit.say(Array(bytes[..<cut]))
            visit.say(Array(bytes[cut...]))
            let isNUL = sequence == "\r\n\0.\r\n"
            #expect(visit.asked.count { $0.hasPrefix("sender") } == 1)
            #expect(visit.messages.count == (isNUL ? 1 : 0))
            #expect(
                Array(visit.replies.suffix(2)).map { $0.prefix(9) } == [
                    isNUL ? "250 2.0.0" : "554 5.6.0", "221 2.0.0",
                ])
        }
    }

    @Test("after a fault nothing more is handed on, and the reply names it")
    func faultNamed() {
        for (wire, reply) in [
            ("a\rb\r\n.\r\n", "554 5.6.0 Bare CR in the message: lines end with CRLF (RFC 5321 2.3.8)"),
            ("a\nb\r\n.\r\n", "554 5.6.0 Bare LF in the message: lines end with CRLF (RFC 5321 2.3.8)"),
        ] {
            var visit = Visit.greeted()
            visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
            #expect(visit.say(wire) == [reply])
            #expect(visit.draft.isEmpty && visit.messages.isEmpty && visit.machine.envelope == nil)
        }
    }

    @Test("a message without leading dots comes in one piece")
    func onePiece() {
        var visit = Visit.greeted()
        visit.say("MAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n")
        let line = String(repeating: "x", count: 68) + "\r\n"
        visit.say(String(repeating: line, count: 30) + ".\r\n")
        #expect(visit.pieces == 1)
        #expect(visit.messages.first?.content.count == 30 * 70)
    }

    @Test("random content is the same for any cut", arguments: 0..<50 as Range<UInt64>)
    func random(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let alphabet: [UInt8] = [0x0D, 0x0A, 0x0D, 0x0A, 0x2E, 0x2E, 0x61, 0x00]
        let wire =
            (0..<200).map { _ in alphabet.randomElement(using: &numbers) ?? 0 } + Array("\r\n.\r\nX".utf8)
        let whole = decode([wire])
        #expect(whole.isEnded)
        everyCut(wire) {
            let result = decode($0)
            #expect(
                result.content == whole.content && result.rest == whole.rest && result.fault == whole.fault)
        }
    }
}
