// SPDX-License-Identifier: MIT

import Testing

@Suite("Every decision is a function of recorded facts")
struct PurityTests {
    /// Where decisions are made. What they know comes in as values; what they need to know they ask for.
    private static let folders = [
        "Sources/MappingTables", "Sources/SieveLanguage", "Sources/MailAuthentication", "Sources/Gates",
        "Sources/Mail/Facts",
    ]

    private func files() throws -> [SwiftFile] {
        try Self.folders.flatMap { try Repository.swiftFiles(below: $0) }
    }

    @Test(
        "nothing waits, reads a clock, throws dice or reaches the system where decisions are made",
        arguments: [
            (
                "async",
                "an evaluation never waits: it returns its questions and is called again with the answers"
            ),
            (
                "await",
                "an evaluation never waits: it returns its questions and is called again with the answers"
            ),
            ("Task", "an evaluation starts nothing; whoever drives it does"),
            ("Thread", "an evaluation starts nothing; whoever drives it does"),
            ("DispatchQueue", "an evaluation starts nothing; whoever drives it does"),
            ("ContinuousClock", "ask `.time`: the time is an answer like any other"),
            ("SuspendingClock", "ask `.time`: the time is an answer like any other"),
            ("clock_gettime", "ask `.time`: the time is an answer like any other"),
            ("gettimeofday", "ask `.time`: the time is an answer like any other"),
            ("Date(", "ask `.time`: the time is an answer like any other"),
            ("random(", "dice are an answer too: add a question"),
            ("randomElement", "dice are an answer too: add a question"),
            ("shuffled(", "dice are an answer too: add a question"),
            ("SystemRandomNumberGenerator", "dice are an answer too: add a question"),
            ("UUID", "numbers that name things come in with the facts"),
            ("getenv", "what the configuration says comes in with the ruleset"),
            ("FileManager", "files come in with the ruleset"),
            ("Mutex", "an evaluation is a value of its own; nobody shares it"),
            ("nonisolated(unsafe)", "an evaluation is a value of its own; nobody shares it"),
            ("Hasher", "its seed differs in each process; order by the values themselves"),
            ("hashValue", "its seed differs in each process; order by the values themselves"),
        ])
    func nothingButFacts(token: String, instead: String) throws {
        Violation.report(try files().flatMap { $0.violations(of: token, "\(token): \(instead)") })
    }

    @Test("nothing outlives an evaluation but what it returned")
    func noState() throws {
        Violation.report(
            try files().flatMap { file in
                file.codeLines.enumerated().compactMap { index, line in
                    // A computed property has its brace before any equals sign.
                    let head = line.prefix { $0 != "{" }
                    return SwiftFile.contains(line, "static var") && head.contains("=")
                        ? file.violation(
                            index + 1, "what one evaluation leaves behind would change the next one")
                        : nil
                }
            })
    }

    /// A function that is handed in could ask the world behind the case's back. One that a file hands to its
    /// own private function can't: it sees what the file sees.
    @Test("no function is handed in or kept where decisions are made")
    func closures() throws {
        Violation.report(
            try files().flatMap { file in
                ClosureScanner.places(in: file.code).map {
                    file.violation(
                        $0, "a function comes from outside or is kept; take a value, or ask a question")
                }
            })
    }

    @Test(
        "a kept or handed-in function is seen, a private helper's is not",
        arguments: [
            ("func f(_ g: (Int) -> Bool) {}", [1]),
            ("private func f(_ g: (Int) -> Bool) {}", []),
            ("func f(_ g: Int) -> (a: Int, b: Int) {}", []),
            ("init(\n    g: @escaping () -> Void\n) {}", [1]),
            ("let g: () -> Void", [1]),
            ("private var g: ((Int) throws -> Bool)?", [1]),
            ("let g = [1].map { $0 + 1 }", []),
            ("typealias G = (Int) -> Bool", [1]),
        ])
    func closureScanner(text: String, lines: [Int]) {
        #expect(ClosureScanner.places(in: SwiftFile(path: "", text: text).code) == lines)
    }
}

/// Finds function types in places where a function would come in from elsewhere.
enum ClosureScanner {
    /// Lines, from 1, of declarations that take or keep a function.
    static func places(in code: [UInt8]) -> [Int] {
        let lines = String(decoding: code, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.compactMap { takesFunction(lines, at: $0) ? $0 + 1 : nil }
    }

    private static func takesFunction(_ lines: [Substring], at index: Int) -> Bool {
        let line = lines[index].trimmingPrefix { $0 == " " }
        let words = line.split { " (:<?".contains($0) }
        guard let keyword = words.first(where: { !modifiers.contains($0) }) else { return false }
        switch keyword {
        case "typealias":
            return line.contains("->")
        case "let", "var":
            // The type, before any value or body.
            let head = line.prefix { $0 != "=" && $0 != "{" }
            return head.contains(":") && head.contains("->")
        case "func", "init", "subscript":
            guard !words.contains("private"), !words.contains("fileprivate") else { return false }
            return parameters(lines[index...]).contains("->")
        default:
            return false
        }
    }

    private static let modifiers: Set<Substring> = [
        "package", "private", "fileprivate", "internal", "static", "mutating", "nonmutating", "consuming",
        "borrowing", "override", "final", "lazy", "convenience", "required", "@inline", "__always)",
        "unowned", "weak",
    ]

    /// What stands between the first parentheses from the beginning of `lines`.
    private static func parameters(_ lines: ArraySlice<Substring>) -> String {
        var depth = 0
        var text = ""
        for line in lines {
            for character in line {
                if character == ")" { depth -= 1 }
                if depth > 0 { text.append(character) }
                if character == "(" { depth += 1 }
                if character == ")", depth == 0 { return text }
            }
        }
        return text
    }
}
