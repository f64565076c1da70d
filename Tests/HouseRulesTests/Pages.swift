// SPDX-License-Identifier: MIT

/// Reads what our pages in Markdown say: tables, and words set as code.
enum Pages {
    /// The cells of all table rows below the heading `heading`, up to the next one of its rank; of the whole
    /// page if none is given. Headings of tables and the lines under them are no rows.
    static func rows(_ page: String, under heading: String? = nil) -> [[String]] {
        var isInside = heading == nil
        let rank = heading.map { String($0.prefix { $0 == "#" }) + " " } ?? ""
        var rows: [[String]] = []
        var table: [[String]] = []
        for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
            if let heading, line.hasPrefix(rank) { isInside = line == heading }
            guard isInside, line.hasPrefix("|") else {
                rows += table.dropFirst(2)
                table = []
                continue
            }
            table.append(cells(line))
        }
        return rows + table.dropFirst(2)
    }

    private static func cells(_ line: Substring) -> [String] {
        let escaped = line.replacing("\\|", with: "\u{1}")
        return escaped.split(separator: "|", omittingEmptySubsequences: false).dropFirst().dropLast().map {
            String($0.replacing("\u{1}", with: "|").trimmingPrefix { $0 == " " })
        }
    }

    /// What stands between backticks.
    static func codes(_ text: some StringProtocol) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }
}
