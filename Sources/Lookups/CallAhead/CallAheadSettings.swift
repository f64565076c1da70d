// SPDX-License-Identifier: MIT

/// How next hops are asked about recipients: `[call_ahead]`.
package struct CallAheadSettings: Sendable {
    /// The outbound role's command socket.
    package var socketPath: String
    /// How long a recipient that a next hop takes is remembered, in seconds, and how long one that it doesn't
    /// know.
    package var positiveSeconds: Int
    package var negativeSeconds: Int
    /// Answers that are remembered, at most.
    package var cacheEntries: Int
    /// What one question may take, in milliseconds.
    package var timeoutMs: Int
    /// Questions under way for one channel; the next hop sees as many connections.
    package var connections: Int

    package init(
        socketPath: String, positiveSeconds: Int = 86_400, negativeSeconds: Int = 3_600,
        cacheEntries: Int = 100_000, timeoutMs: Int = 10_000, connections: Int = 2
    ) {
        self.socketPath = socketPath
        self.positiveSeconds = positiveSeconds
        self.negativeSeconds = negativeSeconds
        self.cacheEntries = cacheEntries
        self.timeoutMs = timeoutMs
        self.connections = connections
    }
}

/// What call-ahead may cost us, whatever is asked.
enum CallAheadLimits {
    /// Octets of the remembered answers.
    static let cachedOctetsMax = 64 << 20
    /// Different recipients being asked about: more than next hops answer in the time of one question.
    static let underWayMax = 1_000
    /// Channels that are asked about, each with threads of its own.
    static let channelsMax = 64
    /// Recipients that wait for one channel.
    static let waitingMax = 200
    /// Pairs of channel and domain of which it is known whether every address is taken.
    static let domainsMax = 10_000
    /// Octets of an answer of the outbound role: two short lines.
    static let answerOctetsMax = 16_384
    /// Connections to the outbound role that wait for nothing are closed after so long, in milliseconds.
    static let idleMs: Int64 = 60_000
    /// How much sooner than we the outbound role gives up, in milliseconds: its reason is the better one.
    static let marginMs: Int64 = 500
}
