// SPDX-License-Identifier: MIT

internal import Mail

/// What is remembered, as the log and Redis name it.
struct MemoryKey: Hashable, Sendable {
    /// Purpose, owner and key, each with its length before it: no text can pass for two.
    let text: String

    /// Octets of an owner: an address or a level's name.
    static let ownerOctetsMax = 320
    /// Octets of a key.
    static let keyOctetsMax = 1_024

    /// Nil where a limit isn't kept.
    init?(_ question: MemoryQuestion) {
        guard question.owner.utf8.count <= Self.ownerOctetsMax, question.key.utf8.count <= Self.keyOctetsMax
        else { return nil }
        text =
            "\(question.purpose.rawValue):\(question.owner.utf8.count):\(question.owner):"
            + question.key
    }
}

/// Limits of what is remembered.
enum MemoryLimits {
    /// Things remembered at once. The one that was remembered first goes for the next.
    static let entriesMax = 500_000
    /// Effects whose keys are known, so that a repetition changes nothing.
    static let effectsMax = 500_000
    /// Seconds for which they are. A repetition comes with a restart of the role that hands it in; a week is
    /// longer than any machine is left alone with that.
    static let effectSeconds: Int64 = 7 * 86_400
    /// Seconds for which anything is remembered, at most: a vacation of a year.
    static let secondsMax: Int64 = 366 * 86_400

    /// Milliseconds since 1970-01-01 UTC; no year that overflows.
    static func expires(seconds: Int, judgedAt: Int64) -> Int64 {
        (min(max(judgedAt, 0), 1 << 40) + min(max(Int64(seconds), 0), secondsMax)) * 1_000
    }
}
