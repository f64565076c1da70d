// SPDX-License-Identifier: MIT

/// What is kept of each session for explaining and judging again.
package struct CaseSettings: Codable, Hashable, Sendable {
    /// How much of a message's content its case keeps.
    package enum Level: String, Codable, Hashable, Sendable, CaseIterable { case facts, headers, full }

    package var level: Level
    /// Octets of all case segments; the oldest go first.
    package var octetsMax: Int
    package var daysMax: Int
    /// Refusals a minute of one client network by one entry, beyond which they become one case with a count.
    package var foldPerMinute: Int

    package init(level: Level, octetsMax: Int, daysMax: Int, foldPerMinute: Int) {
        self.level = level
        self.octetsMax = octetsMax
        self.daysMax = daysMax
        self.foldPerMinute = foldPerMinute
    }
}
