// SPDX-License-Identifier: MIT

/// An entry as a list shows it.
package struct QueueRow: Codable, Hashable, Sendable {
    /// What commands are given to name it.
    package var id: String
    /// Which of its message's entries it is, from 0.
    package var entry: Int
    /// `in_flight` (in the spool, first attempt to come or under way), `waiting` (deferred) or `held`.
    package var state: String
    /// Empty for the null sender.
    package var from: String
    package var to: [String]
    package var sizeBytes: Int
    /// RFC 3339, UTC.
    package var arrived: String
    /// Why it is held or waits; empty in flight.
    package var reason: String
    package var `case`: String
    package var channel: String
    package var attempts: Int
    /// RFC 3339, UTC; nil unless it waits.
    package var nextAttempt: String?

    enum CodingKeys: String, CodingKey {
        case id, entry, state, from, to, arrived, reason, `case`, channel, attempts
        case sizeBytes = "size_bytes"
        case nextAttempt = "next_attempt"
    }
}

/// An entry with what was noted when it was accepted, and the start of its header.
package struct QueueDetails: Codable, Hashable, Sendable {
    package var row: QueueRow
    /// `BODY=8BITMIME` was given.
    package var isEightBit: Bool
    /// Which rules decided, as noted at the commit.
    package var trail: JSONValue
    /// The first octets of the message as this entry's recipients get it; what isn't printable ASCII or a line end is
    /// written `\xNN`, a backslash `\\`.
    package var header: String

    package func encode(to encoder: any Encoder) throws {
        try row.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isEightBit, forKey: .isEightBit)
        try container.encode(trail, forKey: .trail)
        try container.encode(header, forKey: .header)
    }

    package init(from decoder: any Decoder) throws {
        row = try QueueRow(from: decoder)
        let container = try decoder.container(keyedBy: CodingKeys.self)
        isEightBit = try container.decode(Bool.self, forKey: .isEightBit)
        trail = try container.decode(JSONValue.self, forKey: .trail)
        header = try container.decode(String.self, forKey: .header)
    }

    package init(row: QueueRow, isEightBit: Bool, trail: JSONValue, header: String) {
        self.row = row
        self.isEightBit = isEightBit
        self.trail = trail
        self.header = header
    }

    enum CodingKeys: String, CodingKey {
        case isEightBit = "eight_bit"
        case trail, header
    }
}

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

/// How much is where.
package struct QueueSummary: Codable, Hashable, Sendable {
    package struct Channel: Codable, Hashable, Sendable {
        package var channel: String
        package var inFlight: Int
        package var waiting: Int
        package var held: Int
        /// What the next hop was last left alone for; nil if it is well.
        package var resting: String?

        enum CodingKeys: String, CodingKey {
            case channel, waiting, held, resting
            case inFlight = "in_flight"
        }
    }

    package var inFlight: Int
    package var waiting: Int
    package var held: Int
    package var channels: [Channel]

    enum CodingKeys: String, CodingKey {
        case waiting, held, channels
        case inFlight = "in_flight"
    }
}

/// The last line of an answer.
package struct AnswerEnd: Codable, Hashable, Sendable {
    /// True in every answer that isn't an error.
    package var done: Bool?
    /// Lines before this one.
    package var count: Int?
    /// Rows were left out, because `limit` was reached.
    package var isTruncated: Bool?
    /// What is wrong with the request, and what to do.
    package var error: String?

    enum CodingKeys: String, CodingKey {
        case done, count, error
        case isTruncated = "truncated"
    }
}
