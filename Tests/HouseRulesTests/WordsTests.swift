// SPDX-License-Identifier: MIT

import Testing

@Suite("Words: the project speaks of itself alone")
struct WordsTests {
    @Test("no file names a place on somebody's machine")
    func places() {
        let places = ["/wo" + "rk/", "/ho" + "me/", "/Us" + "ers/", "/ro" + "ot/", "../sha" + "red"]
        Violation.report(
            textFiles().flatMap { path, text in
                Self.lines(text) { line in places.first { line.contains($0) } }.map { line, place in
                    Violation(
                        path: path, line: line,
                        text: "\(place) is a place on one machine; name paths from the repository on")
                }
            })
    }

    @Test("every text file ends its last line, and no line ends in a space")
    func lineEnds() {
        Violation.report(
            textFiles().filter { !$0.path.hasPrefix("Tests/") || $0.path.hasSuffix(".swift") }.flatMap {
                path, text in
                let spaces = Self.lines(text) { $0.hasSuffix(" ") || $0.hasSuffix("\t") ? "" : nil }.map {
                    line, _ in
                    Violation(path: path, line: line, text: "space at the end of the line; take it out")
                }
                let end =
                    text.isEmpty || text.hasSuffix("\n")
                    ? [] : [Violation(path: path, line: 0, text: "the last line has no end; add one")]
                return spaces + end
            })
    }

    private func textFiles() -> [(path: String, text: String)] {
        let endings = [
            ".swift", ".c", ".h", ".cpp", ".md", ".sieve", ".toml", ".probe", ".py", ".sh", ".svtest",
            ".modulemap",
        ]
        return Repository.files().filter { path in
            let name = path.split(separator: "/").last ?? ""
            return endings.contains { path.hasSuffix($0) } || !name.contains(".") || path.hasPrefix(".ci/")
        }.filter { !$0.hasPrefix(".") || $0.hasPrefix(".ci/") }.compactMap { path in
            // What is not UTF-8 is a test's message, and means to be.
            (try? Repository.text(path)).map { (path, $0) }
        }
    }

    private static func lines(_ text: String, _ find: (Substring) -> String?) -> [(Int, String)] {
        text.split(separator: "\n", omittingEmptySubsequences: false).enumerated().compactMap { index, line in
            find(line).map { (index + 1, $0) }
        }
    }
}
