// SPDX-License-Identifier: MIT

/// What a next hop may cost us. Each number carries its unit in its name and its reason beside it.
package struct SendingLimits: Sendable, Hashable {
    /// Longest line of a reply, in octets, line end included. RFC 5321 §4.5.3.1.5 has 512; some servers put
    /// more in.
    package var replyLineOctetsMax = 2_048

    /// Lines of one reply. The longest real ones are EHLO's, with some twenty; a reply without end is an
    /// attack.
    package var replyLinesMax = 100

    /// How long the greeting may take, in seconds (RFC 5321 §4.5.3.2.1).
    package var greetingSecondsMax = 300

    /// How long the reply to a command may take, in seconds: EHLO, MAIL, RCPT, RSET (RFC 5321 §4.5.3.2.2 and
    /// §4.5.3.2.3). It counts from the step before, so one byte a minute doesn't stretch it.
    package var commandSecondsMax = 300

    /// How long the reply to DATA may take, in seconds (RFC 5321 §4.5.3.2.4).
    package var dataSecondsMax = 120

    /// How long the server may leave a block of content unread, in seconds (RFC 5321 §4.5.3.2.5).
    package var contentPauseSecondsMax = 180

    /// How long the final reply may take, in seconds (RFC 5321 §4.5.3.2.6): giving up first makes duplicates.
    package var finalReplySecondsMax = 600

    /// How long we wait for the answer to QUIT, in seconds. Nothing depends on it.
    package var quitSecondsMax = 5

    package init() {}
}
