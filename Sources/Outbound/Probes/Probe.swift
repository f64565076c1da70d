// SPDX-License-Identifier: MIT

internal import Mail
internal import NIOCore

/// One question about a recipient: answered once, by the next hop or by the clock.
final class Probe {
    let recipient: Address
    let deadline: NIODeadline
    private let answer: @Sendable (RecipientAnswer) -> Void
    private(set) var isOver = false
    private var timeout: Scheduled<Void>?

    init(
        recipient: Address, deadline: NIODeadline, answer: @escaping @Sendable (RecipientAnswer) -> Void
    ) {
        self.recipient = recipient
        self.deadline = deadline
        self.answer = answer
    }

    /// Whether the answer is still wanted, `late` is called at the deadline.
    func watch(on loop: any EventLoop, late: @escaping (Probe) -> Void) {
        // Held until the deadline at most: `finish` gives it up.
        timeout = loop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            if !isOver { late(self) }
        }
    }

    func finish(_ answer: RecipientAnswer) {
        guard !isOver else { return }
        isOver = true
        timeout?.cancel()
        timeout = nil
        self.answer(answer)
    }
}
