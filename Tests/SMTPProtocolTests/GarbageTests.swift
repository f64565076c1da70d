// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SMTPProtocol

@Suite("Garbage")
struct GarbageTests {
    @Test(
        "random octets never trap, never begin a message, and cost bounded memory",
        arguments: 0..<100 as Range<UInt64>)
    func receiving(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        let words = [
            "EHLO a", "MAIL FROM:<a@b.c>", "RCPT TO:<d@e.f>", "DATA", "\r\n", "\r\n", "\r\n", ".", "\r", "\n",
            "\0", "STARTTLS",
            "<", ">", "\"", "@", "[", "\u{FF}", " SIZE=", "RSET", "\r\n.\r\n", "AUTH PLAIN", "AUTH LOGIN",
            " AGEAYg==", "AGEAYg==\r\n", "=", "*\r\n", "ETRN ", "@", "#", " AUTH=", "+3C", "EHLO a\r\n",
        ]
        var limits = SMTPLimits()
        limits.badCommandsMax = 1_000
        var visit = Visit.greeted(limits: limits, offersTLS: true, sizeOctetsMax: 2_000) {
            if case .askRecipient = $0 { .refused(Reply(550, "5.7.1", "No")) } else { nil }
        }
        visit.machine.limits.badAuthenticationsMax = 1_000
        visit.machine.offers.mechanisms = [.plain, .login]
        visit.machine.offers.allowsClearAuthentication = Bool.random(using: &numbers)
        visit.machine.offers.queueRuns = true
        for _ in 0..<400 where !visit.isClosed {
            if Bool.random(using: &numbers) {
                visit.say(
                    (0..<Int.random(in: 1...200, using: &numbers)).map { _ in
                        UInt8.random(in: 0...255, using: &numbers)
                    })
            } else {
                visit.say((0..<5).map { _ in words.randomElement(using: &numbers) ?? "" }.joined())
            }
            #expect(visit.buffer.count <= 2_048, "seed \(seed)")
        }
        #expect(visit.messages.isEmpty && !visit.asked.contains("content"), "seed \(seed)")
    }

    @Test("random octets from a server never trap, and deliver nothing", arguments: 0..<100 as Range<UInt64>)
    func sending(_ seed: UInt64) {
        var numbers = SeededNumbers(seed: seed)
        var machine = SendingMachine(helloName: "mx.example.net")
        _ = machine.connected()
        let words = [
            "220 x\r\n", "250-x\r\n", "250 PIPELINING\r\n", "354 go\r\n", "421 x\r\n", "550 no\r\n", "\r\n",
            "2", "xyz",
        ]
        var buffer: [UInt8] = []
        for _ in 0..<200 where machine.end == nil {
            let isNoise = Int.random(in: 0..<20, using: &numbers) == 0
            buffer +=
                isNoise
                ? (0..<9).map { _ in UInt8.random(in: 0...255, using: &numbers) }
                : Array((words.randomElement(using: &numbers) ?? "").utf8)
            var step = SendingStep.ready
            while step != .needMore {
                var consumed = 0
                step = buffer.withUnsafeBytes { machine.receive($0, consumed: &consumed) }
                buffer.removeFirst(consumed)
                if case .settled(let results) = step {
                    for result in results {
                        if case .delivered = result.outcome {
                            Issue.record("delivered without content, seed \(seed)")
                        }
                    }
                }
                if machine.isIdle {
                    let envelope = Envelope(
                        sender: nil, recipients: [Address(localPart: "a", domain: "b.example")])
                    _ = machine.send(envelope, octets: 10)
                }
            }
        }
    }
}
