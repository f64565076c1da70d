// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import Mail
internal import Telemetry

/// Promise P1: whatever a crash may make us deliver twice is told and counted.
extension JobController {
    /// Entries that one event names, at most.
    private static let namedMax = 20

    /// Tells what the last run left, if it did not end in order, and begins this one.
    func beginMarked() {
        if let leftover = inFlight.leftover { tell(leftover) }
        inFlight.begin()
        if let trouble = inFlight.trouble {
            logger.log(
                OutboundEvent.queueFailed(during: "writing the mark of a running role", reason: trouble))
        }
    }

    /// Where only our process died, the table has every delivery whose record was not written; of those,
    /// whatever is still owed will be repeated. Where the machine went down, the last records may be missing
    /// too, and the table with them: then it is at most all that is owed and due.
    private func tell(_ leftover: InFlightTable.Leftover) {
        var entries = 0
        var recipients = 0
        var ids: [String] = []
        func count(_ id: EntryID, _ owed: Int) {
            entries += 1
            recipients += owed
            if ids.count < Self.namedMax { ids.append(id.description) }
        }
        if leftover.isSameBoot {
            for id in leftover.ids.sorted() {
                if let item = keeper.item(id) {
                    if item.state != .held { count(id, item.recipients.count) }
                } else if keeper.mayHaveUnreadCommits {
                    count(id, 1)
                }
            }
        } else {
            let now = Timestamp.now
            for item in keeper.list([.inFlight, .waiting]) where item.nextAttempt <= now {
                count(item.id, item.recipients.count)
            }
        }
        counters.add(.deliveriesPossiblyRepeated, UInt64(recipients))
        logger.log(
            OutboundEvent.queueUnclean(
                entries: entries, recipients: recipients, isExact: leftover.isSameBoot, ids: ids))
    }
}
