// SPDX-License-Identifier: MIT

package import Mail

/// What a gate, or whoever judged the content, decided.
package enum ReceivingAnswer: Hashable, Sendable {
    case admitted
    /// 4xx or 5xx. With 421 the session ends.
    case refused(Reply)
    /// 4xx or 5xx, and the session ends with it.
    case dismissed(Reply)
    /// The final reply to the content or to ETRN, and the only answer after `contentEnded` and `askQueueRun`.
    /// With 421 the session ends.
    case settled(Reply)
}
