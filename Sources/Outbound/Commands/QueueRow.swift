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
    /// The first octets of the message as this entry's recipients get it; what isn't printable ASCII or a
    /// line end is written `\xNN`, a backslash `\\`.
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
