// SPDX-License-Identifier: MIT

/// An operation on a meter table. Unlike every other question it acts at once where it counts: what it counts
/// are attempts, and an attempt happened whatever becomes of it.
package struct MeterQuestion: Codable, Hashable, Sendable {
    package enum Operation: Codable, Hashable, Sendable {
        /// Counts one use of the key, then says whether it is over the table's quota.
        case throttle
        /// Notes the attempt, then says whether the key must still wait.
        case greylist
        /// What a throttle would say, without counting.
        case query
        /// Adds to the key's number, which begins at 0.
        case adjust(by: Int64)
        case store(String)
        case fetch
        case remove
    }

    /// As `[meter.NAME]` in the configuration.
    package var table: String
    /// Octets from outside, at most 1,024 of them are kept.
    package var key: String
    package var operation: Operation

    package init(table: String, key: String, operation: Operation) {
        self.table = table
        self.key = key
        self.operation = operation
    }
}

package enum MeterAnswer: Codable, Hashable, Sendable {
    /// Of `throttle` and `query`: uses within the table's time, this one included, and whether that is more
    /// than its quota.
    case use(count: Int64, isOver: Bool)
    /// Of `greylist`.
    case greylist(GreylistState)
    /// Of `fetch`, `adjust` and `store`: what the key holds now; nil where it holds nothing.
    case value(String?)
    /// Of `remove`: whether there was something.
    case removed(Bool)
    /// No such table, the wrong operation for it, or the store behind it is gone. The text says which.
    case failed(String)

    package enum GreylistState: Codable, Hashable, Sendable {
        /// Never seen, or too long ago: wait this many seconds.
        case new(waitSeconds: Int)
        /// Seen, and too early: wait this many more.
        case early(waitSeconds: Int)
        /// It waited, or passed before.
        case passed
    }
}
