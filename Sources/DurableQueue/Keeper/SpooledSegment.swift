// SPDX-License-Identifier: MIT
internal import Mail

/// A segment as the keeper knows it.
final class SpooledSegment {
    let slot: String
    let generation: UInt64
    /// Its writer's name: the generation of the writer's first segment.
    let writer: UInt64
    let seed: UInt32
    let file: DiskFile
    /// Its mark, once it was there.
    var mark: DiskFile?
    let octets: Int

    /// Where the next unread record stands.
    var readTo = SegmentHead.pageOctets
    /// Its writer has let go of it, for good.
    var isSealed = false
    /// Where a sealed segment ends: its size, or where its writer abandoned it.
    var limit: Int
    /// How far the writer said it was committed when it was sealed.
    var committedAtSealing = 0
    var recordsBeyondMark = 0
    var isReadToEnd = false
    /// Messages of which entries are still in the spool.
    var live = 0
    /// Messages of which none is: where, how many entries they had, and whether they had effects.
    var finished: [(offset: UInt64, entries: Int, hasEffects: Bool)] = []
    /// Something in it could be neither read nor copied elsewhere: it is kept for a person.
    var mustStay = false
    /// Part of it was unreadable, so that it isn't known which bodies it names.
    var hasDamage = false
    /// Milliseconds; not read before, because the disk refused.
    var retryMs: Int64 = 0

    init(slot: String, head: SegmentHead, file: DiskFile, octets: Int) {
        self.slot = slot
        generation = head.generation
        writer = head.writer
        seed = head.seed
        self.file = file
        self.octets = octets
        limit = octets
    }

    func close(on disk: any QueueDisk) {
        disk.close(file)
        if let mark { disk.close(mark) }
        mark = nil
    }

    var isDone: Bool { isSealed && isReadToEnd && live == 0 && !mustStay }
}

/// A message of which at least one entry, or its effects, is in the spool.
struct SpooledMessage {
    let segment: SpooledSegment
    let payloadOctets: Int
    let entryCount: Int
    let hasEffects: Bool
    /// Entries in the spool, and one more as long as the effects are not done.
    var live: Int
    let bodyName: String?
}

/// An entry that is owed or held.
struct LiveEntry {
    enum Place: Hashable {
        case spool
        case store(QueueLayout.Place)
    }

    var item: QueueItem
    var place: Place
    /// All recipients in their order, once some of them are done; nil while all of `item.recipients` are
    /// owed.
    var original: [Address]?
    /// Numbers in `original`.
    var doneRecipients: [Int] = []
    /// It is to move out of the spool.
    var target: QueueLayout.Place?
    /// A store file of this entry may exist although it counts as being in the spool: its folder's sync
    /// failed.
    var stray: QueueLayout.Place?

    var allRecipients: [Address] { original ?? item.recipients }

    /// As the log tells it.
    func state(_ event: LoggedState.Event) -> LoggedState {
        let logged: LoggedState.Place =
            switch place {
            case .spool: .spool
            case .store(let place): .init(place)
            }
        return LoggedState(
            event: event, place: logged, attempts: item.attempts, nextAttempt: item.nextAttempt,
            since: item.since, doneRecipients: doneRecipients, reason: item.reason)
    }

    /// Nothing is owed any more to those of `recipients` that it was. Whether none is left.
    mutating func settle(_ recipients: [Address]) -> Bool {
        let settled = Set(recipients)
        let all = allRecipients
        var done = Set(doneRecipients)
        for (number, recipient) in all.enumerated() where settled.contains(recipient) { done.insert(number) }
        settle(numbers: done, of: all)
        return item.recipients.isEmpty
    }

    /// The same by numbers in the entry's own order; numbers beyond it are ignored.
    mutating func settle(numbers: Set<Int>, of all: [Address]) {
        guard !numbers.isEmpty else { return }
        original = all
        doneRecipients = numbers.filter { all.indices.contains($0) }.sorted()
        item.recipients = all.indices.filter { !numbers.contains($0) }.map { all[$0] }
    }
}
