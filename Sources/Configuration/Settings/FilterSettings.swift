// SPDX-License-Identifier: MIT

/// Where scripts are that are read when mail comes. What they may do is the policy's (`FilterPolicy`).
package struct FilterSettings: Codable, Hashable, Sendable {
    /// Absolute paths of folders by the name that questions give: `users`, `channel.NAME.filter` and so on.
    package var folders: [String: String] = [:]

    package init() {}
}
