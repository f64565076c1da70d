// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// A script that a search came upon, on its way to being compiled.
struct ScriptDraft: Sendable {
    /// Where a user's script stands; the least is taken.
    enum Rank: Int, Comparable, Sendable {
        case ruleset, folder, url, directory

        static func < (one: Rank, other: Rank) -> Bool { one.rawValue < other.rawValue }
    }

    var level: FilterLevels.Level
    var rank: Rank
    var name: String
    /// One of the ruleset's.
    var script: Script?
    var text: String?
    /// What it may include of the same user's, so far.
    var personal: [String: String] = [:]
    /// Names that were asked for.
    var wanted: Set<String> = []
    /// Below the folder of users' scripts, where those are.
    var folder: String?
    var failure: String?
    var isTransient = false
    var owner: Address?
}

/// What a search wants an answer for.
enum ScriptPurpose: Sendable {
    case userFile(Mailbox)
    case userEntry(Mailbox)
    case domainEntry
    /// The entry that a user's refers to, by its name.
    case household(String)
    case url(FilterLevels.Level, name: String)
    case urlEntry(FilterLevels.Level, attributes: [String])
    case include(draft: Int, name: String)
}
