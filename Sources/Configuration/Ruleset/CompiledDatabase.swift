// SPDX-License-Identifier: MIT

package import Mail
package import MappingTables

/// A text database that belongs to a ruleset, as the configuration names it. It is known by its name and not
/// by where its file is, so that an archived ruleset is whole wherever the file was.
struct CompiledDatabase {
    let name: String
    let isLive: Bool
    /// Nil where the configuration doesn't say; its own reading complains of that.
    let path: String?

    static let prefix = "databases/"

    /// Databases of one configuration, at most, that are read with the rules: each has a purpose of its own,
    /// and no site has as many.
    static let databasesMax = 100

    /// The ruleset's name for the file.
    var fileName: String { Self.prefix + name }

    /// Those that `bytes`, a configuration, names. Relative paths start at `folder`. Says nothing of
    /// mistakes.
    static func all(in bytes: [UInt8], folder: String) -> [CompiledDatabase] {
        // A file that is no TOML names none; `Settings.parse` complains of it.
        guard let document = try? TOMLDocument(parsing: bytes) else { return [] }
        let reading = DocumentReading(file: "", document: document, source: [])
        var root = TableReader(reading)
        return root.namedTables("database").prefix(databasesMax).compactMap { name, table in
            var table = table
            guard RuleFolder.isInside(name.value), !name.value.utf8.contains(UInt8(ascii: "/")) else {
                return nil
            }
            let file = table.string("file")?.value
            let isLive = table.flag("live", default: false)
            let path = file.flatMap { file -> String? in
                guard !file.isEmpty, !file.utf8.contains(0) else { return nil }
                return file.utf8.first == UInt8(ascii: "/") ? file : RuleFolder.join(folder, file)
            }
            return CompiledDatabase(name: name.value, isLive: isLive, path: path)
        }
    }
}

extension RuleSources {
    /// Every text database that the rules name, ready for templates, and what is wrong with the compiled
    /// ones. The complaints' files are named as the operator knows them.
    package func databases() -> (databases: [String: DatabaseSource], complaints: [Complaint]) {
        var databases: [String: DatabaseSource] = [:]
        var complaints: [Complaint] = []
        guard let bytes = bytes(of: Self.configurationName) else { return ([:], []) }
        for database in CompiledDatabase.all(in: bytes, folder: folder) {
            if database.isLive {
                databases[database.name] = .live
                continue
            }
            // One that could not be read was complained of then; templates that name it aren't at fault.
            let parsed = TextDatabase.parse(
                self.bytes(of: database.fileName) ?? [], file: shown(database.fileName))
            complaints += parsed.complaints
            databases[database.name] = .compiled(parsed.database)
        }
        return (databases, complaints)
    }
}
