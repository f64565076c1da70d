// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import Configuration

@Suite("A complaint as it is printed")
struct DiagnosticTests {
    private func complaint(line: Int = 4, column: Int = 3, length: Int = 22, message: String? = nil)
        -> Complaint
    {
        Complaint(
            file: "rules/mappings", line: line, column: column, length: length,
            message: message ?? "in table PORT_ACCESS, this entry has a pattern but no template",
            help: "write \"pattern  template\"; a space inside either half is written \"$ \"")
    }

    private let source = Array("! comment\nPORT_ACCESS\n\n  TCP|*|25|203.0.113.7|*\n".utf8)

    @Test("place, text, the line with a caret below, remedy")
    func whole() {
        #expect(
            Diagnostic(complaint(), source: source).description == """
                rules/mappings:4:3: error: in table PORT_ACCESS, this entry has a pattern but no template
                  4 |   TCP|*|25|203.0.113.7|*
                    |   ^^^^^^^^^^^^^^^^^^^^^^
                  help: write "pattern  template"; a space inside either half is written "$ "
                """)
    }

    @Test("a warning says so, and a file that can't be shown is named all the same")
    func warning() {
        var complaint = complaint()
        complaint.severity = .warning
        #expect(
            Diagnostic(complaint, source: nil).description == """
                rules/mappings:4:3: warning: in table PORT_ACCESS, this entry has a pattern but no template
                  help: write "pattern  template"; a space inside either half is written "$ "
                """)
        #expect(Diagnostic(self.complaint(line: 99), source: source).description.contains(" | ") == false)
    }

    @Test("a tab stays a tab above and below, so that the caret stands right at any width")
    func tabs() {
        let text = Diagnostic(complaint(line: 1, column: 4, length: 2), source: Array("\tä\tbc\r\n".utf8))
            .description
        let lines = text.split(separator: "\n").map(String.init)
        #expect(lines[1] == "  1 | \tä\tbc")
        #expect(lines[2] == "    | \t \t^^")
    }

    @Test("a long line is cut around its place")
    func longLine() {
        let source = Array(
            (String(repeating: "x", count: 5_000) + "HERE" + String(repeating: "y", count: 5_000)).utf8)
        let lines = Diagnostic(complaint(line: 1, column: 5_001, length: 4), source: source).description
            .split(separator: "\n").map(String.init)
        #expect(
            lines[1] == "  1 | " + String(repeating: "x", count: 40) + "HERE"
                + String(repeating: "y", count: 116))
        #expect(lines[2] == "    | " + String(repeating: " ", count: 40) + "^^^^")
    }

    @Test("carets never reach beyond the line, and a column beyond it stands at its end")
    func beyond() {
        let lines = { (column: Int, length: Int) in
            Diagnostic(self.complaint(line: 1, column: column, length: length), source: Array("abc".utf8))
                .description
                .split(separator: "\n").map(String.init)[2]
        }
        #expect(lines(2, 100) == "    |  ^^")
        #expect(lines(90, 5) == "    |    ^")
    }

    @Test("what could steer a terminal is not passed on")
    func control() {
        let text = Diagnostic(
            complaint(line: 1, column: 1, length: 1, message: "key \"\u{1B}[2J\nx\""),
            source: Array("\u{1B}[2J".utf8)
        ).description
        #expect(text.hasPrefix("rules/mappings:1:1: error: key \"?[2J?x\"\n  1 | ?[2J\n    | ^\n"))
    }

    @Test("as JSON it is one line with the keys of the contract")
    func json() {
        #expect(
            Diagnostic(complaint(message: "a \"b\"\n\u{1}\\"), source: nil).json
                == #"{"file":"rules/mappings","line":4,"column":3,"severity":"error","#
                + #""message":"a \"b\"\n\u0001\\","#
                + #""help":"write \"pattern  template\"; a space inside either half is written \"$ \""}"#
        )
    }
}
