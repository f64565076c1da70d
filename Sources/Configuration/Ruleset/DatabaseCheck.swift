// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import MappingTables

/// Flags that look something up in a text database which isn't configured: such an entry would put everybody
/// off, or do nothing.
enum DatabaseCheck {
    static func complaints(of tables: TableSet) -> [Complaint] {
        let needs: [(table: AccessTable, flag: String, database: String)] =
            AccessTable.allCases.filter { $0.argumentFlags.contains("I") }.map { ($0, "I", "groups") }
            + [(.reverse, "D", "reverse")]
        return needs.filter { tables.databases[$0.database] == nil }.flatMap { need in
            tables.outputFlags(of: need.table.rawValue).filter { $0.flag == need.flag }.map { found in
                Complaint(
                    file: found.place.file, line: found.place.line,
                    message: "flag $\(need.flag) of table \(need.table.rawValue) looks into the database"
                        + " \"\(need.database)\", which is not there",
                    help: "add [database.\(need.database)] with file = \"\(need.database).txt\" to"
                        + " postern.toml, or take the flag out")
            }
        }
    }
}
