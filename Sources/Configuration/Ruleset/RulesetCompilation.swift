// SPDX-License-Identifier: MIT

package import Gates
package import Mail
internal import MappingTables

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
        let scripts = work.compileScripts(findings)
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

    mutating func compileScripts(_ findings: SettingsFindings?) -> ScriptSet {
        var compilation = ScriptCompilation(sources: sources, policy: findings?.settings?.policy.filters)
        compilation.compile()
        compilation.check(findings)
        complaints += compilation.complaints
        return compilation.scripts
    }

    private mutating func add(_ more: [Complaint], prefix: String) {
        complaints += more.map { complaint in
            var shown = complaint
            shown.file = sources.shown(prefix + complaint.file)
            return shown
        }
    }
}
