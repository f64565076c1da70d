// SPDX-License-Identifier: MIT

internal import NIOCore

/// So many in each second, and no more.
struct SecondBudget {
    private let max: Int
    private var began = NIODeadline.distantPast
    private var taken = 0

    init(max: Int) { self.max = max }

    /// When there is something to take again, if there isn't now.
    var nextSecond: NIODeadline { began + .seconds(1) }

    /// Takes one, if one is left.
    mutating func take() -> Bool {
        let now = NIODeadline.now()
        if now - began >= .seconds(1) {
            began = now
            taken = 0
        }
        guard taken < max else { return false }
        taken += 1
        return true
    }
}
