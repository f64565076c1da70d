// SPDX-License-Identifier: MIT

/// Whether the queue takes another message of a size.
package enum QueueAdmission: Hashable, Sendable {
    case admitted
    /// The text names the disk or quota that is short, for the operator; the peer hears 452 4.3.1 in general
    /// words.
    case refused(String)
}
