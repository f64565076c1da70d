// SPDX-License-Identifier: MIT

internal import Synchronization

/// Counts failed checks, so that a secret can't be found by trying: by identity and client together, by
/// client, by identity.
final class FailureMeter: Sendable {
    private struct Count {
        var failures: Int
        var sinceMs: Int64
    }

    /// Counts of one kind, begun anew when their window is over.
    private struct Counts {
        let max: Int
        var counts: [String: Count] = [:]
        /// Keys in the order in which they came.
        var order: [String] = []

        init(max: Int) { self.max = max }

        func isOver(_ key: String, nowMs: Int64) -> Bool {
            guard let count = counts[key], nowMs - count.sinceMs < IdentityLimits.windowMs else {
                return false
            }
            return count.failures >= max
        }

        mutating func add(_ key: String, nowMs: Int64) {
            if let count = counts[key], nowMs - count.sinceMs < IdentityLimits.windowMs {
                counts[key]?.failures += 1
                return
            }
            if counts[key] == nil {
                order.append(key)
                if order.count > IdentityLimits.countersMax {
                    // Half of them go at once: one at a time would move the rest each time.
                    let old = order.prefix(IdentityLimits.countersMax / 2)
                    for key in old { counts[key] = nil }
                    order.removeFirst(old.count)
                }
            }
            counts[key] = Count(failures: 1, sinceMs: nowMs)
        }
    }

    private struct State {
        var pairs = Counts(max: IdentityLimits.pairFailuresMax)
        var clients = Counts(max: IdentityLimits.clientFailuresMax)
        var identities = Counts(max: IdentityLimits.identityFailuresMax)
    }

    private let state = Mutex(State())

    /// Whether it is to be refused unseen. `client` is empty where nobody knows it.
    func isOver(identity: String, client: String, nowMs: Int64) -> Bool {
        state.withLock { state in
            state.pairs.isOver(Self.pair(identity, client), nowMs: nowMs)
                || state.identities.isOver(identity.lowercased(), nowMs: nowMs)
                || !client.isEmpty && state.clients.isOver(client, nowMs: nowMs)
        }
    }

    /// True where this failure was the one that reached a limit.
    func failed(identity: String, client: String, nowMs: Int64) -> Bool {
        let before = isOver(identity: identity, client: client, nowMs: nowMs)
        state.withLock { state in
            state.pairs.add(Self.pair(identity, client), nowMs: nowMs)
            state.identities.add(identity.lowercased(), nowMs: nowMs)
            if !client.isEmpty { state.clients.add(client, nowMs: nowMs) }
        }
        return !before && isOver(identity: identity, client: client, nowMs: nowMs)
    }

    /// A good secret ends the count of its pair; the others go on: they were others' failures.
    func succeeded(identity: String, client: String) {
        state.withLock { $0.pairs.counts[Self.pair(identity, client)]?.failures = 0 }
    }

    private static func pair(_ identity: String, _ client: String) -> String {
        // No address holds a space.
        "\(client) \(identity.lowercased())"
    }
}
