// SPDX-License-Identifier: MIT

/// What came of running a channel.
package struct RunResult: Codable, Hashable, Sendable {
    package var channel: String
    /// Entries that wait for it or are on their way, and are tried now.
    package var entries: Int

    package init(channel: String, entries: Int) {
        self.channel = channel
        self.entries = entries
    }
}
