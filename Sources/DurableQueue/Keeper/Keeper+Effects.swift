// SPDX-License-Identifier: MIT
package import Mail

/// What a message wants done once besides being delivered.
package struct QueuedEffects: Hashable, Sendable {
    /// The key by which a repetition is known.
    package let message: MessageID
    package let caseID: String
    /// Seconds since 1970-01-01 UTC: when it was judged.
    package let arrived: Int64
    /// Never empty.
    package let effects: [Effect]
}

// Effects are told until somebody says that they are done, across restarts, and may be told again after that
// where a crash took the record of it: they are keyed by the message, so that repeating them changes nothing.
// Until then the message stays in the spool, delivered or not.
extension Keeper {
    /// The effects that came since the last call, recovered ones included; in the order of the messages'
    /// arrival. What couldn't be done now is the caller's to keep.
    package func drainEffects() -> [QueuedEffects] {
        defer { effectArrivals.removeAll(keepingCapacity: true) }
        return effectArrivals.compactMap { effects[$0] }
    }

    /// They are done, or nobody wants them any more. Reaches the disk with the next `flush`.
    package func effectsDone(_ message: MessageID) {
        guard effects.removeValue(forKey: message) != nil else { return }
        log.append(.effects(of: message), .done(.carriedOut))
        leaveSpool(message)
    }

    /// At reading: false where the log says that they are done.
    func awaitEffects(of message: MessageID, _ record: CommitRecord) -> Bool {
        if logged.removeValue(forKey: .effects(of: message))?.place == .done { return false }
        effects[message] = QueuedEffects(
            message: message, caseID: record.caseID, arrived: record.arrived, effects: record.effects)
        effectArrivals.append(message)
        return true
    }
}
