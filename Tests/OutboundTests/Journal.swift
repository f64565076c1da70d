// SPDX-License-Identifier: MIT

import Foundation

/// Something that threads write and a test waits on: for a condition, until a deadline.
final class Journal<State>: @unchecked Sendable {
    // Sendable: the state is touched under the condition's lock alone.
    private let condition = NSCondition()
    private var state: State

    init(_ state: State) { self.state = state }

    func change<Value>(_ body: (inout State) -> Value) -> Value {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        return body(&state)
    }

    var now: State { change { $0 } }

    /// False if it didn't come true in time.
    func wait(seconds: Double = 60, until isTrue: (State) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: seconds)
        condition.lock()
        defer { condition.unlock() }
        while !isTrue(state) {
            guard condition.wait(until: deadline) else { return isTrue(state) }
        }
        return true
    }
}
