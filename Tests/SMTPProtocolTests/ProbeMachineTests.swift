// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

/// A probe machine and the server's part of a script.
private struct Asked {
    var machine = ProbeMachine(helloName: "postern.example.net")
    private var buffer: [UInt8] = []

    init(_ extensions: [String] = ["PIPELINING"]) {
        _ = machine.connected()
        hear("220 next.example.net ESMTP\r\n")
        let lines = ["next.example.net"] + extensions
        hear(lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)\r\n" }.joined())
    }

    /// The server says `text`; the steps that came of it, `.needMore` left out.
    @discardableResult
    mutating func hear(_ text: String) -> [ProbeStep] {
        buffer += Array(text.utf8)
        var steps: [ProbeStep] = []
        while true {
            var consumed = 0
            let step = buffer.withUnsafeBytes { machine.receive($0, consumed: &consumed) }
            buffer.removeFirst(consumed)
            if step == .needMore { return steps }
            steps.append(step)
        }
    }

    mutating func probe(_ address: Address = one) -> String { said([machine.probe(address)]) }
}

/// What goes over the wire.
private func said(_ steps: [ProbeStep]) -> String {
    steps.map { step in
        switch step {
        case .send(let bytes), .answered(_, let bytes): String(decoding: bytes, as: UTF8.self)
        case .needMore, .ready, .closed: ""
        }
    }.joined()
}

@Suite("Asking a next hop about a recipient")
struct ProbeMachineTests {
    @Test("with PIPELINING the null sender, the recipient and RSET go out together, and no DATA ever does")
    func pipelined() {
        var hop = Asked()
        #expect(hop.probe() == "MAIL FROM:<>\r\nRCPT TO:<c@d.example>\r\nRSET\r\n")
        #expect(
            hop.hear("250 2.1.0 ok\r\n250 2.1.5 ok\r\n250 2.0.0 ok\r\n")
                == [.answered(.accepted, send: []), .ready])
        #expect(hop.probe(two) == "MAIL FROM:<>\r\nRCPT TO:<e@d.example>\r\nRSET\r\n")
    }

    @Test("without, one command at a time")
    func oneByOne() {
        var hop = Asked([])
        #expect(hop.probe() == "MAIL FROM:<>\r\n")
        #expect(said(hop.hear("250 ok\r\n")) == "RCPT TO:<c@d.example>\r\n")
        let steps = hop.hear("550 5.1.1 No such user\r\n")
        #expect(steps == [.answered(.unknown(reply: "550 5.1.1 No such user"), send: Array("RSET\r\n".utf8))])
        #expect(hop.hear("250 ok\r\n") == [.ready])
        #expect(said([hop.machine.quit()]) == "QUIT\r\n")
        #expect(hop.hear("221 bye\r\n") == [.closed(.quit)])
    }

    @Test(
        "only a refusal that speaks of the address makes it unknown",
        arguments: [
            ("550 5.1.1 No such user", true), ("550 no such user", true), ("551 not local", true),
            ("553 5.1.3 bad address", true), ("550 5.2.1 disabled", true), ("550 5.0.0 no", true),
            ("550 5.4.1 Recipient address rejected: Access denied", true), ("550 5.1.10 RESOLVER", true),
            ("554 5.7.1 Relay access denied", false), ("550 5.7.1 blocked", false), ("552 5.2.2 full", false),
            ("530 5.7.0 Must issue STARTTLS first", false), ("554 no", false), ("503 5.5.1 order", false),
            ("450 4.2.0 greylisted", false), ("451 later", false), ("452 4.2.2 full", false),
            ("550 5.1.8 bad sender", false), ("501 5.1.7 bad sender", false), ("500 what", false),
        ])
    func refusals(_ reply: String, _ isUnknown: Bool) {
        var hop = Asked()
        _ = hop.probe()
        let answer: RecipientAnswer = isUnknown ? .unknown(reply: reply) : .unsure(reply)
        #expect(
            hop.hear("250 ok\r\n\(reply)\r\n250 ok\r\n") == [.answered(answer, send: []), .ready])
    }

    @Test("a next hop that refuses the null sender says nothing of the recipient")
    func nullSender() {
        let answer = RecipientAnswer.unsure("the next hop refuses the null sender: 550 5.7.1 not you")
        var hop = Asked()
        _ = hop.probe()
        #expect(
            hop.hear("550 5.7.1 not you\r\n503 5.5.1 MAIL first\r\n250 ok\r\n")
                == [.answered(answer, send: []), .ready])
        hop = Asked([])
        _ = hop.probe()
        #expect(
            hop.hear("550 5.7.1 not you\r\n") == [.answered(answer, send: Array("RSET\r\n".utf8))])
    }

    @Test("421, a broken connection and a late reply end it without an answer")
    func ends() {
        var hop = Asked()
        _ = hop.probe()
        #expect(hop.hear("421 4.3.2 down\r\n") == [.closed(.refused(Reply(421, "4.3.2", "down")))])
        hop = Asked()
        _ = hop.probe()
        #expect(hop.machine.disconnected() == .closed(.lost("the next hop closed the connection")))
        hop = Asked()
        _ = hop.probe()
        #expect(hop.machine.secondsMax == SendingLimits().commandSecondsMax)
        #expect(hop.machine.timedOut() == .closed(.lost("the next hop took too long")))
        #expect(hop.machine.end != nil)
    }

    @Test("an address that can't be written in SMTP is unknown, and nothing of it reaches the wire")
    func hostileAddress() {
        var hop = Asked()
        for local in ["a b", "a>\r\nDATA", "a\u{0}", "\"a", "a\u{E4}"] {
            guard
                case .answered(.unknown, let bytes) = hop.machine.probe(
                    Address(localPart: local, domain: "d.example"))
            else {
                Issue.record("\(local) was sent")
                continue
            }
            #expect(bytes == [])
            #expect(hop.machine.isIdle)
        }
    }

    @Test("a server that knows no EHLO is greeted with HELO, and one that answers 354 is not believed")
    func oldAndOdd() {
        var machine = ProbeMachine(helloName: "a\r\nb")
        _ = machine.connected()
        func hear(_ text: String) -> ProbeStep {
            var consumed = 0
            return Array(text.utf8).withUnsafeBytes { machine.receive($0, consumed: &consumed) }
        }
        #expect(said([hear("220 hi\r\n")]) == "EHLO a--b\r\n")
        #expect(said([hear("500 what\r\n")]) == "HELO a--b\r\n")
        #expect(hear("250 ok\r\n") == .ready)
        _ = machine.probe(one)
        #expect(hear("354 go\r\n") == .closed(.faulty("354 in reply to no DATA")))
    }

    @Test(
        "random octets from a server never trap, and give at most one answer a question",
        arguments: 0..<100 as Range<UInt64>)
    func garbage(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var machine = ProbeMachine(helloName: "mx.example.net")
        _ = machine.connected()
        let words = [
            "220 x\r\n", "250-x\r\n", "250 PIPELINING\r\n", "250 ok\r\n", "354 go\r\n", "421 x\r\n",
            "550 5.1.1 no\r\n", "450 4\r\n", "\r\n", "2", "xyz",
        ]
        var buffer: [UInt8] = []
        var asked = 0
        var answers = 0
        for _ in 0..<300 where machine.end == nil {
            let isNoise = Int.random(in: 0..<30, using: &numbers) == 0
            buffer +=
                isNoise
                ? (0..<9).map { _ in UInt8.random(in: 0...255, using: &numbers) }
                : Array((words.randomElement(using: &numbers) ?? "").utf8)
            var step = ProbeStep.ready
            while step != .needMore {
                var consumed = 0
                step = buffer.withUnsafeBytes { machine.receive($0, consumed: &consumed) }
                buffer.removeFirst(consumed)
                if case .answered = step { answers += 1 }
                if machine.isIdle {
                    asked += 1
                    _ = machine.probe(one)
                }
            }
            #expect(buffer.count <= 4_096, "seed \(seed)")
        }
        #expect(answers <= asked, "seed \(seed)")
    }
}
