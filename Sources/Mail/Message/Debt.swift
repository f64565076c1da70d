// SPDX-License-Identifier: MIT

/// What a 250 obliges us to do for some recipients of a message.
package enum Debt: Codable, Hashable, Sendable {
    /// Deliver by this channel.
    case deliver(channel: String)
    /// Keep for a person to decide; `channel` is where a release sends it.
    case hold(channel: String, reason: String)
}
