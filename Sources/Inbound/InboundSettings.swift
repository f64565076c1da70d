// SPDX-License-Identifier: MIT

package import SMTPProtocol

/// What an inbound worker needs to know besides the rules.
package struct InboundSettings: Sendable {
    /// Our name in the greeting.
    package var hostname: String
    /// This worker's place, `0`, `1` ...: part of case ids and of its spool's name.
    package var slot: String
    package var limits: SMTPLimits
    /// Octets of one message, at most; announced by SIZE.
    package var messageOctetsMax: Int
    /// Sessions at once; one more is answered 421. Each costs about 20 KB while idle.
    package var sessionsMax: Int
    /// Octets of content in memory at once, of all sessions together, until it is settled: beyond it DATA is
    /// answered 451. A client that sends slowly takes up little of it.
    package var contentMemoryOctetsMax: Int
    /// How long all questions of one message may take together, in seconds. Beyond it they are answered
    /// "unavailable"; must stay below `SMTPLimits.finalReplySecondsMax`.
    package var contentSeconds: Int
    /// The same for the questions of one command.
    package var commandSeconds: Int
    /// What a sender hears when the held mail has reached its quota: come again, or no.
    package var defersWhenHeldFull: Bool

    package init(
        hostname: String, slot: String, limits: SMTPLimits = SMTPLimits(), messageOctetsMax: Int,
        sessionsMax: Int = 5_000, contentMemoryOctetsMax: Int = 256 << 20, contentSeconds: Int = 60,
        commandSeconds: Int = 20, defersWhenHeldFull: Bool = true
    ) {
        self.hostname = hostname
        self.slot = slot
        self.limits = limits
        self.messageOctetsMax = messageOctetsMax
        self.sessionsMax = sessionsMax
        self.contentMemoryOctetsMax = contentMemoryOctetsMax
        self.contentSeconds = min(contentSeconds, limits.finalReplySecondsMax)
        self.commandSeconds = commandSeconds
        self.defersWhenHeldFull = defersWhenHeldFull
    }
}
