// SPDX-License-Identifier: MIT

import Gates
import Configuration
import Glibc
import Mail

/// A one-shot process that compiles the rules as they are now, archives them if all is good, and tells the
/// dispatcher the hash.
struct CompilerRole {
    let configurationPath: String
    let state: String
    /// Where relative paths of the configuration start.
    let folder: String
    /// The hash of the ruleset in force; empty where there is none yet.
    let current: String

    func run() {
        let read = RuleSources.read(configuration: configurationPath)
        let compilation = RulesetArchive.compile(read.sources, complaints: read.complaints)
        let errors = compilation.complaints.filter { $0.severity == .error }.count
        var text = compilation.complaints.map {
            Diagnostic($0, source: read.sources.source(of: $0)).description
        }.joined(separator: "\n")
        var hash: String?
        if !compilation.hasErrors, let ruleset = compilation.ruleset {
            do {
                try RulesetArchive.store(read.sources, stateFolder: state)
                hash = ruleset.hash
            } catch {
                text += "\n\(error)"
            }
        }
        ControlLine.send(
            .compiled(
                ruleset: hash, complaints: max(errors, hash == nil ? 1 : 0), text: text,
                replacesLookups: hash.map(replacesLookups) ?? false),
            to: RoleContext.control)
    }

    /// Whether rules by this hash ask what the lookups role that is running can't answer: it opened its
    /// folders and directories as the ruleset of its start names them, and may open no others.
    private func replacesLookups(_ hash: String) -> Bool {
        guard !current.isEmpty, hash != current, let old = settings(current), let new = settings(hash) else {
            return false
        }
        return LookupSources(old) != LookupSources(new)
    }

    private func settings(_ hash: String) -> Settings? {
        // An archived ruleset that can't be read any more is none to compare with.
        let sources = try? RulesetArchive.load(hash: hash, stateFolder: state, folder: folder)
        return sources.flatMap { RulesetArchive.compile($0, isMachineChecked: false).settings }
    }
}

/// What the lookups role opens at its start, and can't open later.
private struct LookupSources: Equatable {
    let folders: [String: String]
    let directories: [Configuration.DirectorySettings]
    let databases: [DatabaseSettings]

    init(_ settings: Settings) {
        folders = settings.filters.folders
        directories = settings.directories
        databases = settings.databases.filter(\.isLive)
    }
}
