// SPDX-License-Identifier: MIT

/// A key in a text database that is looked up when it is asked for (`live`); one that isn't live is part of
/// the ruleset and is no question.
package struct DatabaseQuestion: Hashable, Sendable {
    /// As `[database.NAME]` in the configuration; `general`, `reverse` and `forward` are Sun's three.
    package var database: String
    /// Compared without regard to ASCII case, octet for octet otherwise. Empty where `wantsKeys`.
    package var key: String
    /// Not one key's value is asked for, but which keys there are: `DatabaseAnswer.keys`.
    package var wantsKeys = false

    package init(database: String, key: String) {
        self.database = database
        self.key = key
    }

    /// Which keys a database has.
    package init(keysOf database: String) {
        self.init(database: database, key: "")
        wantsKeys = true
    }
}

extension DatabaseQuestion: Codable {
    private enum Key: String, CodingKey { case database, key, wantsKeys }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        database = try container.decode(String.self, forKey: .database)
        key = try container.decode(String.self, forKey: .key)
        wantsKeys = try container.decodeIfPresent(Bool.self, forKey: .wantsKeys) ?? false
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(database, forKey: .database)
        try container.encode(key, forKey: .key)
        if wantsKeys { try container.encode(true, forKey: .wantsKeys) }
    }
}

package enum DatabaseAnswer: Codable, Hashable, Sendable {
    case value(String)
    /// The database is there, the key is not in it.
    case none
    /// Every key, in lower case and in the order of the file; at most `keysMax`.
    case keys([String])
    /// The database can't be read, or has more keys than can be told. The text says why.
    case failed(String)

    /// Keys of one answer, at most: what asks for them does something for each.
    package static let keysMax = 1_000
}
