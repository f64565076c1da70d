// SPDX-License-Identifier: MIT

package import Gates
package import Mail
internal import MappingTables
internal import SieveLanguage

/// What came of compiling a set of rules files: a ruleset and settings if nothing is wrong, and every mistake
/// otherwise.
package struct RulesetCompilation: Sendable {
    /// Nil if any complaint is an error.
    package let ruleset: Ruleset?
    package let settings: Settings?
    /// Sorted by file, line and column. Their files are named as the operator knows them
    /// (`RuleSources.shown`).
    package let complaints: [Complaint]

    package var hasErrors: Bool { complaints.contains { $0.severity == .error } }

    /// Compiles everything, whatever goes wrong on the way. `complaints` are those of reading, to be sorted
    /// in.
    ///
    /// `isMachineChecked`: see that the paths, users and signatures that the configuration names are there.
    /// An archived ruleset is compiled without: what it was archived for may run in another place, or inside
    /// a confinement.
    package init(of sources: RuleSources, isMachineChecked: Bool, complaints known: [Complaint] = []) {
        var work = Work(sources: sources, complaints: known)
        let findings = work.compileSettings(isMachineChecked: isMachineChecked)
        let tables = work.compileTables(findings?.settings)
        if let settings = findings?.settings { work.check(tables, with: settings) }
        let scripts = work.compileScripts(references: findings?.scriptReferences ?? [])
        complaints = work.complaints.sorted { one, other in
            (one.file, one.line, one.column, one.message) < (
                other.file, other.line, other.column, other.message
            )
        }
        guard !complaints.contains(where: { $0.severity == .error }), let settings = findings?.settings else {
            settings = nil
            ruleset = nil
            return
        }
        self.settings = settings
        ruleset = Ruleset(
            hash: sources.hash, tables: tables, scripts: scripts, policy: settings.policy,
            databases: tables.databases)
    }
}

private struct Work {
    let sources: RuleSources
    var complaints: [Complaint]

    mutating func compileSettings(isMachineChecked: Bool) -> SettingsFindings? {
        let name = RuleSources.configurationName
        // That it is missing was complained of when it was read.
        guard let bytes = sources.bytes(of: name) else { return nil }
        let findings = Settings.parse(
            bytes, file: sources.shown(name), folder: sources.folder, isMachineChecked: isMachineChecked)
        complaints += findings.complaints
        return findings
    }

    mutating func compileTables(_ settings: Settings?) -> TableSet {
        // Without tables every relay attempt would be judged by the gates' own defaults alone: never by
        // accident. That the file is missing was complained of when it was read.
        guard
            let found = sources.tables(
                access: settings?.policy.access, directories: settings?.directoryNames)
        else { return .empty }
        complaints += found.complaints
        return found.tables
    }

    /// What tables and settings are together: neither sees it alone.
    mutating func check(_ tables: TableSet, with settings: Settings) {
        let sources = sources
        add(
            CalloutCheck.complaints(of: tables, meters: settings.meters) { sources.bytes(of: "rules/\($0)") },
            prefix: "rules/")
        add(ListReach.complaints(of: tables, policy: settings.policy), prefix: "rules/")
        add(DatabaseCheck.complaints(of: tables), prefix: "rules/")
    }

    mutating func compileScripts(references: [SettingsReader.ScriptReference]) -> ScriptSet {
        var scripts = ScriptSet()
        for file in sources.files where file.name.hasPrefix("sieve/") {
            let name = String(file.name.dropFirst("sieve/".count))
            let compiled = Script.compile(
                name: name, source: file.bytes, withheld: WithheldCapabilities.names)
            add(compiled.complaints, prefix: "sieve/")
            guard let script = compiled.script else { continue }
            let stem = String(name.split(separator: "/").last?.dropLast(".sieve".count) ?? "")
            if name == "mta.sieve" {
                scripts.mta = script
            } else if name.hasPrefix("channels/") {
                scripts.channels[stem] = script
            } else {
                addUser(stem, script, file: file.name, to: &scripts)
            }
        }
        checkReferences(references, bytes: sources.bytes(of: RuleSources.configurationName) ?? [])
        return scripts
    }

    private mutating func addUser(_ stem: String, _ script: Script, file: String, to scripts: inout ScriptSet)
    {
        guard let address = Address(stem), !address.domain.isEmpty else {
            complaints.append(
                Complaint(
                    file: sources.shown(file), line: 1, message: "\"\(stem)\" is no mail address",
                    help: "name a user's script for the recipient: users/ann@example.net.sieve"))
            return
        }
        let folded = "\(address)".lowercased()
        if scripts.users[folded] != nil {
            complaints.append(
                Complaint(
                    file: sources.shown(file), line: 1, message: "there are two scripts for \(folded)",
                    help: "keep one of them; the case of a file's name doesn't matter"))
        }
        scripts.users[folded] = script
    }

    /// Scripts that a channel names must be there, and those that are there should be named.
    private mutating func checkReferences(_ references: [SettingsReader.ScriptReference], bytes: [UInt8]) {
        let prefix = "sieve/channels/"
        let known = sources.files.map(\.name).filter { $0.hasPrefix(prefix) }
            .map { String($0.dropFirst(prefix.count).dropLast(".sieve".count)) }
        for reference in references where !known.contains(reference.script.value) {
            let near = Nearness.nearest(to: reference.script.value, among: known).map {
                "did you mean \"\($0)\"? "
            }
            let place = reference.script.place
            complaints.append(
                Complaint(
                    file: sources.shown(RuleSources.configurationName), line: place.line,
                    column: place.column,
                    length: max(1, place.endColumn - place.column),
                    message: "\(reference.key) is \"\(reference.script.value)\", but there is no such script",
                    help: "\(near ?? "")it would be \(sources.shownChannelScript(reference.script.value))"))
        }
        let used = Set(references.map(\.script.value))
        for name in known where !used.contains(name) {
            complaints.append(
                Complaint(
                    file: sources.shown("\(prefix)\(name).sieve"), line: 1, severity: .warning,
                    message: "no channel uses this script",
                    help: "add source_script or destination_script = \"\(name)\" to a [channel.NAME]"))
        }
    }

    private mutating func add(_ more: [Complaint], prefix: String) {
        complaints += more.map { complaint in
            var shown = complaint
            shown.file = sources.shown(prefix + complaint.file)
            return shown
        }
    }
}

extension RuleSources {
    /// Where a channel's script would be, as the operator knows the folder.
    fileprivate func shownChannelScript(_ name: String) -> String {
        "channels/\(name).sieve in \(RuleFolder.parent(of: shown(Self.scriptName)))"
    }
}
