// SPDX-License-Identifier: MIT

/// What asking next hops about recipients may cost them: `[call_ahead]`. Which domains ask is said at
/// `[domain.NAME]`.
package struct CallAheadSettings: Codable, Hashable, Sendable {
    /// Seconds for which a recipient that the next hop takes is remembered, and one that it doesn't know.
    package var positiveSeconds: Int
    package var negativeSeconds: Int
    /// Answers that are remembered, at most.
    package var cacheEntries: Int
    /// Milliseconds that one question may take.
    package var timeoutMs: Int
    /// Connections to one next hop that ask.
    package var connections: Int
    /// Recipients that one next hop is asked about in a second.
    package var perSecond: Int

    package init(
        positiveSeconds: Int = 86_400, negativeSeconds: Int = 3_600, cacheEntries: Int = 100_000,
        timeoutMs: Int = 10_000, connections: Int = 2, perSecond: Int = 20
    ) {
        self.positiveSeconds = positiveSeconds
        self.negativeSeconds = negativeSeconds
        self.cacheEntries = cacheEntries
        self.timeoutMs = timeoutMs
        self.connections = connections
        self.perSecond = perSecond
    }
}
