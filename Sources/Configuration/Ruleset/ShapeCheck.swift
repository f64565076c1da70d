// SPDX-License-Identifier: MIT

internal import Gates
internal import Mail
internal import MappingTables

/// Entries that no probe of their table can reach, or that answer what the table's reader can't use.
enum ShapeCheck {
    static func complaints(of tables: TableSet, access: AccessPolicy) -> [Complaint] {
        var shapes: [String: TableShape] = [:]
        for table in AccessTable.allCases { shapes[table.rawValue] = table.shape(access) }
        return TableAnalysis.complaints(of: tables, shapes: shapes)
    }
}
