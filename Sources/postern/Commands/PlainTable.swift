// SPDX-License-Identifier: MIT

/// Rows for people: columns as wide as their longest cell, the last one as it comes.
struct PlainTable {
    /// A wider cell is cut: one long address must not push the rest off the screen.
    static let cellScalarsMax = 60

    private var rows: [[String]]

    init(_ titles: [String]) { rows = [titles] }

    /// Cells are made safe to show.
    mutating func append(_ cells: [String]) {
        rows.append(
            cells.enumerated().map { index, cell in
                let line = TerminalText.visible(cell).unicodeScalars.map { $0 == "\n" ? " " : $0 }
                var kept = String.UnicodeScalarView(line.prefix(Self.cellScalarsMax))
                if index == cells.count - 1 { kept = String.UnicodeScalarView(line) }
                return String(kept) + (kept.count < line.count ? "..." : "")
            })
    }

    var isEmpty: Bool { rows.count == 1 }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { column < $0.count ? $0[column].unicodeScalars.count : 0 }.max() ?? 0
        }
        return rows.map { row in
            row.enumerated().map { index, cell in
                guard index < row.count - 1 else { return cell }
                return cell + String(repeating: " ", count: widths[index] - cell.unicodeScalars.count)
            }.joined(separator: "  ")
        }.joined(separator: "\n")
    }
}
