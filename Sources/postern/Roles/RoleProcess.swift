// SPDX-License-Identifier: MIT

/// What the dispatcher knows of one role's process.
struct RoleProcess {
    enum State: String {
        /// Running, but has not yet said that it serves.
        case starting
        case ready
        /// Told to end.
        case draining
        /// Gone; `restartAt` says when the next one is due.
        case gone
    }

    let slot: RoleSlot
    var state = State.gone
    var pid: Int32 = 0
    /// -1 when there is none.
    var control: Int32 = -1
    /// Seconds, monotonic.
    var startedAt: Int64 = 0
    var restartAt: Int64 = 0
    /// When its processes died unasked: monotonic seconds, the last minute's.
    var deaths: [Int64] = []
    var restarts = 0
    var confinement: [String] = []
    var note = ""
    /// A scanner that has loaded nothing but signatures for tests.
    var hasOnlyTestSignatures = false
    var ruleset = ""
    /// Another inbound worker serves this one's listeners, because this one keeps dying.
    var lentTo: RoleSlot?

    /// After this many deaths within a minute the next start waits.
    static let quickRestartsMax = 3
    /// The longest wait, in seconds: a role that was mended should not stay away for long.
    static let waitSecondsMax: Int64 = 30

    init(slot: RoleSlot) { self.slot = slot }

    /// Notes a death and says when the next start is due: at once, or after a growing wait for a role that
    /// keeps dying, so that a crash loop doesn't take the machine with it.
    mutating func died(now: Int64) {
        deaths = deaths.filter { now - $0 < 60 } + [now]
        restarts += 1
        let beyond = deaths.count - Self.quickRestartsMax
        restartAt = beyond <= 0 ? now : now + min(Int64(1) << Int64(min(beyond, 5)), Self.waitSecondsMax)
        state = .gone
        pid = 0
    }
}
