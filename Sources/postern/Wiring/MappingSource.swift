// SPDX-License-Identifier: MIT

import Configuration
import MappingTables
import Mail

/// Mapping tables that a command tries out, and the names by which the operator knows their files.
struct MappingSource {
    /// Files that mappings include, at most.
    static let includesMax = 100

    let tables: TableSet
    private let complaints: [Complaint]
    /// Bytes of each file, by the name that the tables know it by.
    private let sources: [String: [UInt8]]
    private let shown: [String: String]

    /// `path` with the files that it includes, which are looked for beside it.
    init(file path: String) throws(CommandFailure) {
        let (folder, main) = InputFile.split(path)
        var sources = [main: try InputFile.read(path, octetsMax: InputFile.textOctetsMax)]
        var shown = [main: path]
        var waiting = TableSet.includedFiles(in: sources[main] ?? [])
        while let name = waiting.popLast(), sources.count <= Self.includesMax {
            guard sources[name] == nil else { continue }
            let included = InputFile.join(folder, name)
            // One that can't be read is complained of by the parser, with the line that includes it.
            guard let bytes = try? InputFile.read(included, octetsMax: InputFile.textOctetsMax) else {
                continue
            }
            sources[name] = bytes
            shown[name] = included
            waiting += TableSet.includedFiles(in: bytes)
        }
        // Which databases and directories there are, nobody knows here: what answers for them is asked.
        self.init(main: main, sources: sources, shown: shown, databases: ["general": .live])
    }

    /// The mappings that belong to a configuration.
    init(rules: RuleSources) throws(CommandFailure) {
        let prefix = "rules/"
        var sources: [String: [UInt8]] = [:]
        var shown: [String: String] = [:]
        for file in rules.files
        where file.name.hasPrefix(prefix) && file.name != RuleSources.configurationName {
            let name = String(file.name.dropFirst(prefix.count))
            sources[name] = file.bytes
            shown[name] = rules.shown(file.name)
        }
        guard sources["mappings"] != nil else {
            throw .badUsage(
                "\(rules.shown(RuleSources.mappingsName)): can't be read; name the tables with --file")
        }
        let (databases, complaints) = rules.databases()
        // Mistakes of the configuration are no business of whoever tries a table out.
        let settings = rules.bytes(of: RuleSources.configurationName).flatMap {
            Settings.parse(
                $0, file: RuleSources.configurationName, folder: rules.folder, isMachineChecked: false
            ).settings
        }
        self.init(
            main: "mappings", sources: sources, shown: shown, databases: databases,
            directories: settings?.directoryNames, complaints)
    }

    private init(
        main: String, sources: [String: [UInt8]], shown: [String: String],
        databases: [String: DatabaseSource], directories: [String: String]? = nil,
        _ known: [Complaint] = []
    ) {
        let parsed = TableSet.parse(
            main: main, sources: sources, databases: databases, directories: directories)
        tables = parsed.tables
        complaints = parsed.complaints + known
        self.sources = sources
        self.shown = shown
    }

    func place(_ place: RulePlace) -> RulePlace {
        RulePlace(file: shown[place.file] ?? place.file, line: place.line)
    }

    /// Prints every complaint; fails if one of them is an error.
    func check() throws(CommandFailure) {
        for complaint in complaints {
            var named = complaint
            named.file = shown[complaint.file] ?? complaint.file
            StandardError.print(Diagnostic(named, source: sources[complaint.file]).description)
        }
        guard complaints.contains(where: { $0.severity == .error }) else { return }
        throw .faulty("the tables have mistakes, and nothing was tried")
    }
}
