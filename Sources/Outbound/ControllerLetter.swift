// SPDX-License-Identifier: MIT

internal import DurableQueue
internal import Mail

/// What reaches the controller's thread.
enum ControllerLetter: Sendable {
    case reports([DeliveryReport])
    case command(Command)
    /// A maildir can't be used, as its writer found before there was anything to write.
    case maildirTrouble(path: String, Reply)
    /// Whether an attempt is to be made.
    case ruled(EntryID, DequeueRuling)
    /// Where a copy of what was delivered or deleted is to be kept, if anywhere.
    case copy(QueuedContent, path: String?)
    /// The message's effects are done, or why they aren't.
    case effects(MessageID, failure: String?)
    /// Take no more work, finish what is in flight.
    case stop
}
