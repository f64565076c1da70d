// SPDX-License-Identifier: MIT

/// The events of one enum, as its source says them: what `docs/events.md` has to list.
struct EventList {
    struct Event: Equatable {
        var name: String
        var levels: Set<String>
        var fields: [String]
    }

    private(set) var events: [Event] = []

    /// Reads the switches of `name`, `level` and `fields`, or the one of `parts` that gives all three.
    init(_ lines: [Substring]) {
        let text = lines.map { line in
            line.trimmingPrefix { $0 == " " }.hasPrefix("//") ? "" : String(line)
        }.joined(separator: "\n")
        if let parts = Self.body(of: "var parts", in: text) {
            for (_, branch) in Self.branches(parts) { append(branch) }
            return
        }
        guard let names = Self.body(of: "var name", in: text) else { return }
        let levels = Self.levels(Self.body(of: "var level", in: text) ?? "")
        let fields = Self.branches(Self.body(of: "var fields", in: text) ?? "")
        for (cases, branch) in Self.branches(names) {
            for each in cases {
                let keys = fields.first { $0.cases.contains(each) }.map { Self.keys($0.text) } ?? []
                guard let name = Self.strings(branch).first else { continue }
                events.append(
                    Event(name: name, levels: levels[each] ?? levels["default"] ?? [], fields: keys))
            }
        }
    }

    private mutating func append(_ branch: String) {
        let words = Self.strings(branch)
        guard let name = words.first(where: { $0.contains(".") && !$0.contains(" ") && !$0.contains("\\") })
        else { return }
        let levels = words.filter {
            ["debug", "info", "notice", "warning", "error", "critical"].contains($0)
        }
        events.append(Event(name: name, levels: Set(levels), fields: Self.keys(branch)))
    }

    /// The levels of each case; a case whose level depends on its values has several.
    private static func levels(_ body: String) -> [String: Set<String>] {
        var levels: [String: Set<String>] = [:]
        for (cases, branch) in branches(body) {
            let words = branch.split { !($0.isLetter || $0 == ".") }.filter { $0.hasPrefix(".") }
                .map { String($0.dropFirst()) }
            let known = Set(words).intersection(["debug", "info", "notice", "warning", "error", "critical"])
            for each in cases { levels[each, default: []].formUnion(known) }
        }
        return levels
    }

    /// What stands in the braces after `declaration`.
    private static func body(of declaration: String, in text: String) -> String? {
        guard let start = text.firstRange(of: declaration) else { return nil }
        var depth = 0
        var body = ""
        for character in text[start.upperBound...] {
            if character == "}" { depth -= 1 }
            if depth > 0 { body.append(character) }
            if character == "{" { depth += 1 }
            if character == "}", depth == 0 { return body }
        }
        return nil
    }

    /// Each branch of the outer switch: the cases that it stands for, and its text.
    private static func branches(_ body: String) -> [(cases: [String], text: String)] {
        var branches: [(cases: [String], text: String)] = []
        let lines = joined(body.split(separator: "\n"))
        let indent = lines.first { isCase($0) }.map { $0.prefix { $0 == " " }.count } ?? 0
        for line in lines {
            guard isCase(line), line.prefix(while: { $0 == " " }).count == indent else {
                if !branches.isEmpty { branches[branches.count - 1].text += "\n" + line }
                continue
            }
            let (head, rest) = head(of: line)
            let names = head.split { !($0.isLetter || $0.isNumber || $0 == "." || $0 == "_") }
                .filter { $0.hasPrefix(".") }.map { String($0.dropFirst()) }
            branches.append((names.isEmpty ? ["default"] : names, rest))
        }
        return branches
    }

    /// A pattern that goes over several lines becomes one.
    private static func joined(_ lines: [Substring]) -> [Substring] {
        var joined: [Substring] = []
        var isOpen = false
        for line in lines {
            if isOpen, let last = joined.popLast() {
                joined.append(Substring(last + " " + line))
            } else {
                joined.append(line)
            }
            isOpen = joined.last.map { isCase($0) && !hasColon($0) } ?? false
        }
        return joined
    }

    private static func hasColon(_ line: Substring) -> Bool { head(of: line).0.count < line.count }

    private static func isCase(_ line: Substring) -> Bool {
        let line = line.trimmingPrefix { $0 == " " }
        return line.hasPrefix("case .") || line.hasPrefix("default:")
    }

    /// Up to the colon that ends the pattern, and what follows it.
    private static func head(of line: Substring) -> (String, String) {
        var depth = 0
        for index in line.indices {
            if line[index] == "(" { depth += 1 }
            if line[index] == ")" { depth -= 1 }
            if line[index] == ":", depth == 0 {
                return (String(line[..<index]), String(line[line.index(after: index)...]))
            }
        }
        return (String(line), "")
    }

    private static func strings(_ text: String) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }

    /// The first strings of pairs: `("case", id)`.
    private static func keys(_ text: String) -> [String] {
        text.split(separator: "(\"").dropFirst().compactMap { piece in
            guard let end = piece.firstIndex(of: "\"") else { return nil }
            let rest = piece[piece.index(after: end)...]
            return rest.hasPrefix(",") ? String(piece[..<end]) : nil
        }
    }
}
