// SPDX-License-Identifier: MIT

package import Mail

/// What reading a configuration file gave.
package struct SettingsFindings: Sendable {
    /// Nil if any complaint is an error.
    package let settings: Settings?
    /// In the order of the file.
    package let complaints: [Complaint]
    /// Every key that was looked for, with `NAME` for names of the operator's choice. What
    /// `docs/configuration.md` lists.
    package let keys: Set<String>
    let scriptReferences: [SettingsReader.ScriptReference]
    var filterReferences: [SettingsReader.FilterReference] = []
}

extension Settings {
    /// Reads the bytes of a configuration file. `file` is its name in complaints; relative paths in it start
    /// at `folder` (absolute); `isMachineChecked` says whether to look for the paths and users that it names.
    package static func parse(
        _ bytes: [UInt8], file: String, folder: String, isMachineChecked: Bool
    ) -> SettingsFindings {
        let document: TOMLDocument
        do {
            document = try TOMLDocument(parsing: bytes)
        } catch {
            let complaint = Complaint(
                file: file, line: max(1, error.place.line), column: max(1, error.place.column),
                length: max(
                    1,
                    error.place.endLine == error.place.line ? error.place.endColumn - error.place.column : 1),
                message: error.text, help: "this is no TOML: see https://toml.io; what follows was not read")
            return SettingsFindings(settings: nil, complaints: [complaint], keys: [], scriptReferences: [])
        }
        let reading = DocumentReading(file: file, document: document, source: bytes)
        var reader = SettingsReader(
            reading, surroundings: .init(folder: folder, isMachineChecked: isMachineChecked))
        let settings = reader.read()
        let complaints = reading.complaints.sorted { ($0.line, $0.column) < ($1.line, $1.column) }
        return SettingsFindings(
            settings: settings, complaints: complaints, keys: reading.keysAsked,
            scriptReferences: reader.scriptReferences, filterReferences: reader.filterReferences)
    }

    /// Reads and compiles the configuration at `path` with its mappings and scripts, and returns the settings
    /// alone.
    package static func load(path: String) -> (settings: Settings?, complaints: [Complaint]) {
        let read = RuleSources.read(configuration: path)
        let compilation = RulesetCompilation(
            of: read.sources, isMachineChecked: true, complaints: read.complaints)
        return (compilation.settings, compilation.complaints)
    }

    /// Where the file says that mappings and scripts are; nil for the default. Says nothing of mistakes.
    static func folders(in bytes: [UInt8], folder: String) -> (rules: String?, sieve: String?) {
        // A file that is no TOML names no folders; `parse` complains of it.
        guard let document = try? TOMLDocument(parsing: bytes) else { return (nil, nil) }
        let reading = DocumentReading(file: "", document: document, source: [])
        var root = TableReader(reading)
        var gateway = root.table("gateway")
        let paths = ["rules", "sieve"].map { key in
            gateway.string(key).flatMap { said -> String? in
                guard !said.value.isEmpty, !said.value.utf8.contains(0) else { return nil }
                return said.value.utf8.first == UInt8(ascii: "/")
                    ? said.value : RuleFolder.join(folder, said.value)
            }
        }
        return (paths[0], paths[1])
    }
}
