// SPDX-License-Identifier: MIT

/// What the world said, or why it said nothing. Recorded beside its question.
package enum Answer: Codable, Hashable, Sendable {
    case dns(DNSAnswer)
    /// The text a callout returned; nil where it failed.
    case callout(String?)
    case scan(ScanReport)
    /// Seconds since 1970-01-01 UTC.
    case time(Int64)
    /// Millionths.
    case dice(Int)
    case sequence(Int64)
    case database(DatabaseAnswer)
    case directory(DirectoryAnswer)
    case meter(MeterAnswer)
    case recipient(RecipientAnswer)
    /// When what is remembered is forgotten, in seconds since 1970-01-01 UTC; nil where nothing is.
    case memory(expires: Int64?)
    case identity(IdentityAnswer)
    case script(ScriptAnswer)
    /// No answer: the service is gone, or the budget is spent. The text says which service and why.
    case unavailable(String)
}

/// What a DNS question was answered with.
package enum DNSAnswer: Codable, Hashable, Sendable {
    /// At least one record, in presentation form without the owner: `127.0.0.2`, `10 mx.example.net`; a TXT
    /// record is
    /// its character-strings joined. At most `recordsMax`.
    case records([String], ttlSeconds: Int)
    /// The name exists, the type doesn't.
    case noData(ttlSeconds: Int)
    case noSuchName(ttlSeconds: Int)
    /// SERVFAIL, refused, or a validation failure.
    case failed(String)
    case timedOut

    /// Records of one answer, at most: the rest are cut off, so that an answer can't cost without bound.
    package static let recordsMax = 100
}

/// What one scanner found in one message. There is no way from `unscanned` to `clean` (promise P8).
package struct ScanReport: Codable, Hashable, Sendable {
    package enum State: Codable, Hashable, Sendable {
        /// Every byte that the scanner wanted to see was seen, and nothing was found.
        case clean
        /// `name` is the scanner's; `part` the MIME part number where it is known.
        case infected(name: String, part: String?)
        case unscanned(Reason)
    }

    /// Why a message was not scanned, and whether trying again can help.
    package struct Reason: Codable, Hashable, Sendable {
        package var text: String
        /// True for gone, slow, loading, crashed; false for encrypted, over a limit, malformed.
        package var isTransient: Bool

        package init(_ text: String, isTransient: Bool) {
            self.text = text
            self.isTransient = isTransient
        }
    }

    package var state: State
    /// Wall time, in milliseconds.
    package var tookMs: Int

    package init(state: State, tookMs: Int) {
        self.state = state
        self.tookMs = tookMs
    }
}
