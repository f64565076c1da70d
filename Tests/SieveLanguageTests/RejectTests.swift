// SPDX-License-Identifier: MIT

import Mail
import SieveLanguage
import Testing

@Suite("RFC 5429: reject and ereject")
struct RejectTests {
    @Test(
        "both cancel the implicit keep and carry their reason, line ends as CRLF",
        arguments: ["reject", "ereject"])
    func reason(name: String) throws {
        let script = """
            require ["reject", "ereject"];
            if size :over 100 {
              \(name) text:
            Your message is too big.
            ..really
            .
              ;
            }
            """
        #expect(try Trial().actions(script) == ["\(name) Your message is too big.\r\n.really\r\n"])
    }

    @Test(
        "§2.4: neither goes with what delivers the message, in either order, nor with a second one",
        arguments: [
            "keep;", "fileinto \"a\";", "fileinto :copy \"a\";", "redirect \"a@example.org\";", "hold;",
            "reject \"a\";", "ereject \"a\";",
        ])
    func conflicts(other: String) throws {
        let head = "require [\"reject\", \"ereject\", \"fileinto\", \"copy\", \"hold\"];\n"
        let name = other.prefix { $0 != " " && $0 != ";" }
        for (script, error) in [
            ("\(other)\nreject \"no\";", "test.sieve:3: reject can't be combined with the \(name) in line 2"),
            (
                "ereject \"no\";\n\(other)",
                "test.sieve:3: \(name) can't be combined with the ereject in line 2"
            ),
        ] {
            let outcome = try Trial().outcome(head + script)
            #expect(outcome.error == error)
            #expect(outcome.errorPlace == RulePlace(file: "test.sieve", line: 3))
            #expect(outcome.actions == [])
            #expect(outcome.implicitKeep)
        }
    }

    @Test("discard and jettison go with them")
    func silent() throws {
        #expect(
            try Trial().actions("require [\"reject\", \"jettison\"]; discard; reject \"no\"; jettison;") == [
                "discard", "reject no", "jettison",
            ])
    }

    @Test("a reason that isn't UTF-8 is an error")
    func octets() {
        let script = Array("require \"reject\"; reject \"".utf8) + [0xFF] + Array("\";".utf8)
        #expect(Compiling.complaints(script).map(\.message) == ["the reason is not valid UTF-8"])
    }
}
