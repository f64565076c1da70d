// SPDX-License-Identifier: MIT

internal import Synchronization

/// What a pure function made of its arguments, kept so that the same argument isn't worked on again. Since
/// the value depends on the argument alone, nobody can tell whether it was kept: it changes what a decision
/// costs, and never the decision.
///
/// It keeps two generations: what was used lately, and what was used before that. When the first is full the
/// second is forgotten, so that nothing has to be kept in order of use.
package final class KeptResults<Argument: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Generations: Sendable {
        var recent: [Argument: (value: Value, cost: Int)] = [:]
        var recentCost = 0
        var older: [Argument: (value: Value, cost: Int)] = [:]

        mutating func add(
            _ argument: Argument, _ value: Value, _ cost: Int, entriesMax: Int, costMax: Int
        ) {
            if recent.count >= max(1, entriesMax) || recentCost + cost > costMax {
                older = recent
                recent = [:]
                recentCost = 0
            }
            recent[argument] = (value, cost)
            recentCost += cost
        }
    }

    /// Of one generation.
    private let entriesMax: Int
    private let costMax: Int
    private let kept = Mutex(Generations())

    /// At most `entriesMax` results, whose costs, as `keep` is told them, add up to `costMax` at most.
    package init(entriesMax: Int, costMax: Int) {
        self.entriesMax = entriesMax / 2
        self.costMax = costMax / 2
    }

    package subscript(argument: Argument) -> Value? {
        kept.withLock { kept in
            if let found = kept.recent[argument] { return found.value }
            guard let found = kept.older.removeValue(forKey: argument) else { return nil }
            kept.add(argument, found.value, found.cost, entriesMax: entriesMax, costMax: costMax)
            return found.value
        }
    }

    /// `cost` is in whatever `costMax` counts. What costs more than half of that isn't kept.
    package func keep(_ value: Value, for argument: Argument, cost: Int) {
        guard cost <= costMax else { return }
        kept.withLock { kept in
            guard kept.recent[argument] == nil else { return }
            kept.older[argument] = nil
            kept.add(argument, value, cost, entriesMax: entriesMax, costMax: costMax)
        }
    }

    /// Results that are kept now.
    package var count: Int { kept.withLock { $0.recent.count + $0.older.count } }
}
