// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("RFC 2920: pipelining")
struct PipeliningTests {
    static let dialogue =
        "EHLO client.example.org\r\nNOOP\r\nMAIL FROM:<a@b.example> SIZE=20 BODY=8BITMIME\r\n"
        + "RCPT TO:<no@d.example>\r\nRCPT TO:<c@d.example>\r\nRCPT TO:bad\r\nDATA\r\n"
        + "Subject: x\r\n\r\n..dot\r\n.\r\nRSET\r\nMAIL FROM:<>\r\nRCPT TO:<Postmaster>\r\nDATA\r\n.\r\n"
        + "FROB\nx\r\nNOOP \rx\r\n" + String(repeating: "y", count: 3_000) + "\r\n"
        + "MAIL FROM:<x@y.example>\r\nRCPT TO:<c@d.example>\r\nDATA\r\n"
        + "bare\nLF\r\n.\r\nVRFY a\r\nQUIT\r\nNOOP\r\n"

    static func run(cutEvery octets: Int?, cutAt offset: Int? = nil) -> Visit {
        var visit = Visit {
            if case .askRecipient(let command) = $0, command.recipient.localPart == "no" {
                return .refused(Reply(550, "5.1.1", "Nobody here"))
            }
            return nil
        }
        let bytes = Array(dialogue.utf8)
        if let offset {
            visit.say(Array(bytes[..<offset]))
            visit.say(Array(bytes[offset...]))
        } else {
            visit.say(bytes, cutEvery: octets ?? bytes.count)
        }
        return visit
    }

    @Test("replies come in the order of the commands")
    func order() {
        let visit = Self.run(cutEvery: nil)
        #expect(
            visit.replies == [
                "220 mx.example.net ESMTP Postern",
                "250 mx.example.net SIZE 1000000 PIPELINING 8BITMIME ENHANCEDSTATUSCODES",
                "250 2.0.0 Ok", "250 2.1.0 Sender ok", "550 5.1.1 Nobody here", "250 2.1.5 Recipient ok",
                "501 5.1.3 Bad recipient: the address must stand in <>",
                "354 Send the message, end with <CRLF>.<CRLF>", "250 2.0.0 Queued", "250 2.0.0 Ok",
                "250 2.1.0 Sender ok", "250 2.1.5 Recipient ok",
                "354 Send the message, end with <CRLF>.<CRLF>",
                "250 2.0.0 Queued", "500 5.5.2 Bare LF: a command line ends with CRLF",
                "500 5.5.2 Bare CR: a command line ends with CRLF", "500 5.5.2 Command line too long",
                "250 2.1.0 Sender ok", "250 2.1.5 Recipient ok",
                "354 Send the message, end with <CRLF>.<CRLF>",
                "554 5.6.0 Bare LF in the message: lines end with CRLF (RFC 5321 2.3.8)",
                "252 2.0.0 Send some mail, it will be tried", "221 2.0.0 Bye",
            ])
        #expect(visit.messages.map(\.content) == [Array("Subject: x\r\n\r\n.dot\r\n".utf8), []])
        #expect(visit.messages.map(\.envelope.isEightBit) == [true, false])
    }

    @Test("every cut of a dialogue in two gives the same replies and messages")
    func everyCut() {
        let whole = Self.run(cutEvery: nil)
        for offset in 1..<Self.dialogue.utf8.count {
            let visit = Self.run(cutEvery: nil, cutAt: offset)
            #expect(visit.replies == whole.replies, "cut at \(offset)")
            #expect(visit.messages.map(\.content) == whole.messages.map(\.content), "cut at \(offset)")
        }
    }

    @Test(
        "pieces of every size give the same replies and messages", arguments: [1, 2, 3, 5, 7, 11, 64, 1_000])
    func everyPiece(_ octets: Int) {
        let whole = Self.run(cutEvery: nil)
        let visit = Self.run(cutEvery: octets)
        #expect(visit.replies == whole.replies)
        #expect(visit.messages.map(\.content) == whole.messages.map(\.content))
    }

    @Test("§3.1: commands pipelined behind an open question wait")
    func waits() {
        var machine = ReceivingMachine(hostname: "mx.example.net", offersTLS: false, sizeOctetsMax: 1_000)
        _ = machine.connected()
        _ = machine.answer(.admitted)
        let bytes = Array("EHLO a.example\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@d.example>\r\n".utf8)
        var consumed = 0
        _ = bytes.withUnsafeBytes { machine.receive($0, consumed: &consumed) }
        var offset = consumed
        let step = bytes[offset...].withUnsafeBytes { machine.receive($0, consumed: &consumed) }
        offset += consumed
        #expect(step == .askSender(MailCommand(sender: Address(localPart: "a", domain: "b.example"))))
        #expect(machine.isAsking && machine.secondsMax == nil)
        #expect(Array(bytes[offset...]) == Array("RCPT TO:<c@d.example>\r\n".utf8))
        #expect(machine.answer(.admitted) == .reply(Reply(250, "2.1.0", "Sender ok")))
        #expect(!machine.isAsking)
    }
}
