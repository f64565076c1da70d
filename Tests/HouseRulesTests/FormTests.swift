// SPDX-License-Identifier: MIT

import Testing

@Suite("Form: every file can be read by a stranger")
struct FormTests {
    private static let fileLinesMax = 600
    private static let functionLinesMax = 70
    private static let columnsMax = 110

    /// Names that say nothing about what may be added to a file.
    private static let emptyNames: Set<String> = [
        "Utils", "Util", "Common", "Helper", "Helpers", "Manager", "Core", "Shared", "Misc", "Constants",
        "Extensions", "Protocols", "Delegate", "Types",
    ]

    @Test("no file has more than 600 lines")
    func fileLength() throws {
        Violation.report(
            try Repository.swiftFiles(below: "Sources", "Tests").compactMap { file in
                guard file.lines.count - 1 > Self.fileLinesMax else { return nil }
                return file.violation(
                    Self.fileLinesMax,
                    "\(file.lines.count - 1) lines; move what has a name of its own to its own file")
            })
    }

    @Test("no function has more than 70 lines")
    func functionLength() throws {
        Violation.report(
            try Repository.swiftFiles(below: "Sources", "Tests").flatMap { file in
                FunctionScanner.functions(in: file.code).filter { $0.lines > Self.functionLinesMax }.map {
                    file.violation(
                        $0.line, "\($0.name) has \($0.lines) lines; give its steps names and functions")
                }
            })
    }

    /// Texts for people aren't broken in the middle of a sentence, nor are strings; swift-format sees it
    /// likewise.
    @Test("no line of code or comment has more than 110 columns")
    func lineLength() throws {
        Violation.report(
            try Repository.swiftFiles(below: "Sources", "Tests").flatMap { file in
                zip(file.lines, file.codeLines).enumerated().compactMap { index, pair -> Violation? in
                    let (line, code) = pair
                    guard line.count > Self.columnsMax else { return nil }
                    let isComment = line.trimmingPrefix { $0 == " " }.hasPrefix("//")
                    let isText = line.contains("\"") || code.allSatisfy { $0 == " " }
                    return isComment || !isText
                        ? file.violation(
                            index + 1, "\(line.count) columns; break the line before \(Self.columnsMax)")
                        : nil
                }
            })
    }

    @Test("the first lines of every source say its licence")
    func licence() throws {
        let endings = [".swift", ".c", ".h", ".cpp"]
        let sources = ["Sources", "Tests"].flatMap { Repository.files(below: $0) }
            .filter { path in endings.contains { path.hasSuffix($0) } }
        let scripts =
            Repository.files(below: "scripts") + Repository.files(below: ".ci") + [
                "Makefile", "Package.swift",
            ]
        Violation.report(
            try (sources + scripts).compactMap { path in
                let head = try Repository.text(path).split(separator: "\n", maxSplits: 2).prefix(2)
                return head.contains { $0.hasSuffix("SPDX-License-Identifier: MIT") }
                    ? nil
                    : Violation(path: path, line: 1, text: "begin with \"SPDX-License-Identifier: MIT\"")
            })
    }

    @Test("a file holds the type that it is named for")
    func fileNames() throws {
        let kinds = ["struct", "class", "enum", "actor", "protocol", "extension", "typealias"]
        Violation.report(
            try Repository.swiftFiles(below: "Sources").compactMap { file in
                let name = file.path.split(separator: "/").last?.dropLast(".swift".count) ?? ""
                guard name != "main" else { return nil }
                let type = name.split(separator: "+").first ?? ""
                let isThere = file.codeLines.contains { line in
                    kinds.contains { SwiftFile.contains(line, "\($0) \(type)") }
                }
                return isThere
                    ? nil
                    : file.violation(1, "nothing here is called \(type); name the file for what it holds")
            })
    }

    @Test("no file, folder or type has a name that means nothing")
    func emptyNames() {
        Violation.report(
            ["Sources", "Tests"].flatMap { Repository.files(below: $0) }.compactMap { path in
                let words = path.split { "/.+".contains($0) }.map(String.init)
                guard let word = words.first(where: Self.emptyNames.contains) else { return nil }
                return Violation(
                    path: path, line: 0, text: "\(word) says nothing; name it for the idea that it holds")
            })
    }

    @Test(
        "what ends a process, hides an error or was left for later is not in the code",
        arguments: [
            ("try!", "handle the error, or let the function throw"),
            ("as!", "ask with as? and handle the other case"),
            (
                "fatalError(",
                "bytes from outside must not get here: return an error; for our own mistakes use precondition"
            ),
            ("unsafeBitCast", "say what the bits mean instead"),
            ("Thread.sleep", "wait for an event, with a deadline"),
        ])
    func forbiddenCode(token: String, instead: String) throws {
        Violation.report(
            try Repository.swiftFiles(below: "Sources").flatMap {
                $0.violations(of: token, "\(token) is not used here; \(instead)")
            })
    }

    @Test("nothing is printed but by the commands, through StandardOutput and StandardError")
    func printing() throws {
        Violation.report(
            try Repository.swiftFiles(below: "Sources").flatMap { file -> [Violation] in
                // Its own extension calls it by its bare name.
                let isItsOwn = file.codeLines.contains { $0.hasPrefix("extension StandardOutput") }
                return file.codeLines.enumerated().compactMap { index, line in
                    SwiftFile.contains(line, "print(") && !line.contains(".print(")
                        && !line.contains("func print(") && !isItsOwn
                        ? file.violation(
                            index + 1, "events go through the log, answers through StandardOutput")
                        : nil
                }
            })
    }

    @Test("no file is left with a debt that has no name")
    func debts() throws {
        let words = ["TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"]
        let paths = ["Sources", "Tests", "scripts", "docs", "rules", "sieve"].flatMap {
            Repository.files(below: $0)
        }
        Violation.report(
            try paths.flatMap { path in
                try Repository.text(path).split(separator: "\n", omittingEmptySubsequences: false)
                    .enumerated()
                    .compactMap { index, line in
                        words.contains { SwiftFile.contains(line, $0) }
                            ? Violation(
                                path: path, line: index + 1,
                                text: "do it, or write down where it belongs and why not now")
                            : nil
                    }
            })
    }

    @Test("an error that is dropped: its function says why the loss doesn't matter")
    func droppedErrors() throws {
        Violation.report(
            try Repository.swiftFiles(below: "Sources").flatMap { file -> [Violation] in
                let functions = FunctionScanner.functions(in: file.code)
                return file.codeLines.enumerated().compactMap { index, line -> Violation? in
                    guard line.contains("try?") else { return nil }
                    // The innermost function around it, with the comment above.
                    let around = functions.last { $0.line <= index + 1 && index + 1 < $0.line + $0.lines }
                    var first = (around?.line ?? index + 1) - 1
                    while first > 0, file.lines[first - 1].contains("//") { first -= 1 }
                    let last = min(index + 1, file.lines.count - 1)
                    return file.lines[first...last].contains { $0.contains("//") }
                        ? nil : file.violation(index + 1, "say in a comment why the loss doesn't matter")
                }
            })
    }

    @Test("what is Sendable by our word alone says why")
    func uncheckedSendable() throws {
        Violation.report(
            try Repository.swiftFiles(below: "Sources").flatMap { file in
                file.codeLines.enumerated().compactMap { index, line in
                    guard line.contains("@unchecked Sendable") else { return nil }
                    let near = file.lines[max(0, index - 3)...min(file.lines.count - 1, index + 3)]
                    return near.contains { $0.contains("//") }
                        ? nil
                        : file.violation(index + 1, "say in a comment (\"Sendable: ...\") what guards it")
                }
            })
    }
}
