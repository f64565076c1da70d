// SPDX-License-Identifier: MIT

import Mail

@testable import SMTPProtocol

/// One client's visit: a machine, its buffer, gates that answer at once, and what came of it all.
struct Visit {
    var machine: ReceivingMachine
    var buffer: [UInt8] = []
    /// Replies as lines for people, in order.
    var replies: [String] = []
    /// What was asked, in order.
    var asked: [String] = []
    /// What came with AUTH, in order.
    var secrets: [String] = []
    /// Messages that were whole, with their envelopes.
    var messages: [(envelope: Envelope, content: [UInt8])] = []
    /// Octets handed on as content since DATA.
    var draft: [UInt8] = []
    /// Pieces that the last message came in.
    var pieces = 0
    var isClosed = false
    /// What the gates say to a question; nil is yes, and `Reply(250)` to content.
    var judge: @Sendable (ReceivingStep) -> ReceivingAnswer? = { _ in nil }

    init(
        limits: SMTPLimits = SMTPLimits(), offersTLS: Bool = false, sizeOctetsMax: Int = 1_000_000,
        judge: @escaping @Sendable (ReceivingStep) -> ReceivingAnswer? = { _ in nil }
    ) {
        machine = ReceivingMachine(
            hostname: "mx.example.net", limits: limits, offersTLS: offersTLS, sizeOctetsMax: sizeOctetsMax)
        self.judge = judge
        carryOut(machine.connected())
    }

    /// Sends `text`, where CR and LF are written out, and answers with the replies that came of it.
    @discardableResult
    mutating func say(_ text: String) -> [String] { say(Array(text.utf8)) }

    @discardableResult
    mutating func say(_ bytes: [UInt8]) -> [String] {
        let before = replies.count
        buffer += bytes
        while !isClosed {
            var consumed = 0
            let step = buffer.withUnsafeBytes { machine.receive($0, consumed: &consumed) }
            if case .content(let range) = step {
                draft += buffer[range]
                pieces += 1
            }
            buffer.removeFirst(consumed)
            if case .needMore = step { break }
            carryOut(step)
        }
        return Array(replies[before...])
    }

    /// Sends `bytes` in pieces of `octets`.
    mutating func say(_ bytes: [UInt8], cutEvery octets: Int) {
        for start in stride(from: 0, to: bytes.count, by: octets) {
            say(Array(bytes[start..<min(start + octets, bytes.count)]))
        }
    }

    private mutating func carryOut(_ first: ReceivingStep) {
        var step = first
        while true {
            switch step {
            case .needMore, .content: return
            case .reply(let reply): return replies.append(reply.text)
            case .contentRefused(let reply):
                draft = []
                return replies.append(reply.text)
            case .startTLS(let reply):
                replies.append(reply.text)
                buffer = []
                return machine.tlsEstablished("TLSv1.3")
            case .close(let reply):
                replies.append(reply.text)
                isClosed = true
                return
            case .askConnection: asked.append("connection")
            case .askSender(let mail): asked.append("sender \(mail.sender?.description ?? "<>")")
            case .askRecipient(let command): asked.append("recipient \(command.recipient)")
            case .askIdentity(let credentials):
                asked.append("identity \(credentials)")
                secrets.append(String(decoding: credentials.secret, as: UTF8.self))
            case .askQueueRun(let command): asked.append("queue run \(command.argument)")
            case .askContent:
                asked.append("content")
                draft = []
                pieces = 0
            case .contentEnded:
                if let envelope = machine.envelope { messages.append((envelope, draft)) }
            }
            switch step {
            case .contentEnded:
                step = machine.answer(judge(step) ?? .settled(Reply(250, "2.0.0", "Queued")))
            case .askQueueRun:
                step = machine.answer(judge(step) ?? .settled(Reply(251, "2.0.0", "OK, no messages")))
            default:
                step = machine.answer(judge(step) ?? .admitted)
            }
        }
    }

    /// A visit that has said EHLO.
    static func greeted(
        limits: SMTPLimits = SMTPLimits(), offersTLS: Bool = false, sizeOctetsMax: Int = 1_000_000,
        judge: @escaping @Sendable (ReceivingStep) -> ReceivingAnswer? = { _ in nil }
    ) -> Visit {
        var visit = Visit(limits: limits, offersTLS: offersTLS, sizeOctetsMax: sizeOctetsMax, judge: judge)
        visit.say("EHLO client.example.org\r\n")
        return visit
    }
}
