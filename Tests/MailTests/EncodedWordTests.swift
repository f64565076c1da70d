// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("RFC 2047: encoded words")
struct EncodedWordTests {
    private func decode(_ text: String) -> String { EncodedWord.decode(Array(text.utf8)) }
    private func defects(_ text: String) -> [MessageDefect] {
        EncodedWord.decodeNoting(Array(text.utf8)).defects
    }

    @Test(
        "the examples of §8",
        arguments: [
            ("=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"),
            ("=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld Jørn Simonsen <keld@dkuug.dk>"),
            ("=?ISO-8859-1?Q?Andr=E9?= Pirard <PIRARD@vm1.ulg.ac.be>", "André Pirard <PIRARD@vm1.ulg.ac.be>"),
            ("=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?=", "If you can read this yo"),
            ("(=?ISO-8859-1?Q?a?=)", "(a)"),
            ("(=?ISO-8859-1?Q?a?= b)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"),
            ("(=?ISO-8859-1?Q?a_b?=)", "(a b)"),
            ("(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?_b?=)", "(a b)"),
        ])
    func examples(encoded: String, decoded: String) {
        #expect(decode(encoded) == decoded)
    }

    @Test("the letters of encoding and digits may have either case")
    func letterCase() {
        #expect(decode("=?utf-8?q?=c3=BC?=") == "ü")
        #expect(decode("=?UTF-8?b?w7w=?=") == "ü")
    }

    @Test("words of different charsets join without the blank between them")
    func adjacentCharsets() {
        #expect(decode("=?UTF-8?Q?=C3=BC?=\t =?ISO-8859-1?Q?=FC?=") == "üü")
    }

    @Test("a character split over two adjacent words is put together")
    func split() {
        #expect(decode("=?UTF-8?Q?=C3?= =?UTF-8?Q?=BC?=") == "ü")
        #expect(decode("=?UTF-8?B?4oI=?= =?utf-8?B?rA==?=") == "€")
    }

    @Test("the language of RFC 2231 §5 is no part of the charset")
    func language() {
        #expect(decode("=?US-ASCII*EN?Q?Keith_Moore?=") == "Keith Moore")
    }

    @Test("a word without text is nothing")
    func empty() {
        #expect(decode("a=?utf-8?Q??=b") == "ab")
        #expect(decode("=?utf-8?B??=") == "")
    }

    @Test(
        "what isn't a word stays as it is, and is named",
        arguments: [
            "=?utf-8?Q?abc", "=?utf-8?X?abc?=", "=?utf-8?Q", "=?", "=??Q?abc?=", "=?utf-8?B?!!!!?=",
            "=?a b?Q?x?=",
            "a =?utf-8?Q?",
        ])
    func broken(text: String) {
        #expect(decode(text) == text)
        #expect(defects(text) == [.brokenEncodedWord])
    }

    @Test("a question mark in the text doesn't end the word")
    func questionMark() {
        #expect(decode("=?utf-8?Q?Really??=") == "Really?")
        #expect(decode("=?utf-8?Q?=?=") == "=")
    }

    @Test("a word with blanks in it is read, since mail programs show it so")
    func blanks() {
        #expect(decode("=?utf-8?Q?two words?=") == "two words")
    }

    @Test("an unknown charset is read as UTF-8, and named")
    func unknownCharset() {
        #expect(decode("=?x-klingon?Q?a=FFb?=") == "a\u{FFFD}b")
        #expect(defects("=?x-klingon?Q?a?=") == [.unknownCharset])
    }

    @Test("raw octets around words are UTF-8 with replacement")
    func raw() {
        #expect(
            EncodedWord.decode(Array("ü ".utf8) + [0xFF] + Array(" =?utf-8?Q?x?=".utf8)) == "ü \u{FFFD} x")
        #expect(EncodedWord.decode([0xC3]) == "\u{FFFD}")
    }

    @Test("words beyond encodedWordsMax stay as they are")
    func limit() {
        var limits = MessageLimits()
        limits.encodedWordsMax = 2
        let text = Array("=?utf-8?Q?a?= =?utf-8?Q?b?= =?utf-8?Q?c?=".utf8)
        let decoded = EncodedWord.decodeNoting(text, limits: limits)
        #expect(decoded.text == "ab =?utf-8?Q?c?=")
        #expect(decoded.defects == [.tooManyEncodedWords])
    }

    @Test("a hundred thousand openings without an end are read in one go")
    func openings() {
        let text = String(repeating: "=?u?Q?x", count: 100_000)
        #expect(decode(text) == text)
    }
}
