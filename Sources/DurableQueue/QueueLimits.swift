// SPDX-License-Identifier: MIT

/// Every bound of the queue, with its unit in the name.
package struct QueueLimits: Hashable, Sendable {
    /// One segment of the spool. Large enough that opening one (three syncs) is rare, small enough that one
    /// message which can't be delivered doesn't keep much disk.
    package var segmentOctets = 64 << 20
    /// A larger body gets a file of its own: copying it through the segment would cost more than the file
    /// does.
    package var inlineBodyOctetsMax = 1 << 20
    /// A draft beyond this is spilled to a file, so that many large messages can't fill memory.
    package var draftMemoryOctetsMax = 1 << 20
    /// The largest message that the queue takes at all; services set lower bounds of their own.
    package var messageOctetsMax = 256 << 20
    /// Note, envelope and inserted bytes of one message: what a record holds beside the body.
    package var recordMetaOctetsMax = 8 << 20
    /// Forms in which one message goes out: its recipients may be edited for apart, but not by the thousand.
    package var editionsMax = 256
    /// Entries of one message; must stay below `EntryID.splitIndexMin`.
    package var entriesMax = 999
    /// Recipients of one message, all entries together; services set lower bounds of their own.
    package var recipientsMax = 50_000
    /// Pieces of one edition.
    package var piecesMax = 10_000
    /// Encoded octets that are written before their batch is complete, so that the buffer stays small.
    package var batchBufferOctetsMax = 8 << 20
    /// Octets that wait for the committer, at most: a disk that stands still must not fill memory.
    package var pendingOctetsMax = 256 << 20

    /// Free disk that is kept for what is already owed: moving out, logs.
    package var reserveOctets = 256 << 20
    /// The same for files.
    package var reserveFiles = 1_000
    /// Octets on disk of mail in flight; beyond it MAIL FROM hears 452.
    package var spoolOctetsMax = 16 << 30
    /// The same of mail that waits after its first attempts.
    package var owedOctetsMax = 16 << 30
    /// The same of held mail: beyond it what should be held is put off or refused, and nothing is deleted.
    package var heldOctetsMax = 4 << 30
    /// How old the snapshot of free space and usage may be on which admission is decided.
    package var admissionRenewMs: Int64 = 1_000

    /// One log of the keeper.
    package var logOctets = 16 << 20
    /// Live entries that the keeper holds in memory before it stops reading the spool; the rest waits on
    /// disk.
    package var entriesInMemoryMax = 100_000
    /// Entries moved into the store by one `flush` or `poll`, so that neither blocks for long.
    package var movesPerFlushMax = 100
    /// Delivered records are synced at least this often; a crash within it repeats what was delivered
    /// meanwhile.
    package var logSyncMs: Int64 = 200
    /// How long before the keeper tries again what the disk refused.
    package var diskRetryMs: Int64 = 1_000
    /// One read of a segment.
    package var readOctets = 1 << 20
    /// The reason of an entry, as kept.
    package var reasonOctetsMax = 400
    /// The head of a store file: the note, each octet possibly escaped as four, and the rest.
    package var storeHeadOctetsMax = 40 << 20

    package init() {}
}
