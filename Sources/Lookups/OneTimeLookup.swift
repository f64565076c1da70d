// SPDX-License-Identifier: MIT

internal import Glibc
package import Mail

/// DNS questions of a command that asks a few and ends: a resolver of its own, on the caller's thread, which
/// waits.
package final class OneTimeLookup {
    private final class Collected {
        var answers: [Int: DNSAnswer] = [:]
    }

    private let resolver: Resolver
    private let budgetMs: Int

    /// `budgetMs` is wall time for the questions of one call.
    package init(settings: LookupSettings, budgetMs: Int) throws(LookupError) {
        resolver = try Resolver(settings: settings)
        self.budgetMs = budgetMs
    }

    /// One answer for each question, in their order; `timedOut` for those that the budget didn't suffice for.
    package func answers(_ questions: [DNSQuestion]) -> [DNSAnswer] {
        let collected = Collected()
        for (index, question) in questions.enumerated() {
            resolver.resolve(question) { collected.answers[index] = $0 }
        }
        let end = Self.nowMs() &+ budgetMs
        while collected.answers.count < questions.count {
            let remaining = end &- Self.nowMs()
            guard remaining > 0 else { break }
            var polled = pollfd(fd: resolver.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, Int32(clamping: remaining)) > 0 { resolver.process() }
        }
        return questions.indices.map { collected.answers[$0] ?? .timedOut }
    }

    private static func nowMs() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec &* 1_000 &+ time.tv_nsec / 1_000_000
    }
}
