// SPDX-License-Identifier: MIT

/// What a client may cost an inbound process.
package struct SessionSettings: Codable, Hashable, Sendable {
    /// Octets of one message; said in EHLO's SIZE (RFC 1870).
    package var messageOctetsMax: Int
    /// Recipients of one message. RFC 5321 §4.5.3.1.8 asks for at least 100.
    package var recipientsMax: Int
    /// Sessions that one inbound process serves at once; beyond it a client hears 421.
    package var sessionsMax: Int
    /// How long a client may be silent between commands (RFC 5321 §4.5.3.2.7 asks for at least 300 s).
    package var commandSecondsMax: Int
    /// How long a message's content may take from DATA to its end, however slowly it drips.
    package var dataSecondsMax: Int
    /// How long the questions of one command may take together: DNS lists at connection, for instance.
    package var lookupSecondsMax: Int
    /// How long judging a message may take, scanners included; 451 beyond it. Clients wait 600 s (RFC 5321
    /// §4.5.3.2.6): one that gives up first sends the message again.
    package var contentSecondsMax: Int
    /// Recipients refused for good in one session; one more ends it. Whoever guesses addresses is cut off.
    package var rejectedRecipientsMax = 50
    /// Seconds by which each further wrong guess of a client from outside is answered later.
    package var harvestDelaySeconds = 1

    package init(
        messageOctetsMax: Int, recipientsMax: Int, sessionsMax: Int, commandSecondsMax: Int,
        dataSecondsMax: Int,
        lookupSecondsMax: Int, contentSecondsMax: Int
    ) {
        self.messageOctetsMax = messageOctetsMax
        self.recipientsMax = recipientsMax
        self.sessionsMax = sessionsMax
        self.commandSecondsMax = commandSecondsMax
        self.dataSecondsMax = dataSecondsMax
        self.lookupSecondsMax = lookupSecondsMax
        self.contentSecondsMax = contentSecondsMax
    }
}
