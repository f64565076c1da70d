// SPDX-License-Identifier: MIT

internal import Gates

/// A script that a channel's filter URL names, the same for everybody: it belongs to the ruleset.
struct FilterFile {
    /// As `ChannelFilters.store` has it.
    let store: String
    /// As the URL has it: relative to the folder of scripts.
    let path: String

    static let prefix = "filters/"

    /// Channels whose filters are read, at most: more than any gateway has.
    static let channelsMax = 1_000

    static let keys = ["filter", "destination_filter", "source_filter"]

    /// The ruleset's name for the file.
    var fileName: String { "\(Self.prefix)\(store).sieve" }

    /// Those that `bytes`, a configuration, names. Says nothing of mistakes.
    static func all(in bytes: [UInt8]) -> [FilterFile] {
        // A file that is no TOML names none; `Settings.parse` complains of it.
        guard let document = try? TOMLDocument(parsing: bytes) else { return [] }
        var root = TableReader(DocumentReading(file: "", document: document, source: []))
        return root.namedTables("channel").prefix(channelsMax).flatMap { name, table in
            var table = table
            guard RuleFolder.isInside(name.value), !name.value.utf8.contains(UInt8(ascii: "/")) else {
                return [FilterFile]()
            }
            return keys.compactMap { key in
                let store = ChannelFilters.store(channel: name.value, key: key)
                // A URL that is none is complained of when the settings are read.
                guard let said = table.string(key)?.value,
                    let reading = try? FilterURL.read(said, store: store, directories: [:]),
                    reading.url == .fixed, let path = reading.path
                else { return nil }
                return FilterFile(store: store, path: path)
            }
        }
    }
}
