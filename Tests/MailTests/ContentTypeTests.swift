// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

private func type(_ body: String) -> ContentType { ContentType.parse(Array(body.utf8)).type }
private func defects(_ body: String) -> [MessageDefect] { ContentType.parse(Array(body.utf8)).defects }

@Suite("RFC 2045 §5: Content-Type")
struct ContentTypeTests {
    @Test("type and subtype are lower case, parameters keep their case")
    func plain() {
        let type = type("Text/HTML; Charset=\"UTF-8\"; X=AbC")
        #expect(type.name == "text/html")
        #expect(type.charset == "utf-8")
        #expect(type.parameters["charset"] == "UTF-8")
        #expect(type.parameters["x"] == "AbC")
        #expect(type.parameters["y"] == nil)
    }

    @Test("comments may stand anywhere between, and nest (§5.1)")
    func comments() {
        let body = "text (a (b) \\) c) / plain (d); charset (e) = us-ascii (Plain text)"
        #expect(type(body).name == "text/plain")
        #expect(type(body).charset == "us-ascii")
        #expect(defects(body) == [.commentInContentField])
    }

    @Test("a quoted value may hold anything; a backslash quotes one octet")
    func quoted() {
        #expect(type("a/b; name=\"x; y=\\\"z\\\\\"").parameters["name"] == "x; y=\"z\\")
    }

    @Test(
        "without a type and a subtype it is text/plain (§5.2)",
        arguments: [
            "", "text", "text/", "/plain", "te xt/plain", "text/plain/x", ";", "text plain", "(text/html)",
        ])
    func broken(body: String) {
        #expect(type(body).name == "text/plain")
        #expect(defects(body).contains(.brokenContentType))
    }

    @Test("a broken type keeps its parameters")
    func brokenWithParameters() {
        #expect(type("text; charset=utf-8").charset == "utf-8")
    }

    @Test(
        "a parameter that should be quoted and isn't is read to the semicolon, and named",
        arguments: [
            ("a/b; name=my report.pdf; x=y", "my report.pdf"),
            ("a/b; name=foo(1).pdf", "foo(1).pdf"),
            ("a/b; name=a=b", "a=b"),
            ("a/b; name=a/b ; x=y", "a/b"),
            ("a/b; name=\"open", "open"),
            ("a/b; name=\"closed\" junk; x=y", "closed"),
            ("a/b; name=", ""),
        ])
    func unquoted(body: String, name: String) {
        #expect(type(body).parameters["name"] == name)
        #expect(defects(body).first == .brokenParameter)
    }

    @Test("empty parameters and a last semicolon are harmless")
    func emptyParameters() {
        #expect(type("a/b;; x=y ;").parameters["x"] == "y")
        #expect(defects("a/b;; x=y ;").isEmpty)
    }

    @Test("what has no = is skipped, and what follows is read")
    func withoutEquals() {
        #expect(type("a/b; junk \"; x=no\"; x=y").parameters["x"] == "y")
        #expect(defects("a/b; junk; x=y") == [.brokenParameter])
    }

    @Test("two values for one name: the first counts, and it is named")
    func contradiction() {
        let body = "a/b; x=1; X=2"
        #expect(type(body).parameters["x"] == "1")
        #expect(defects(body) == [.contradictingParameter])
        #expect(defects("a/b; x=1; X=1").isEmpty)
    }

    @Test("nested comments a hundred thousand deep, closed or not, cost no stack")
    func deepComments() {
        let open = String(repeating: "(", count: 100_000)
        let close = String(repeating: ")", count: 100_000)
        #expect(type(open + close + "text/html").name == "text/html")
        #expect(defects("text/html" + open).contains(.brokenParameter))
    }
}

@Suite("RFC 2231: parameters over several lines and in other charsets")
struct ParameterListTests {
    @Test("§3: continuations join in the order of their numbers, wherever they stand")
    func continuations() {
        let body = "message/external-body; access-type=URL; URL*0=\"ftp://\"; URL*1=\"cs.utk.edu/pub\""
        #expect(type(body).parameters["url"] == "ftp://cs.utk.edu/pub")
        #expect(type("a/b; n*2=c; n*0=a; n*1=b").parameters["n"] == "abc")
        #expect(defects("a/b; n*2=c; n*0=a; n*1=b").isEmpty)
    }

    @Test("§4: charset and language stand before the text")
    func charset() {
        let body = "application/x-stuff; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A"
        #expect(type(body).parameters["title"] == "This is ***fun***")
        #expect(type("a/b; n*=iso-8859-1''%FC").parameters["n"] == "ü")
        #expect(type("a/b; n*=''%C3%BC").parameters["n"] == "ü")
    }

    @Test("§4.1: continuations may mix encoded and plain sections")
    func combined() {
        let body =
            "application/x-stuff; title*0*=us-ascii'en'This%20is%20even%20more%20; "
            + "title*1*=%2A%2A%2Afun%2A%2A%2A%20; title*2=\"isn't it!\""
        #expect(type(body).parameters["title"] == "This is even more ***fun*** isn't it!")
        #expect(defects(body).isEmpty)
    }

    @Test("a character may be split over two sections")
    func splitCharacter() {
        #expect(type("a/b; n*0*=utf-8''%C3; n*1*=%BC").parameters["n"] == "ü")
    }

    @Test("a percent sign is only decoded in sections with an asterisk")
    func percent() {
        #expect(type("a/b; n*0=\"50%20\"; n*1=x").parameters["n"] == "50%20x")
        #expect(type("a/b; n=\"%41\"").parameters["n"] == "%41")
    }

    @Test(
        "broken forms are read as well as possible, and named",
        arguments: [
            ("a/b; n*=nocharset%20x", "nocharset x", MessageDefect.brokenExtendedParameter),
            ("a/b; n*=utf-8''%4", "%4", .brokenExtendedParameter),
            ("a/b; n*=utf-8''%zz", "%zz", .brokenExtendedParameter),
            ("a/b; n*0=a; n*2=c", "a", .brokenContinuation),
            ("a/b; n*00=a", "a", .brokenContinuation),
        ])
    func broken(body: String, value: String, defect: MessageDefect) {
        #expect(type(body).parameters["n"] == value)
        #expect(defects(body) == [defect])
    }

    @Test("sections without a first one, or with a strange number, are no value of the name")
    func noValue() {
        #expect(type("a/b; n*1=a").parameters["n"] == nil)
        #expect(type("a/b; n*x=a").parameters["n"] == nil)
        #expect(type("a/b; n*99999999999999999999=a").parameters["n"] == nil)
        #expect(type("a/b; *=a; **=b; n***=c").parameters["n"] == nil)
    }

    @Test("a section twice is a contradiction; the first counts")
    func sectionTwice() {
        #expect(type("a/b; n*0=a; n*0=b; n*1=c").parameters["n"] == "ac")
        #expect(defects("a/b; n*0=a; n*0=b; n*1=c") == [.contradictingParameter])
    }

    @Test("the extended form wins over the plain one; if they differ, it is named")
    func extendedAndPlain() {
        #expect(type("a/b; n=\"EUR\"; n*=utf-8''%E2%82%AC").parameters["n"] == "€")
        #expect(defects("a/b; n=\"EUR\"; n*=utf-8''%E2%82%AC") == [.contradictingParameter])
        #expect(defects("a/b; n=a; n*=utf-8''a").isEmpty)
    }

    @Test("an unknown charset is read as UTF-8, and named")
    func unknownCharset() {
        #expect(type("a/b; n*=x-none''%FFa").parameters["n"] == "\u{FFFD}a")
        #expect(defects("a/b; n*=x-none''a") == [.unknownCharset])
    }

    @Test("a million continuations end at parametersMax")
    func million() {
        var body = Array("a/b".utf8)
        for number in 0..<1_000_000 { body += Array(";n*\(number)=x".utf8) }
        let parsed = ContentType.parse(body)
        #expect(parsed.type.parameters["n"]?.utf8.count == MessageLimits().parametersMax)
        #expect(parsed.defects == [.tooManyParameters])
    }
}

@Suite("RFC 2183: Content-Disposition")
struct ContentDispositionTests {
    @Test("kind is lower case; parameters are those of a type")
    func plain() {
        let body = "Attachment; filename=genome.jpeg; modification-date=\"Wed, 12 Feb 1997 16:29:51 -0500\""
        let parsed = ContentDisposition.parse(Array(body.utf8))
        #expect(parsed.disposition.kind == "attachment")
        #expect(parsed.disposition.parameters["filename"] == "genome.jpeg")
        #expect(parsed.defects.isEmpty)
    }

    @Test("without a kind its parameters still count, and it is named")
    func broken() {
        let parsed = ContentDisposition.parse(Array("; filename=x".utf8))
        #expect(parsed.disposition.kind.isEmpty)
        #expect(parsed.disposition.parameters["filename"] == "x")
        #expect(parsed.defects == [.brokenParameter])
    }

    private func part(_ fields: String) -> Part { ReferenceMessages.tree(fields + "\n\nx").root }

    @Test("the file name is the disposition's, else the type's, encoded words decoded")
    func fileName() {
        #expect(part("Content-Disposition: attachment; filename=a.txt").filename == "a.txt")
        #expect(part("Content-Type: a/b; name=b.txt").filename == "b.txt")
        #expect(part("Content-Type: a/b; name=\"=?utf-8?Q?=C3=BC?=.txt\"").filename == "ü.txt")
        #expect(
            part("Content-Disposition: x; filename*=utf-8''%3D%3Futf-8%3FQ%3Fa%3F%3D").filename
                == "=?utf-8?Q?a?=")
        #expect(part("Content-Type: text/plain").filename == nil)
    }

    @Test("two different file names are named")
    func twoNames() {
        let part = part("Content-Type: a/b; name=a.exe\nContent-Disposition: attachment; filename=a.txt")
        #expect(part.filename == "a.txt")
        #expect(part.defects.first == .twoFileNames)
    }

    @Test("NUL and control characters in a file name are named")
    func controls() {
        let part = part("Content-Disposition: attachment; filename*=utf-8''a.exe%00.txt")
        #expect(part.filename == "a.exe\0.txt")
        #expect(part.defects.starts(with: [.controlInFileName, .nul]))
    }

    @Test("a file name of 64 KB is cut at a character")
    func longName() {
        let part = part(
            "Content-Disposition: attachment; filename=\"a\(String(repeating: "ü", count: 32_768))\"")
        #expect(part.filename == "a" + String(repeating: "ü", count: 511))
        #expect(part.defects.contains(.fileNameTooLong))
    }

    @Test("hostile names come as they are: they are text, not paths")
    func hostile() {
        #expect(part("Content-Disposition: x; filename=\"../../etc/passwd\"").filename == "../../etc/passwd")
        #expect(part("Content-Disposition: x; filename=\"$(rm -rf)\"").filename == "$(rm -rf)")
        let reversed = part("Content-Disposition: x; filename*=utf-8''a%E2%80%AEtxt.exe")
        #expect(reversed.filename == "a\u{202E}txt.exe")
    }
}
