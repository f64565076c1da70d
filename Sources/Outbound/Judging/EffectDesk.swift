// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import Mail

/// Effects on their way: which messages' are under way, and which wait to be handed in again. The
/// controller's thread alone touches it.
struct EffectDesk {
    /// Messages whose effects are under way at once, at most: those who remember sync each.
    private static let underWayMax = 20
    /// How long after a failure the next try is, in milliseconds.
    private static let retryMs = 1_000

    private var waiting = Fifo<QueuedEffects>()
    private var underWay: [MessageID: QueuedEffects] = [:]
    private var restUntilMs = Int.min / 2

    mutating func append(_ effects: [QueuedEffects]) {
        for each in effects { waiting.append(each) }
    }

    /// The next to be handed in, if there is room.
    mutating func next(nowMs: Int) -> QueuedEffects? {
        guard nowMs >= restUntilMs, underWay.count < Self.underWayMax, let next = waiting.popFirst() else {
            return nil
        }
        underWay[next.message] = next
        return next
    }

    /// When something that waits may be tried; nil where nothing waits, or an answer comes first.
    var nextMs: Int? { waiting.isEmpty || underWay.count >= Self.underWayMax ? nil : restUntilMs }

    func caseID(_ message: MessageID) -> String { underWay[message]?.caseID ?? "" }

    /// It is done, or nobody wants it any more.
    mutating func finish(_ message: MessageID) { underWay[message] = nil }

    /// It waits to be tried again. False where its time is over: what was to be remembered until then is
    /// forgotten by now.
    mutating func putBack(_ message: MessageID, now: Int64, nowMs: Int) -> Bool {
        guard let effects = underWay.removeValue(forKey: message), now < effects.wantedUntil else {
            return false
        }
        restUntilMs = nowMs + Self.retryMs
        waiting.append(effects)
        return true
    }
}

extension QueuedEffects {
    /// Seconds since 1970-01-01 UTC; after that none of them makes a difference.
    fileprivate var wantedUntil: Int64 {
        effects.reduce(arrived) { latest, effect in
            switch effect {
            case .remember(_, let seconds):
                max(latest, seconds < Int32.max ? arrived &+ Int64(seconds) : Int64.max)
            }
        }
    }
}
