// SPDX-License-Identifier: MIT

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
