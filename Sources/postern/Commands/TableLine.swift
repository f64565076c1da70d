// SPDX-License-Identifier: MIT

import Gates
import Mail

/// One consultation of a table in a list.
struct TableLine: Encodable {
    var id: String
    var at: Int64
    var table: String
    var fate: String
    var rule: String
    /// Of the message that it was about; empty where it was about none.
    var caseID: String
    var entry: String

    private enum CodingKeys: String, CodingKey {
        case id, at, table, fate, rule, entry
        case caseID = "case"
    }

    init(_ record: TableRecord) {
        id = record.id
        at = record.atMs / 1_000
        table = record.consultation.table
        fate = record.consultation.fate
        rule = record.consultation.rule
        caseID = record.caseID
        entry = record.entry
    }

    func json() throws -> String { String(decoding: try FactsEncoder().encode(self), as: UTF8.self) }

    var text: String { "\(id)  \(at)  \(table)  \(fate)  \(rule)  \(caseID)  \(entry)" }
}
