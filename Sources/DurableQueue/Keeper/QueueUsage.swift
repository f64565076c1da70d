// SPDX-License-Identifier: MIT

/// How much the queue holds, per class, for quotas and for operators.
package struct QueueUsage: Codable, Hashable, Sendable {
    /// Entries that are in the spool and owed, those about to be moved out included.
    package var inFlightEntries = 0
    package var owedEntries = 0
    package var owedOctets = 0
    package var heldEntries = 0
    package var heldOctets = 0
    /// Segments on disk, and what they take up there.
    package var segments = 0
    package var spoolOctets = 0
    /// Segments of which something is still unread.
    package var unreadSegments = 0
    /// Octets of the log in use, of `QueueLimits.logOctets`.
    package var logOctets = 0

    package init() {}
}
