// SPDX-License-Identifier: MIT

import Mail
import Testing

@testable import SieveLanguage

@Suite("RFC 5228 §8.1: lexical tokens")
struct LexerTests {
    private func tokens(_ text: String) -> [Token.Kind] { read(Array(text.utf8)).kinds }

    private func read(_ source: [UInt8]) -> (kinds: [Token.Kind], complaints: [String]) {
        var lexer = Lexer(source, limits: SieveLimits())
        var kinds: [Token.Kind] = []
        while true {
            let token = lexer.next()
            if token.kind == .end { break }
            kinds.append(token.kind)
        }
        let map = SourceMap(source)
        let complaints = lexer.mistakes.complaints(file: "", map: map)
        return (kinds, complaints.map { "\($0.line):\($0.column): \($0.message)" })
    }

    @Test("identifiers and tags compare without case")
    func caseless() {
        #expect(
            tokens("KEEP Keep :Contains") == [.identifier("keep"), .identifier("keep"), .tag("contains")])
        #expect(tokens("_a1 b_2") == [.identifier("_a1"), .identifier("b_2")])
    }

    @Test("every separator is a token of its own")
    func separators() {
        #expect(
            tokens("[](){},;") == [
                .leftBracket, .rightBracket, .leftParenthesis, .rightParenthesis, .leftBrace, .rightBrace,
                .comma,
                .semicolon,
            ])
    }

    @Test("K, M and G multiply by powers of 1024, in either case")
    func quantifiers() {
        #expect(
            tokens("0 100 1K 2m 1G 2147483647") == [
                .number(0), .number(100), .number(1024), .number(2_097_152), .number(1_073_741_824),
                .number(2_147_483_647),
            ])
    }

    @Test(
        "a number with another unit, or too large, is reported",
        arguments: ["1KB", "12x", "99999999999999999999", "99999999999G"])
    func badNumbers(text: String) {
        let (kinds, complaints) = read(Array(text.utf8))
        #expect(kinds.count == 1)
        #expect(complaints.count == 1)
    }

    @Test("a word that no command, test or tag can be is reported by its length, and not as unknown again")
    func longWords() {
        let word = String(repeating: "w", count: 33)
        #expect(
            Compiling.places("if \(word) { stop; }\n\(word) :\(word);").map { $0.prefix(4) }
                == ["1:4:", "2:1:", "2:36"])
    }

    @Test("hash and bracket comments are white space")
    func comments() {
        #expect(tokens("keep # a comment ; \"\n;") == [.identifier("keep"), .semicolon])
        #expect(tokens("keep/* a\n ; * / comment */;") == [.identifier("keep"), .semicolon])
        #expect(tokens("/***/keep/**/") == [.identifier("keep")])
        #expect(tokens("# without a line end") == [])
    }

    @Test("bracket comments don't nest")
    func noNesting() {
        #expect(tokens("/* a /* b */ keep") == [.identifier("keep")])
    }

    @Test("an open bracket comment is reported where it begins")
    func openComment() {
        #expect(read(Array("keep;\n  /* never".utf8)).complaints == ["2:3: this comment is never closed"])
    }

    @Test("what belongs to no token is reported with its place, and skipped")
    func stray() {
        let (kinds, complaints) = read(Array("keep @@ ;\r\n\u{201C}x\u{201D} : -1".utf8))
        #expect(kinds == [.identifier("keep"), .semicolon, .identifier("x"), .number(1)])
        #expect(
            complaints == [
                "1:6: \"@@\" has no meaning here", "2:1: \"\u{201C}\" has no meaning here",
                "2:3: \"\u{201D}\" has no meaning here", "2:5: \":\" has no meaning here",
                "2:7: \"-\" has no meaning here",
            ])
    }

    @Test("NUL and a lone CR are reported, everywhere")
    func forbidden() {
        #expect(read([0x61, 0x00, 0x62]).complaints == ["1:2: a NUL octet stands here"])
        #expect(read([0x61, 0x0D, 0x62]).complaints == ["1:2: a carriage return stands alone"])
        #expect(read([0x22, 0x61, 0x00, 0x22]).complaints == ["1:3: a NUL octet stands here"])
        #expect(read([0x22, 0x61, 0x0D, 0x62, 0x22]).complaints == ["1:3: a carriage return stands alone"])
        #expect(read(Array("# a".utf8) + [0x00]).complaints == ["1:4: a NUL octet stands here"])
    }

    @Test("a byte order mark at the start is skipped, and doesn't count as a column")
    func byteOrderMark() {
        let (kinds, complaints) = read([0xEF, 0xBB, 0xBF] + Array("keep @".utf8))
        #expect(kinds == [.identifier("keep")])
        #expect(complaints == ["1:6: \"@\" has no meaning here"])
    }
}

@Suite("RFC 5228 §2.4.2: strings")
struct StringTests {
    private func string(_ text: String) -> String? {
        var lexer = Lexer(Array(text.utf8), limits: SieveLimits())
        guard case .string(let octets) = lexer.next().kind, !lexer.mistakes.hasErrors else { return nil }
        return String(decoding: octets, as: UTF8.self)
    }

    @Test("a backslash stands before a quote or a backslash, and before anything else for nothing")
    func escapes() {
        #expect(string(#""a\"b\\c""#) == #"a"b\c"#)
        #expect(string(#""\a\b""#) == "ab")
        #expect(string(#""""#) == "")
    }

    @Test("a quoted string may span lines; its line ends become CRLF")
    func lines() {
        #expect(string("\"a\nb\r\nc\"") == "a\r\nb\r\nc")
    }

    @Test("tabs, control characters and octets that aren't UTF-8 are taken as they are")
    func octets() {
        var lexer = Lexer([0x22, 0x09, 0x01, 0xFF, 0xC3, 0x22], limits: SieveLimits())
        #expect(lexer.next().kind == .string([0x09, 0x01, 0xFF, 0xC3]))
        #expect(!lexer.mistakes.hasErrors)
    }

    @Test("a multi-line string ends at a single dot, and its last line end belongs to it")
    func multiLine() {
        #expect(string("text:\nHello\nworld\n.\n") == "Hello\r\nworld\r\n")
        #expect(string("TEXT: \t# with a comment\r\nHello\r\n.\r\n") == "Hello\r\n")
        #expect(string("text:\n.\n") == "")
        #expect(string("text:\nend\n.") == "end\r\n")
    }

    @Test("a stuffed dot is removed; a dot before anything else stays")
    func dotStuffing() {
        #expect(string("text:\n..\n..a\n.foo\n...\n.\n") == ".\r\n.a\r\n.foo\r\n..\r\n")
    }

    @Test("quotes and comments mean nothing inside a multi-line string")
    func plainInside() {
        #expect(string("text:\n\"a\" # b /* \\ */\n.\n") == "\"a\" # b /* \\ */\r\n")
    }

    @Test(
        "a string that is never closed is reported where it begins",
        arguments: ["\"abc", "text:\nabc\n", "text:", "text: /* no */\nabc\n.\n", "\"abc\\"])
    func open(text: String) {
        #expect(string(text) == nil)
    }

    @Test("a string of exactly the limit is taken, one octet more is reported")
    func limit() {
        var limits = SieveLimits()
        limits.stringOctetsMax = 4
        var lexer = Lexer(Array("\"abcd\" \"abcde\"".utf8), limits: limits)
        #expect(lexer.next().kind == .string(Array("abcd".utf8)[...]))
        #expect(!lexer.mistakes.hasErrors)
        _ = lexer.next()
        #expect(lexer.mistakes.hasErrors)
    }
}
