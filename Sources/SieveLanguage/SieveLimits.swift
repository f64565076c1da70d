// SPDX-License-Identifier: MIT

/// What a script and a message may cost. Each number carries its unit in its name and its reason beside it.
package struct SieveLimits: Codable, Hashable, Sendable {
    /// Octets of one script. Hand-written filters have a few kilobytes; generated ones with long lists some
    /// hundred.
    package var scriptOctetsMax = 1_048_576

    /// Octets of one string. Longer than any address list entry, pattern or reason that a person writes,
    /// and short enough that a pattern can't make matching costly by itself.
    package var stringOctetsMax = 65_536

    /// Octets of the name of a command, a test or a tag. The longest there is has 24.
    package var identifierOctetsMax = 32

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

    /// Redirects of one evaluation (RFC 5228 §10): each is a message sent elsewhere, and loops multiply. With
    /// 0 a script that redirects isn't compiled.
    package var redirectsMax = 4

    /// Notifications of one evaluation (RFC 5435 §8): each is a message that somebody is woken by. With 0 a
    /// script that notifies isn't compiled.
    package var notificationsMax = 10

    /// Octets of a header field that `addheader` makes, name and value: more than any program shows, and
    /// little enough that a script's header stays one that others accept.
    package var addedHeaderOctetsMax = 2_048

    /// Octets of header fields that one evaluation decodes: what a sender can make us unfold and convert.
    package var headerOctetsMax = 1_048_576

    /// Steps of one `:matches` comparison. Without `?` it is linear in the value; a run of `?` between two
    /// `*` costs its length times the value's, at most.
    package var wildcardStepsMax = 5_000_000

    /// Octets compared by all matches of one evaluation: long lists times long header fields.
    package var matchedOctetsMax = 100_000_000

    /// The highest match variable, `${32}`. RFC 5229 §3.2 wants ten at least; scripts of other servers count
    /// on as many.
    static let matchValueMax = 32

    /// Variables of one script. RFC 5229 §6 wants 128 at least.
    package var variablesMax = 255

    /// Octets of a variable's name. RFC 5229 §6 wants 32 at least.
    package var variableNameOctetsMax = 64

    /// Octets of a variable's value; what is longer is cut, as RFC 5229 §6 allows from 4,000 on.
    package var variableValueOctetsMax = 4_096

    /// Octets of a string once its variables are filled in: a text of many variables.
    package var expandedOctetsMax = 131_072

    /// Scripts included by one script, each counted once.
    package var includesMax = 100

    /// Scripts included inside one another. RFC 6609 §3.2 wants at least three; compiling uses the stack.
    package var includeDepthMax = 10

    /// Seconds that anything is remembered for a script: a quarter of a year. RFC 7352 §3.1 leaves it to us.
    package var rememberedSecondsMax = 7_776_000

    /// `foreverypart` loops inside one another, those of included scripts counted: each multiplies what the
    /// one around it costs, and scripts of other servers have up to four.
    package var partLoopsMax = 4

    /// How often one evaluation may enclose the message: each makes it nest deeper.
    package var enclosuresMax = 4

    /// Octets of bodies that one evaluation decodes, for `body`, `extracttext` and the like, all together.
    package var bodyOctetsMax = 33_554_432

    /// Octets of a value that is looked up in a list: an address has at most 254, a URL seldom more.
    package var listValueOctetsMax = 1_024

    /// Members of a list that one `redirect :list` sends to (RFC 6134 §2.5): a message for each, of one
    /// redirect. A larger circle has a mailing list of its own.
    package var listMembersMax = 100

    /// Questions of one evaluation: list look-ups, duplicates, answers sent before. More is a script that
    /// tries lists out.
    package var questionsMax = 100

    package init() {}
}
