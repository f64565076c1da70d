// SPDX-License-Identifier: MIT

internal import Logging
internal import Synchronization
internal import Telemetry

/// Which next hops take every address of a domain, so that asking them about recipients tells nothing. Each
/// is tried once in a lifetime of a good answer.
final class CatchAllWatch: Sendable {
    private struct Pair: Hashable {
        let channel: String
        let domain: String
    }

    private struct Finding {
        var untilMs: Int64
        var takesAll: Bool
    }

    private let lifetimeMs: Int64
    private let counters: CounterPage
    private let logger: Logger
    private let findings = Mutex<[Pair: Finding]>([:])

    init(seconds: Int, counters: CounterPage, logger: Logger) {
        lifetimeMs = Int64(seconds) * 1_000
        self.counters = counters
        self.logger = logger
    }

    /// Whether to try. Says yes to one, who then has to `note` or `forget`.
    func isDue(channel: String, domain: String, nowMs: Int64) -> Bool {
        let pair = Pair(channel: channel, domain: domain)
        return findings.withLock { findings in
            if let finding = findings[pair] {
                guard finding.untilMs <= nowMs else { return false }
                findings[pair]?.untilMs = nowMs + lifetimeMs
                return true
            }
            // With every domain there is accepted, somebody could have us remember them all.
            if findings.count >= CallAheadLimits.domainsMax {
                findings = findings.filter { $0.value.untilMs > nowMs }
                guard findings.count < CallAheadLimits.domainsMax else { return false }
            }
            findings[pair] = Finding(untilMs: nowMs + lifetimeMs, takesAll: false)
            return true
        }
    }

    func note(channel: String, domain: String, takesAll: Bool) {
        let (before, count) = findings.withLock { findings in
            let pair = Pair(channel: channel, domain: domain)
            let before = findings[pair]?.takesAll ?? false
            findings[pair]?.takesAll = takesAll
            return (before, findings.values.count { $0.takesAll })
        }
        counters.set(.callAheadCatchAlls, to: UInt64(count))
        guard before != takesAll else { return }
        logger.log(
            takesAll
                ? WatchEvent.callAheadTellsNothing(channel: channel, domain: domain)
                : WatchEvent.callAheadTellsAgain(channel: channel, domain: domain))
    }

    /// Nobody could say: the next accepted recipient is the next try.
    func forget(channel: String, domain: String) {
        findings.withLock { $0[Pair(channel: channel, domain: domain)]?.untilMs = 0 }
    }
}
