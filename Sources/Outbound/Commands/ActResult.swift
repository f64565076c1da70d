// SPDX-License-Identifier: MIT

/// What came of an act on one entry.
package struct ActResult: Codable, Hashable, Sendable {
    package enum Result: String, Codable, CaseIterable, Sendable {
        /// `release`: the next hop took it for every recipient.
        case delivered
        /// `release`: the next hop put it off; it stays held.
        case deferred
        /// `release`: the next hop refused it; it stays held.
        case refused
        /// `release`: the attempt goes on; `show` will tell.
        case inProgress = "in_progress"
        case alreadyReleased = "already_released"
        case deleted
        case alreadyDeleted = "already_deleted"
        case held
        case alreadyHeld = "already_held"
        /// `retry`: the next attempt comes at once.
        case scheduled
        /// It is being delivered at this moment; ask again.
        case busy
        /// The act doesn't fit the entry's state, as `reason` says.
        case notPossible = "not_possible"
        case notFound = "not_found"
        /// The queue could not do it; nothing was changed, or `reason` says what.
        case failed
    }

    package var id: String
    package var result: Result
    /// What the next hop said last, if it was asked.
    package var nextHopReply: String?
    /// Why, where `result` doesn't say it all.
    package var reason: String?

    package init(id: String, result: Result, nextHopReply: String? = nil, reason: String? = nil) {
        self.id = id
        self.result = result
        self.nextHopReply = nextHopReply
        self.reason = reason
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(result, forKey: .result)
        // Written as null where nothing was said: readers find the key in every answer.
        try container.encode(nextHopReply, forKey: .nextHopReply)
        try container.encodeIfPresent(reason, forKey: .reason)
    }

    enum CodingKeys: String, CodingKey {
        case id, result, reason
        case nextHopReply = "next_hop_reply"
    }
}
