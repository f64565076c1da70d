// SPDX-License-Identifier: MIT
internal import Mail

/// Finds tables that call themselves, by way of others or not.
enum NestingAnalysis {
    /// One warning for each entry whose call leads back to its own table.
    static func complaints(of tables: TableSet) -> [Complaint] {
        var calls: [[(table: Int, entry: Int, piece: Int)]] = []
        for table in tables.tables {
            var found: [(table: Int, entry: Int, piece: Int)] = []
            for (entry, value) in table.entries.enumerated() {
                for (piece, content) in value.template.pieces.enumerated() {
                    if case .table(let name, _) = content, let index = tables.index(of: name) {
                        found.append((index, entry, piece))
                    }
                }
            }
            calls.append(found)
        }
        let targets = calls.map { Set($0.map(\.table)) }
        var complaints: [Complaint] = []
        for (index, table) in tables.tables.enumerated() where !calls[index].isEmpty {
            for call in calls[index] {
                guard complaints.count < TableAnalysis.complaintsMax,
                    let way = way(from: call.table, to: index, targets)
                else { continue }
                let entry = table.entries[call.entry]
                let names = ([index] + way).map { tables.tables[$0].name }.joined(separator: " calls ")
                let ranges = TemplateCompiler.compile(
                    Array(entry.templateText.utf8), fieldCount: Pattern.fieldsMax, context: tables.context
                ).ranges
                complaints.append(
                    entry.templatePlace.complaint(
                        ranges.dropFirst(call.piece).first ?? 0..<0, of: entry.templateText,
                        in: entry.place.file, "this call goes round in a circle: \(names)",
                        help: "a circle fails after \(EvaluationLimits().nestingMax) tables: end it,"
                            + " or see that each turn hands on less",
                        severity: .warning))
            }
        }
        return complaints
    }

    /// The shortest way of calls from `start` to `end`, both in it; nil where there is none.
    private static func way(from start: Int, to end: Int, _ targets: [Set<Int>]) -> [Int]? {
        var before: [Int: Int] = [:]
        var waiting = [start]
        var next = 0
        // Bounded: each table is looked at once.
        while next < waiting.count {
            let table = waiting[next]
            next += 1
            if table == end {
                var way = [end]
                var current = end
                while current != start, let previous = before[current] {
                    way.append(previous)
                    current = previous
                }
                return way.reversed()
            }
            for target in targets[table].sorted() where target != start && before[target] == nil {
                before[target] = table
                waiting.append(target)
            }
        }
        return nil
    }
}
