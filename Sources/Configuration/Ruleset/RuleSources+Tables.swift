// SPDX-License-Identifier: MIT

package import Gates
package import Mail
package import MappingTables

extension RuleSources {
    /// The mapping tables of these rules with everything that is wrong with them, their files named as the
    /// operator knows them. Nil where there is no mapping file.
    ///
    /// `access` says how tables are probed; nil where the configuration has mistakes of its own: entries are
    /// then checked by themselves only. `directories` is as in `TableSet.parse`.
    package func tables(
        access: AccessPolicy?, directories: [String: String]?
    ) -> (tables: TableSet, complaints: [Complaint])? {
        let prefix = "rules/"
        var texts: [String: [UInt8]] = [:]
        for file in files where file.name.hasPrefix(prefix) && file.name != Self.configurationName {
            texts[String(file.name.dropFirst(prefix.count))] = file.bytes
        }
        guard texts["mappings"] != nil else { return nil }
        let databases = databases()
        let parsed = TableSet.parse(
            main: "mappings", sources: texts, databases: databases.databases, directories: directories)
        var found = parsed.complaints
        found += FlagCheck.complaints(of: parsed.tables) { texts[$0] }
        if let access { found += ShapeCheck.complaints(of: parsed.tables, access: access) }
        for name in parsed.tables.names where !UnusedTable.isConsulted(name, texts: texts) {
            found.append(UnusedTable.complaint(name, texts: texts))
        }
        let named = found.map { complaint in
            var named = complaint
            named.file = shown(prefix + complaint.file)
            return named
        }
        return (parsed.tables, named + databases.complaints)
    }
}
