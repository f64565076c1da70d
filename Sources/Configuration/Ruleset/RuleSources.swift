// SPDX-License-Identifier: MIT

package import Mail
internal import SieveLanguage

/// What reading the rules may cost.
package struct RuleSourceLimits: Sendable {
    /// Octets of one file. As much as a mapping file may have.
    package var fileOctetsMax = 64 << 20
    /// Octets of one text database that belongs to the ruleset: as much as a database may have.
    package var databaseOctetsMax = 128 << 20
    /// Octets of all files together: the largest mapping file and database, and as much again.
    package var totalOctetsMax = 320 << 20
    /// Files that mappings include.
    package var includesMax = 100
    /// How often everything is read again because something changed meanwhile.
    package var triesMax = 10
    /// After a file that changed less than this long ago, in milliseconds, as long is waited: whoever writes
    /// it may not have finished.
    package var quietMs = 200

    package init() {}
}

/// The bytes of all rules files, as they were at one moment, and the names they are known by.
package struct RuleSources: Sendable {
    /// Sorted by the octets of their names.
    package let files: [RuleFile]
    /// How the operator knows each file, by `RuleFile.name`; what complaints say.
    package let shownNames: [String: String]
    /// Absolute; relative paths in `postern.toml` start here.
    package let folder: String
    /// SHA-256 over the names and bytes of all files, in 64 hexadecimal digits: the ruleset's name.
    package let hash: String

    package static let configurationName = "rules/postern.toml"
    package static let mappingsName = "rules/mappings"
    package static let scriptName = "sieve/mta.sieve"

    /// Filter templates by name, sorted.
    package var templates: [(name: String, file: RuleFile)] {
        let prefix = "sieve/templates/"
        return files.filter { $0.name.hasPrefix(prefix) && $0.name.hasSuffix(FilterTemplate.suffix) }
            .map { (String($0.name.dropFirst(prefix.count).dropLast(FilterTemplate.suffix.count)), $0) }
    }

    package init(files: [RuleFile], shownNames: [String: String] = [:], folder: String) {
        self.files = files.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        self.shownNames = shownNames
        self.folder = folder
        hash = Self.hash(of: self.files)
    }

    package func bytes(of name: String) -> [UInt8]? { files.first { $0.name == name }?.bytes }

    /// What a complaint about `name` calls it.
    package func shown(_ name: String) -> String { shownNames[name] ?? name }

    /// The text of the file that a complaint names, for the line it shows.
    package func source(of complaint: Complaint) -> [UInt8]? {
        files.first { shown($0.name) == complaint.file }?.bytes
    }
}
