// SPDX-License-Identifier: MIT

/// How long we let clients wait on purpose. A waiting session is a timer and its place in the list, no
/// thread; but its place is one that somebody else doesn't get.
enum DelayLimits {
    /// One reply, in 1/100 s: four minutes, since clients give up after five (RFC 5321 §4.5.3.2.2).
    static let replyHundredthsMax = 24_000
    /// All replies of one session together, in 1/100 s: a client that stays through ten minutes of waiting
    /// has lost more time than it costs to serve it.
    static let sessionHundredthsMax = 60_000
    /// Of a worker's places for sessions, one in so many may be taken by a client that waits. Beyond it
    /// replies come at once: whoever wanted our places filled must not have us fill them.
    static let waitingShareMax = 4
}
