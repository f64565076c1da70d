// SPDX-License-Identifier: MIT

/// What a script and a message may cost. Each number carries its unit in its name and its reason beside it.
package struct SieveLimits: Codable, Hashable, Sendable {
    /// Octets of one script. Hand-written filters have a few kilobytes; generated ones with long lists some
    /// hundred.
    package var scriptOctetsMax = 1_048_576

    /// Octets of one string. Longer than any address list entry, pattern or reason that a person writes,
    /// and short enough that a pattern can't make matching costly by itself.
    package var stringOctetsMax = 65_536

    /// Strings of one list. Block lists are written as lists of thousands.
    package var listStringsMax = 10_000

    /// Arguments of one command or test, tags counted. No extension needs half as many.
    package var argumentsMax = 32

    /// Levels of blocks inside blocks. RFC 5228 §2.10.7 obliges us to take 15; parsing uses the stack.
    package var blockLevelsMax = 32

    /// Levels of tests inside tests. RFC 5228 §2.10.7 obliges us to take 15; parsing uses the stack.
    package var testLevelsMax = 32

    /// Mistakes reported for one script. More than a person mends before trying again.
    package var complaintsMax = 100

    /// Instructions executed for one message. The base language has no loop, so this is reached by size
    /// alone.
    package var instructionsMax = 50_000

    /// Actions of one evaluation (RFC 5228 §2.10.4): each may become a copy of the message.
    package var actionsMax = 32

    /// Redirects of one evaluation (RFC 5228 §10): each is a message sent elsewhere, and loops multiply.
    package var redirectsMax = 4

    /// Octets of header fields that one evaluation decodes: what a sender can make us unfold and convert.
    package var headerOctetsMax = 1_048_576

    /// Steps of one `:matches` comparison. Without `?` it is linear in the value; a run of `?` between two
    /// `*` costs its length times the value's, at most.
    package var wildcardStepsMax = 5_000_000

    /// Octets compared by all matches of one evaluation: long lists times long header fields.
    package var matchedOctetsMax = 100_000_000

    package init() {}
}
