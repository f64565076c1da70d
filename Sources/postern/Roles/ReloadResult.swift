// SPDX-License-Identifier: MIT

import FoundationEssentials

/// What `postern reload` answers.
struct ReloadResult: Codable, Sendable {
    /// `loaded`, `refused`, `failed`, `busy`.
    var result: String
    /// The ruleset that judges now.
    var ruleset: String
    var errors: Int
    /// The diagnostics, for people.
    var text: String

    static func json(result: String, ruleset: String, errors: Int, text: String) -> String {
        let value = ReloadResult(result: result, ruleset: ruleset, errors: errors, text: text)
        // Strings and numbers of our own: encoding can't fail.
        guard let data = try? JSONEncoder().encode(value) else { return "{}" }
        return String(decoding: data, as: UTF8.self)
    }
}
