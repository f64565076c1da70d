// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("A script with mistakes")
struct ComplaintTests {
    @Test("a complaint names file, line, column, length, what is wrong and what to do")
    func whole() {
        #expect(
            Compiling.complaints("if header :contains \"Subject\" 100K {\n  discard;\n}\n") == [
                Complaint(
                    file: "test.sieve", line: 1, column: 31, length: 4,
                    message:
                        "the header test expects a string list as argument 2 (key list), "
                        + "but a number was found",
                    help: "write it as header [tags] <header names> <key list>")
            ])
        #expect(
            Compiling.complaints("keep\ndiscard;\n") == [
                Complaint(
                    file: "test.sieve", line: 1, column: 4, length: 1,
                    message: "a semicolon is missing after the keep command, before \"discard\"",
                    help: "end the command with \";\"")
            ])
        #expect(
            Compiling.complaints("fileinto \"spam\";") == [
                Complaint(
                    file: "test.sieve", line: 1, column: 1, length: 8,
                    message:
                        "the fileinto command is used without require \"fileinto\"",
                    help: "write require \"fileinto\"; at the top of the script")
            ])
        #expect(
            Compiling.complaints("require \"vocation\";") == [
                Complaint(
                    file: "test.sieve", line: 1, column: 9, length: 10,
                    message: "the capability \"vocation\" is not supported",
                    help: "supported are \(Vocabulary.capabilityNames)")
            ])
        #expect(
            Compiling.complaints("  diskard;") == [
                Complaint(
                    file: "test.sieve", line: 1, column: 3, length: 7, message: "unknown command \"diskard\"",
                    help: "commands are \(Vocabulary.commandNames)")
            ])
        #expect(
            Compiling.complaints("if headr \"a\" \"b\" {}") == [
                Complaint(
                    file: "test.sieve", line: 1, column: 4, length: 5, message: "unknown test \"headr\"",
                    help: "tests are \(Vocabulary.testNames)")
            ])
    }

    @Test(
        "every kind of mistake has its words",
        arguments: [
            ("keep", "1:4: a semicolon is missing after the keep command, before the end of the script"),
            ("if true { keep }", "1:14: a semicolon is missing after the keep command, before \"}\""),
            ("if true { keep;", "1:9: this block is never closed"),
            ("keep; }", "1:7: this \"}\" closes nothing"),
            ("keep;;", "1:6: this semicolon ends no command"),
            ("{ keep; }", "1:1: a block stands here without a command"),
            ("\"keep\";", "1:1: a command begins with its name, but a string was found"),
            ("keep );", "1:6: \")\" is out of place in the keep command"),
            ("header \"a\" \"b\";", "1:1: header is a test, not a command"),
            ("if keep {}", "1:4: keep is a command, not a test"),
            ("if anyof (true, keep) {}", "1:17: a test is expected, but \"keep\" was found"),
            ("discard { keep; }", "1:1: the discard command takes no block"),
            ("discard true;", "1:9: the discard command takes no test, but \"true\" stands here"),
            ("if exists [] {}", "1:11: the string list is empty"),
            ("if exists [\"a\",] {}", "1:16: a string is missing before \"]\""),
            ("if exists [\"a\" \"b\"] {}", "1:14: a comma is missing between two strings of a list"),
            (
                "if exists [\"a\", 1] {}",
                "1:17: a string list holds strings and commas, but a number was found"
            ),
            (
                "if anyof (true, false {}",
                "1:10: this list of tests is never closed: \"{\" follows its last test"
            ),
            ("if header :rejex \"a\" \"b\" {}", "1:11: unknown tag \":rejex\" for the header test"),
            (
                "if header :comparator :is \"a\" \"b\" {}",
                "1:11: in the header test, \":comparator\" needs a string behind it, but a tag was found"
            ),
            ("if size :over 1KB {}", "1:15: \"1KB\" is not a number"),
            ("keep; /* open", "1:7: this comment is never closed"),
            ("redirect \"open;", "1:10: this string is never closed"),
        ])
    func kinds(script: String, place: String) {
        #expect(Compiling.places(script).contains(place))
        #expect(Compiling.places(script).count <= 2)
    }

    @Test("ten mistakes in one script are all reported, in the order of the file")
    func ten() {
        let script = """
            require ["fileinto", "vocation"];
            if header :contain "Subject" "x" {
                fileinto;
            }
            if anyof (true, false {
                keep
            }
            redirect "not an address";
            elsif true { stop; }
            if address :domain "Subject" ["a", "b"] { discard; }
            if size 100K { discard; }
            reject "no";
            frobnicate :now { keep; }
            """
        #expect(
            Compiling.places(script) == [
                "1:22: the capability \"vocation\" is not supported",
                "2:11: unknown tag \":contain\" for the header test",
                "3:5: the fileinto command needs a string (mailbox), which is missing",
                "5:10: this list of tests is never closed: \"{\" follows its last test",
                "6:8: a semicolon is missing after the keep command, before \"}\"",
                "8:10: \"not an address\" is not an address that mail can be sent to",
                "9:1: elsif stands here without an if before it",
                "10:20: the header field \"Subject\" holds no addresses",
                "11:4: the size test needs \":over\" or \":under\"",
                "12:1: the reject command is used without require \"reject\"",
                "13:1: unknown command \"frobnicate\"",
            ])
    }

    @Test("lines and columns count alike with LF and CRLF, columns in characters")
    func places() {
        let script = "keep;\n/* \u{E4}\u{1F600} */ frob;\nkeep;\n"
        #expect(Compiling.places(script) == ["2:10: unknown command \"frob\""])
        let crlf = Trial.wire(script)
        #expect(Compiling.complaints(crlf).map(\.line) == [2])
        #expect(Compiling.complaints(crlf).map(\.column) == [10])
    }

    @Test("a missing capability is reported where it is first missed, once")
    func once() {
        #expect(Compiling.places("fileinto \"a\";\nfileinto \"b\";\n").count == 1)
    }

    @Test("an unclosed string hides only its own line")
    func unclosed() {
        #expect(
            Compiling.places("redirect \"a@example.org;\nfrob;\n") == [
                "1:10: this string is never closed",
                "1:24: a semicolon is missing after the redirect command, before \"frob\"",
                "2:1: unknown command \"frob\"",
            ])
    }

    @Test("beyond a hundred mistakes, one more complaint says so")
    func many() {
        let complaints = Compiling.complaints(String(repeating: "frob;\n", count: 5_000))
        #expect(complaints.count == 101)
        #expect(complaints.last?.message == "there are more than 100 mistakes; the rest are not shown")
    }

    @Test("what a message quotes is short and has no control characters")
    func quoting() {
        let complaints = Compiling.complaints("redirect \"\(String(repeating: "x\u{1}", count: 5_000))\";")
        #expect(
            complaints.first?.message
                == "\"\(String(repeating: "x?", count: 20))...\" is not an address that mail can be sent to")
    }
}
