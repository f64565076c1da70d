// SPDX-License-Identifier: MIT

import Testing

@Suite("Pages: what they say is what the code does")
struct PagesTests {
    // MARK: Events

    private func events() throws -> [EventList.Event] {
        try Repository.swiftFiles(below: "Sources").filter { file in
            file.codeLines.contains { $0.contains("enum ") && $0.contains("Event: LoggedEvent {") }
                || file.path.hasSuffix("/ScannerEvent.swift")
        }.flatMap { EventList($0.lines).events }
    }

    @Test("docs/events.md has a row for every event, with its level and fields, and no others")
    func eventRows() throws {
        var rows: [String: (level: Set<String>, fields: [String])] = [:]
        for cells in Pages.rows(try Repository.text("docs/events.md")) where cells.count >= 3 {
            guard let name = Pages.codes(cells[0]).first else { continue }
            #expect(rows[name] == nil, "docs/events.md: \(name) has two rows")
            let level = Set(cells[1].split { !$0.isLetter }.map(String.init)).subtracting(["or"])
            rows[name] = (level, Pages.codes(cells[2]))
        }
        let events = try events()
        #expect(events.count > 40, "the events' enums were not read")
        for event in events {
            guard let row = rows[event.name] else {
                Issue.record(
                    "docs/events.md: no row for \(event.name) (\(event.levels.sorted()), \(event.fields))")
                continue
            }
            #expect(row.level == event.levels, "docs/events.md: level of \(event.name)")
            #expect(row.fields == event.fields, "docs/events.md: fields of \(event.name)")
        }
        #expect(Set(rows.keys).subtracting(events.map(\.name)) == [], "docs/events.md: no such event")
    }

    @Test("an event's name, level and fields are read from its enum")
    func eventList() {
        let text = #"""
            enum E: LoggedEvent {
                var name: String {
                    switch self {
                    case .a: "thing.done"
                    case .b: "thing.failed"
                    }
                }
                var level: Logger.Level {
                    switch self {
                    case .b(let x):
                        switch x.kind {
                        case .bad: .error
                        case .odd: .warning
                        }
                    default: .info
                    }
                }
                var fields: [(String, String)] {
                    switch self {
                    case .a(let id, let ms): [("id", id), ("took_ms", "\(ms)")]
                    case .b: []
                    }
                }
            }
            """#
        let events = EventList(text.split(separator: "\n")).events
        #expect(
            events == [
                .init(name: "thing.done", levels: ["info"], fields: ["id", "took_ms"]),
                .init(name: "thing.failed", levels: ["error", "warning"], fields: []),
            ])
    }

    // MARK: Metrics

    @Test("docs/metrics.md has a row for every counter, with its type, and no others")
    func metricRows() throws {
        let source = try Repository.text("Sources/Telemetry/Counter.swift").split(separator: "\n")
        var counters: [String: Bool] = [:]
        for line in source where line.contains("    case ") && line.contains(" = \"") {
            let name = line.split(separator: "\"")[1]
            counters["postern_\(name)"] = name.hasSuffix("_total")
        }
        #expect(counters.count > 20, "Counter.swift was not read")
        var rows: Set<String> = []
        for cells in Pages.rows(try Repository.text("docs/metrics.md")) where cells.count >= 2 {
            guard let name = Pages.codes(cells[0]).first else { continue }
            guard let isCounter = counters[name] else {
                Issue.record("docs/metrics.md: Counter has no \(name)")
                continue
            }
            rows.insert(name)
            #expect(cells[1].hasPrefix(isCounter ? "counter" : "gauge"), "docs/metrics.md: type of \(name)")
        }
        #expect(Set(counters.keys).subtracting(rows) == [], "docs/metrics.md: no row for these")
    }

    // MARK: Limits

    @Test("docs/limits.md is what the sources say, and every limit has its reason beside it")
    func limits() throws {
        let (status, output) = try Repository.run("scripts/limits", ["--check"])
        #expect(status == 0, "scripts/limits --check: \(output)")
    }

    // MARK: Standards

    @Test("docs/rfc-index.md has a line for every section of an RFC that the sources name, and no others")
    func standards() throws {
        var cited: [String: String] = [:]
        for file in try Repository.swiftFiles(below: "Sources") {
            for (section, line) in Citations.sections(in: file.lines) where cited[section] == nil {
                cited[section] = "\(file.path):\(line)"
            }
        }
        #expect(cited.count > 60, "the sources' citations were not read")
        var listed: Set<String> = []
        var number = ""
        for line in try Repository.text("docs/rfc-index.md").split(separator: "\n") {
            if line.hasPrefix("## RFC ") { number = String(line.split(separator: " ")[2]) }
            guard line.hasPrefix("| "), !number.isEmpty,
                let first = Pages.rows("\n|\n|\n" + line).first?.first
            else {
                continue
            }
            let cell = first.trimmingPrefix { $0 == " " }.split(separator: " ").joined(separator: " ")
            guard cell == "all" || cell.hasPrefix("§") || cell.hasPrefix("appendix") else { continue }
            let section = cell == "all" ? "RFC \(number)" : "RFC \(number) \(cell)"
            #expect(listed.insert(section).inserted, "docs/rfc-index.md: \(section) has two lines")
        }
        for (section, place) in cited.sorted(by: { $0.key < $1.key }) where !listed.contains(section) {
            Issue.record("docs/rfc-index.md: no line for \(section), which \(place) names")
        }
        #expect(listed.subtracting(cited.keys) == [], "docs/rfc-index.md: no source names these")
    }

    @Test(
        "a citation is read across line ends, with every section that follows it",
        arguments: [
            ("/// RFC 5321 §4.1.1.1 and §4.1.4, not more.", ["RFC 5321 §4.1.1.1", "RFC 5321 §4.1.4"]),
            ("    // see RFC 5321\n    // §4.5.3.2.7 for that", ["RFC 5321 §4.5.3.2.7"]),
            ("(RFC 2045, RFC 2183)", ["RFC 2045", "RFC 2183"]),
            ("RFC 3720 appendix B.4.", ["RFC 3720 appendix B.4"]),
            ("RFC 5228 §2.10.2", ["RFC 5228 §2.10.2"]),
        ])
    func citations(text: String, expected: [String]) {
        #expect(Citations.sections(in: text.split(separator: "\n")).map(\.section) == expected)
    }

    // MARK: Names of files

    @Test("a page names only files that are there")
    func paths() throws {
        let folders = ["Sources/", "Tests/", "docs/", "scripts/", "rules/", "sieve/", "Benchmarks/", ".ci/"]
        let pages = (Repository.files() + []).filter { $0.hasSuffix(".md") }
        Violation.report(
            try pages.flatMap { page in
                try Repository.text(page).split(separator: "\n", omittingEmptySubsequences: false)
                    .enumerated()
                    .flatMap { index, line in
                        Pages.codes(line).filter { code in
                            folders.contains { code.hasPrefix($0) } && !code.contains { " *<{".contains($0) }
                                && code.allSatisfy { !$0.isWhitespace } && !Self.isExample(code)
                        }.filter { !Repository.exists($0) }.map {
                            Violation(
                                path: page, line: index + 1,
                                text: "there is no \($0); mend the page, or name what is there")
                        }
                    }
            })
    }

    /// Placeholders in capitals: `sieve/users/ADDRESS.sieve`.
    private static func isExample(_ path: String) -> Bool {
        path.split { "/.".contains($0) }.contains {
            $0.count > 2 && $0.allSatisfy(\.isUppercase) && $0 != "README"
        }
    }

    @Test("each promise names tests that are there")
    func promises() throws {
        let rows = Pages.rows(try Repository.text("ARCHITECTURE.md"), under: "## Promises")
        #expect(rows.count >= 12, "ARCHITECTURE.md: Promises has no table")
        for cells in rows where cells.count >= 3 {
            let paths = Pages.codes(cells[2]).filter { $0.hasPrefix("Tests/") }
            let isLater = cells[2].hasPrefix("nothing yet")
            #expect(!paths.isEmpty || isLater, "ARCHITECTURE.md: \(cells[0]) names no test")
            let texts = try paths.filter(Repository.exists).map(Repository.text)
            for sentence in Self.quoted(cells[2]) {
                #expect(
                    texts.contains { $0.contains("\"\(sentence)\"") },
                    "ARCHITECTURE.md: \(cells[0]): no test in \(paths) is called \"\(sentence)\"")
            }
        }
    }

    private static func quoted(_ text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }

    @Test("ARCHITECTURE.md lists every decision")
    func decisions() throws {
        let page = try Repository.text("ARCHITECTURE.md")
        for path in Repository.files(below: "docs/decisions") where !page.contains(path) {
            Issue.record("ARCHITECTURE.md: \(path) is not in the list of decisions")
        }
    }
}
