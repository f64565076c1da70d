// SPDX-License-Identifier: MIT

/// How a value is held against a key (RFC 5228 §2.7.1).
enum MatchType: String, CaseIterable, Sendable {
    case `is`
    case contains
    case matches

    /// What holds when a test names none.
    static let standard = MatchType.is
}
