// SPDX-License-Identifier: MIT

/// Every bound of the queue, with its unit in the name.
package struct QueueLimits: Hashable, Sendable {
    /// One segment of the spool. Large enough that opening one (three syncs) is rare, small enough that one
    /// message which can't be delivered doesn't keep much disk.
    package var segmentOctets = 64 << 20
    /// A larger body gets a file of its own: copying it through the segment would cost more than that file.
    package var inlineBodyOctetsMax = 1 << 20
    /// A draft beyond this is spilled to a file, so that many large messages can't fill memory.
    package var draftMemoryOctetsMax = 1 << 20
    /// The largest message that the queue takes at all; services set lower bounds of their own.
    package var messageOctetsMax = 256 << 20
    /// Note and inserted bytes of one message: what is copied into its record beside the body.
    package var recordMetaOctetsMax = 8 << 20
    /// Versions of one message. More different recipients than this get theirs in further transactions.
    package var editionsMax = 256
    /// Entries of one message; numbers from `EntryID.effectsIndex` on mean something else.
    package var entriesMax = 999
    /// Effects of one message: a few for each recipient.
    package var effectsMax = 10_000
    /// Addresses of one message, in its envelope and its entries together: aliases can make many of one.
    package var recipientsMax = 50_000
    /// Pieces of one edition: each header that is taken out makes two.
    package var piecesMax = 10_000
    /// Encoded octets that are written before their batch is complete, so that the buffer stays small.
    package var batchBufferOctetsMax = 8 << 20
    /// Octets that wait for the committer, at most: a disk that stands still must not fill memory.
    package var pendingOctetsMax = 256 << 20

    /// Free disk that is kept for what is already owed: moving out, logs.
    package var reserveOctets = 256 << 20
    /// Files that are kept possible to make, for the same.
    package var reserveFiles = 1_000
    /// Quota of segments and bodies on disk: some hours of mail with nothing going out.
    package var spoolOctetsMax = 16 << 30
    /// Quota of waiting mail on disk: some days of mail to next hops that are down.
    package var owedOctetsMax = 16 << 30
    /// Quota of held mail on disk: what people let pile up must not stop the rest.
    package var heldOctetsMax = 4 << 30
    /// How old the snapshot of free space and usage may be on which admission is decided.
    package var admissionRenewMs: Int64 = 1_000

    /// One log of the keeper: some 200,000 states before it is written anew.
    package var logOctets = 16 << 20
    /// Messages in the spool that the keeper holds in memory before it stops reading; the rest waits on disk.
    package var messagesInMemoryMax = 100_000
    /// Entries moved into the store by one `flush` or `poll`, so that neither blocks for long.
    package var movesPerFlushMax = 100
    /// Delivered records are synced at least this often; a crash repeats what was delivered since the last.
    package var logSyncMs: Int64 = 200
    /// How long before the keeper tries again what the disk refused.
    package var diskRetryMs: Int64 = 1_000
    /// One read of a segment: some hundred messages of the usual size.
    package var readOctets = 1 << 20
    /// The reason of an entry, as kept: a reply of a next hop, or a line of ours.
    package var reasonOctetsMax = 400
    /// The head of a store file: the note, each octet possibly escaped as four, and the rest.
    package var storeHeadOctetsMax = 40 << 20

    package init() {}
}
