// SPDX-License-Identifier: MIT

import Testing

@testable import SieveLanguage

@Suite("RFC 5228 §2.4.2.4: encoded-character")
struct EncodedCharacterTests {
    private func decode(_ text: String) -> String? {
        var invalid: String?
        return EncodedCharacter.decode(Array(text.utf8), invalid: &invalid).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test(
        "the examples of the RFC",
        arguments: [
            ("$${hex:40}", "$@"), ("${hex: 40 }", "@"), ("${HEX: 40}", "@"), ("${hex:40", "${hex:40"),
            ("${hex:400}", "${hex:400}"), ("${hex:4${hex:30}}", "${hex:40}"), ("${unicode:40}", "@"),
            ("${ unicode:40}", "${ unicode:40}"), ("${UNICODE:40}", "@"), ("${UnICoDE:0000040}", "@"),
            ("${Unicode:40}", "@"), ("${Unicode:Cool}", "${Unicode:Cool}"),
        ])
    func examples(text: String, expected: String) {
        #expect(decode(text) == expected)
    }

    @Test(
        "several numbers, line ends between them, one digit, none",
        arguments: [
            ("${hex:41 42\r\n\t43}", "ABC"), ("${hex:9}", "\t"), ("${hex:}", "${hex:}"),
            ("${hex: }", "${hex: }"),
            ("${unicode:20AC 10FFFF}", "\u{20AC}\u{10FFFF}"), ("${hex:E2 82 AC}", "\u{20AC}"), ("$", "$"),
            ("${", "${"), ("${hex:4 1\r}", "${hex:4 1\r}"),
        ])
    func forms(text: String, expected: String) {
        #expect(decode(text) == expected)
    }

    @Test(
        "a number that is no character is an error if its sequence is well-formed",
        arguments: [
            "${unicode:200000}", "${Unicode:DF01}", "${unicode:D800}", "${unicode:110000}",
            "${unicode:FFFFFFFFFFFFFFFFF}",
        ])
    func invalid(text: String) {
        #expect(decode(text) == nil)
        #expect(
            Compiling.places("require \"encoded-character\";\nif header \"Subject\" \"\(text)\" { stop; }")
                == [
                    "2:21: \"\(text)\" names no Unicode character"
                ])
    }

    @Test("an ill-formed sequence with such a number is none")
    func illFormed() {
        #expect(decode("${unicode:200000 x}") == "${unicode:200000 x}")
    }

    @Test("without require, nothing is decoded")
    func notRequired() throws {
        let trial = Trial(message: "Subject: $$$\n\nBody\n")
        #expect(
            try trial.actions("if header :contains \"Subject\" \"$${hex:24 24}\" { discard; }") == [
                "implicit keep"
            ])
        #expect(
            try trial.actions(
                "require \"encoded-character\";\n"
                    + "if header :contains \"Subject\" \"$${hex:24 24}\" { discard; }"
            )
                == ["discard"])
    }
}
