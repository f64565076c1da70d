// SPDX-License-Identifier: MIT

/// A key in a text database that is looked up when it is asked for (`live`); one that isn't live is part of
/// the ruleset and is no question.
package struct DatabaseQuestion: Codable, Hashable, Sendable {
    /// As `[database.NAME]` in the configuration; `general`, `reverse` and `forward` are Sun's three.
    package var database: String
    /// Compared without regard to ASCII case, octet for octet otherwise.
    package var key: String

    package init(database: String, key: String) {
        self.database = database
        self.key = key
    }
}

package enum DatabaseAnswer: Codable, Hashable, Sendable {
    case value(String)
    /// The database is there, the key is not in it.
    case none
    /// The database can't be read. The text says why.
    case failed(String)
}
