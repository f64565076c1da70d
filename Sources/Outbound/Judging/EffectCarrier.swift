// SPDX-License-Identifier: MIT

package import DurableQueue

/// Whoever brings effects to those that remember.
package protocol EffectCarrier: AnyObject, Sendable {
    /// Has the effects of one message done. `finish` is called once, on any thread: with nil when all of them
    /// are done, now or before, and will outlive a power cut; else with the reason, and they are handed in
    /// again later.
    func carry(_ effects: QueuedEffects, then finish: @escaping @Sendable (String?) -> Void)
}
