// SPDX-License-Identifier: MIT

import Foundation

/// What happened, in order, for tests that wait for it. Any thread.
final class Journal<Entry: Sendable>: @unchecked Sendable {
    // Sendable: `list` is touched under the condition's lock alone.
    private let condition = NSCondition()
    private var list: [Entry] = []

    var entries: [Entry] { condition.withLock { list } }

    func append(_ entry: Entry) {
        condition.withLock {
            list.append(entry)
            condition.broadcast()
        }
    }

    /// False if `predicate` isn't true of the entries within ten seconds.
    func wait(until predicate: ([Entry]) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: 10)
        return condition.withLock {
            while !predicate(list) {
                guard condition.wait(until: deadline) else { return predicate(list) }
            }
            return true
        }
    }
}
