// SPDX-License-Identifier: MIT

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
