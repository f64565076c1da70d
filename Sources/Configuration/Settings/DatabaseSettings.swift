// SPDX-License-Identifier: MIT

/// A text database: keys with a value each, in a file.
package struct DatabaseSettings: Codable, Hashable, Sendable {
    /// What tables call it; `general` is the one that `${key}` reads.
    package var name: String
    /// As the configuration says it: relative ones start at the rules folder.
    package var file: String
    /// Absolute.
    package var path: String
    /// Whether the lookups role reads it, and again whenever it changes, instead of its being part of the
    /// ruleset.
    package var isLive: Bool

    package init(name: String, file: String, path: String, isLive: Bool) {
        self.name = name
        self.file = file
        self.path = path
        self.isLive = isLive
    }
}
