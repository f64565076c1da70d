// SPDX-License-Identifier: MIT

package import SMTPProtocol

/// What asking next hops about recipients (call-ahead) may cost them and us. Whoever makes strangers' mail
/// lead to questions decides how many the server inside has to stand.
package struct ProbeLimits: Sendable {
    /// Connections for questions to one next hop, beside those that deliver.
    package var connectionsMax = 2
    /// Recipients that one next hop is asked about in a second, at most; more wait.
    package var perSecondMax = 20
    /// Questions that wait for one next hop, at most; more are answered "unsure" at once. Five seconds of
    /// the standard rate: nobody waits longer.
    package var waitingMax = 100
    /// Questions over one connection, before another is made. Servers count recipients that they refuse, and
    /// hang up on whoever names many.
    package var perConnectionMax = 50
    /// How long a connection waits for its next question, in milliseconds.
    package var idleMs = 5_000
    /// How long a next hop that can't be reached is not asked, in milliseconds: each question is answered
    /// "unsure" meanwhile.
    package var restMs = 5_000
    /// How long a question may take, in milliseconds, where it doesn't say so itself: an SMTP client waits
    /// for the answer.
    package var timeoutMs = 10_000
    /// How long it may say that it will wait, in milliseconds: nobody's client waits longer for a command.
    package var timeoutMsMax = 60_000
    /// What the server may cost us. The waits are shorter than those for mail: an SMTP client waits for the
    /// answer.
    package var sending: SendingLimits = {
        var limits = SendingLimits()
        limits.greetingSecondsMax = 60
        limits.commandSecondsMax = 60
        return limits
    }()

    package init() {}
}
