// SPDX-License-Identifier: MIT

/// When the next attempt of an entry is due, and when waiting ends (RFC 5321 §4.5.4.1). A pure table.
package struct RetrySchedule: Codable, Hashable, Sendable {
    /// Seconds from one attempt to the next, by the number of attempts made; the last one repeats.
    package var delaysSeconds: [Int]
    /// Seconds after its arrival (or release) after which an entry is held for the postmaster.
    package var lifetimeSeconds: Int

    /// 5, 10, 20, 30 minutes, then hourly; five days. RFC 5321 asks for at least 30 minutes between attempts
    /// in general, more often at first, and for four to five days.
    package init(delaysSeconds: [Int] = [300, 600, 1200, 1800, 3600], lifetimeSeconds: Int = 5 * 86_400) {
        self.delaysSeconds = delaysSeconds
        self.lifetimeSeconds = lifetimeSeconds
    }

    /// `attempts` made so far, at least 1. A clock that went back makes an entry younger, never older than it
    /// is.
    package func next(attempts: Int, since: Int64, now: Int64) -> RetryDecision {
        let age = now.subtractingReportingOverflow(since)
        if !age.overflow, age.partialValue >= Int64(lifetimeSeconds) { return .expired }
        guard let last = delaysSeconds.last else { return .again(at: now &+ 300) }
        let index = max(attempts, 1) - 1
        return .again(at: now &+ Int64(index < delaysSeconds.count ? delaysSeconds[index] : last))
    }
}

package enum RetryDecision: Hashable, Sendable {
    /// Seconds since 1970-01-01 UTC.
    case again(at: Int64)
    case expired
}
