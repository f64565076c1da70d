// SPDX-License-Identifier: MIT

internal import DurableQueue

/// What waits for one destination channel, in order, and how its next hop does.
///
/// A class, so that its queues are changed where they lie; the controller's thread alone touches it.
final class Destination {
    enum Outlet {
        case nextHop(NextHop)
        case maildir(MaildirWriter)
    }

    /// The next hop can't be reached, or the maildir can't be used: nothing is tried before `untilMs`, and
    /// then one entry first.
    struct Rest {
        var untilMs: Int
        var lengthMs: Int
        var reason: String
    }

    struct Waiting {
        let id: EntryID
        let sinceMs: Int
    }

    let channel: String
    let outlet: Outlet
    /// Asks the next hop about recipients; nil for a maildir, which takes everyone.
    let prober: RecipientProber?
    /// Entries handed over at once, at most.
    let window: Int
    /// Owed and due, oldest first. May name entries that are not, any more: `JobController.jobs` decides.
    var ready = Fifo<Waiting>()
    /// Released by a person who waits: before the others, even while the next hop rests.
    var urgent = Fifo<EntryID>()
    /// Those that a rule has just let go, whose places are counted already.
    var cleared = Fifo<EntryID>()
    /// Came back untried, because the next hop could not be reached; they go to the head of `ready`, in
    /// order.
    var returned: [Waiting] = []
    var handed = 0
    var handedOctets = 0
    var rest: Rest?
    /// When its waiting mail was last made due at a client's wish (milliseconds, monotonic).
    var runMs = Int.min / 2
    /// How many entries it had on their way then.
    var runEntries = 0

    init(channel: String, outlet: Outlet, window: Int, prober: RecipientProber? = nil) {
        self.channel = channel
        self.outlet = outlet
        self.prober = prober
        self.window = window
    }

    /// Puts what came back where it was.
    func takeBack() {
        for waiting in returned.reversed() { ready.prepend(waiting) }
        returned = []
    }

    /// Entries that may be handed over now, the urgent ones aside.
    func room(nowMs: Int, octetsMax: Int) -> Int {
        guard handedOctets < octetsMax else { return 0 }
        guard let rest else { return max(0, window - handed) }
        return nowMs >= rest.untilMs && handed == 0 ? 1 : 0
    }

    /// Nothing gets through. True if the rest is new or longer: reports of the same moment tell the same
    /// thing.
    func isUnreachable(_ reason: String, nowMs: Int, limits: ClosedRange<Int>) -> Bool {
        if let rest, nowMs < rest.untilMs { return false }
        let length = min(rest.map { $0.lengthMs * 2 } ?? limits.lowerBound, limits.upperBound)
        rest = Rest(untilMs: nowMs + length, lengthMs: length, reason: reason)
        return true
    }
}
