// SPDX-License-Identifier: MIT

package import Gates
internal import Synchronization

/// The ruleset that new connections and new messages are judged by. A reload swaps it; whoever has begun
/// keeps theirs (promise P2).
package final class CurrentRuleset: Sendable {
    private let ruleset: Mutex<Ruleset>

    package init(_ ruleset: Ruleset) { self.ruleset = Mutex(ruleset) }

    package var value: Ruleset { ruleset.withLock { $0 } }

    package func replace(by new: Ruleset) { ruleset.withLock { $0 = new } }
}
