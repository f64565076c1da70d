// SPDX-License-Identifier: MIT

import Mail

@testable import SMTPProtocol

/// A machine and the server's part of a script.
struct Hop {
    var machine: SendingMachine
    var steps: [SendingStep] = []
    private var buffer: [UInt8] = []

    init(limits: SendingLimits = SendingLimits()) {
        machine = SendingMachine(helloName: "postern.example.net", limits: limits)
        _ = machine.connected()
    }

    /// A hop that has greeted and offers `extensions`.
    static func ready(_ extensions: [String] = ["PIPELINING", "8BITMIME", "SIZE 10000"]) -> Hop {
        var hop = Hop()
        hop.hear("220 next.example.net ESMTP\r\n")
        let lines = ["next.example.net"] + extensions
        hop.hear(
            lines.enumerated().map { "250\($0 == lines.count - 1 ? " " : "-")\($1)\r\n" }.joined())
        return hop
    }

    /// The server says `text`; the steps that came of it, `.needMore` left out.
    @discardableResult
    mutating func hear(_ text: String) -> [SendingStep] {
        let before = steps.count
        buffer += Array(text.utf8)
        while true {
            var consumed = 0
            let step = buffer.withUnsafeBytes { machine.receive($0, consumed: &consumed) }
            buffer.removeFirst(consumed)
            if step == .needMore { break }
            steps.append(step)
        }
        return Array(steps[before...])
    }

    mutating func send(
        _ recipients: [String], sender: String? = "a@b.example", octets: Int = 12, isEightBit: Bool = false
    )
        -> String
    {
        let envelope = Envelope(
            sender: sender.flatMap { Address($0) }, recipients: recipients.compactMap { Address($0) },
            isEightBit: isEightBit)
        guard case .send(let bytes) = machine.send(envelope, octets: octets) else { return "" }
        return String(decoding: bytes, as: UTF8.self)
    }
}

func sent(_ steps: [SendingStep]) -> [String] {
    steps.map { if case .send(let bytes) = $0 { String(decoding: bytes, as: UTF8.self) } else { "\($0)" } }
}

let one = Address(localPart: "c", domain: "d.example")
let two = Address(localPart: "e", domain: "d.example")
let queued = Reply(250, "2.0.0", "Queued")
