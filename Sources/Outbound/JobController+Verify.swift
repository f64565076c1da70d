// SPDX-License-Identifier: MIT

internal import Mail

/// Questions about recipients (call-ahead). They touch no entry.
extension JobController {
    /// Answers from the next hop's event loop, or at once.
    func verify(_ command: Command) {
        let request = command.request
        let answer: @Sendable (RecipientAnswer) -> Void = { said in
            var lines = AnswerLines()
            lines.append(VerifyResult(said))
            command.answer(lines.finished())
        }
        guard let recipient = request.recipient.flatMap({ Address($0) }), let channel = request.channel,
            let destination = destinations[channel]
        else {
            return answer(.unsure("channel \(request.channel ?? "") has no next hop"))
        }
        guard let prober = destination.prober else { return answer(.accepted) }
        prober.verify(recipient, timeoutMs: request.timeoutMs, answer: answer)
    }
}
