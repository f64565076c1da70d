// SPDX-License-Identifier: MIT

package import Mail

/// What a gate, or whoever judged the content, decided.
package enum ReceivingAnswer: Hashable, Sendable {
    case admitted
    /// 4xx or 5xx. With 421 the session ends.
    case refused(Reply)
    /// The final reply to the content. Only after `contentEnded`, and the only answer there. With 421 the
    /// session ends.
    case settled(Reply)
}
