// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

private func outline(_ text: String) -> String {
    ReferenceMessages.outline(ReferenceMessages.tree(text).root)
}

private func bodies(_ message: Message) -> [String] {
    message.parts().leaves.map { String(decoding: $0.decodedBody(in: message.bytes), as: UTF8.self) }
}

@Suite("RFC 2046 §5.1: multiparts")
struct MultipartTests {
    static let simple = """
        From: Nathaniel Borenstein <nsb@bellcore.com>
        MIME-Version: 1.0
        Content-type: multipart/mixed; boundary="simple boundary"

        This is the preamble.  It is to be ignored.

        --simple boundary

        This is implicitly typed plain US-ASCII text.
        It does NOT end with a linebreak.
        --simple boundary
        Content-type: text/plain; charset=us-ascii

        This is explicitly typed plain US-ASCII text.
        It DOES end with a linebreak.

        --simple boundary--

        This is the epilogue.  It is also to be ignored.

        """

    @Test("§5.1.1: preamble and epilogue are no parts, and the line end before a delimiter belongs to it")
    func simple() {
        let message = ReferenceMessages.message(Self.simple)
        let tree = message.parts()
        #expect(ReferenceMessages.outline(tree.root) == "- multipart/mixed (1 text/plain, 2 text/plain)")
        #expect(tree.formDefects.isEmpty)
        #expect(
            bodies(message) == [
                "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.",
                "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n",
            ])
    }

    @Test("a message that is no multipart has one part, 1")
    func single() {
        let message = ReferenceMessages.message("Subject: x\n\n--no boundary\nbody\n")
        let tree = message.parts()
        #expect(ReferenceMessages.outline(tree.root) == "1 text/plain")
        #expect(bodies(message) == ["--no boundary\r\nbody\r\n"])
        #expect(tree.leaves.count == 1)
    }

    @Test("parts are numbered as IMAP does")
    func numbers() {
        #expect(
            outline(ReferenceMessages.rich)
                == "- multipart/mixed (1 multipart/alternative (1.1 text/plain, 1.2 text/html), "
                + "2 application/pdf, "
                + "3 message/rfc822 (3.TEXT multipart/mixed (3.1 text/plain, 3.2 image/gif)), "
                + "4 multipart/digest "
                + "(4.1 message/rfc822 (4.1.1 text/plain), 4.2 message/rfc822 (4.2.1 text/plain)))")
    }

    @Test("every leaf decodes, and a rich message has no defect")
    func rich() throws {
        let message = ReferenceMessages.message(ReferenceMessages.rich)
        let tree = message.parts()
        #expect(tree.formDefects.isEmpty)
        #expect(tree.leaves.map(\.number) == ["1.1", "1.2", "2", "3.1", "3.2", "4.1.1", "4.2.1"])
        #expect(tree.leaves[0].text(in: message.bytes) == "Grüße, \r\na soft break")
        #expect(tree.leaves[1].text(in: message.bytes) == "<p>Hello</p>")
        #expect(tree.leaves[2].text(in: message.bytes) == "%PDF-1.4\n%EOF\n")
        #expect(tree.leaves[2].filename == "Übersicht.pdf")
        #expect(tree.leaves[3].text(in: message.bytes) == "plain without fields")
        #expect(tree.leaves[4].text(in: message.bytes) == "GIF89a")
        #expect(tree.leaves[5].text(in: message.bytes) == "first")
        let subject = try #require(tree.leaves[6].header.first(named: "subject"))
        #expect(tree.leaves[6].header.decoded(subject, in: message.bytes) == "two")
        #expect(tree.all.count == 14)
    }

    @Test("§5.1.5: a digest's parts are messages unless they say otherwise")
    func digest() {
        let digest = "Content-Type: multipart/digest; boundary=b\n\n--b\n\nSubject: x\n\ntext\n--b\n"
        #expect(
            outline(digest + "Content-Type: text/html\n\nhi\n--b--")
                == "- multipart/digest (1 message/rfc822 (1.1 text/plain), 2 text/html)")
    }

    @Test("a part may be empty, with its empty line or without")
    func emptyParts() {
        let head = "Content-Type: multipart/mixed; boundary=b\n\n"
        let message = ReferenceMessages.message(head + "--b\n\n--b\n--b\nContent-Type: a/b\n--b\n\n\n--b--")
        #expect(bodies(message) == ["", "", "", ""])
        #expect(message.parts().leaves.map(\.type) == ["text/plain", "text/plain", "a/b", "text/plain"])
        for part in message.parts().leaves { #expect(part.bodyRange.isEmpty) }
    }

    @Test("blanks after a delimiter are padding; other text makes the line no delimiter, and is named")
    func padding() {
        let head = "Content-Type: multipart/mixed; boundary=b\n\n"
        let padded = ReferenceMessages.message(head + "--b \t\n\none\n--b  \n\ntwo\n--b-- \t\n")
        #expect(bodies(padded) == ["one", "two"])
        #expect(padded.parts().formDefects.isEmpty)
        let longer = ReferenceMessages.message(head + "--b\n\none\n--bc\n--b-\n--b--c\n--b--")
        #expect(bodies(longer) == ["one\r\n--bc\r\n--b-\r\n--b--c"])
        #expect(longer.parts().formDefects == [.ambiguousBoundaryLine])
    }

    @Test("a delimiter only counts at the beginning of a line")
    func lineStart() {
        let message = ReferenceMessages.message(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nx --b\n --b\n-b\n--\n--b--")
        #expect(bodies(message) == ["x --b\r\n --b\r\n-b\r\n--"])
    }

    @Test("without a closing delimiter the last part goes to the end, and it is named")
    func unclosed() {
        let message = ReferenceMessages.message(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b\n\ntwo\n")
        #expect(bodies(message) == ["one", "two\r\n"])
        #expect(message.parts().formDefects == [.unclosedMultipart])
    }

    @Test(
        "a delimiter of the outer multipart ends the inner one, and what is missing is named at the inner one"
    )
    func outerEndsInner() {
        let message = ReferenceMessages.message(
            """
            Content-Type: multipart/mixed; boundary=out

            --out
            Content-Type: multipart/mixed; boundary=in

            --in

            one
            --out

            two
            --out--
            """)
        let tree = message.parts()
        #expect(
            ReferenceMessages.outline(tree.root)
                == "- multipart/mixed (1 multipart/mixed (1.1 text/plain), 2 text/plain)")
        #expect(bodies(message) == ["one", "two"])
        #expect(tree.root.children[0].defects == [.unclosedMultipart])
        #expect(!tree.root.defects.contains(.unclosedMultipart))
        #expect(tree.formDefects == [.unclosedMultipart])
    }

    @Test("a multipart without a single delimiter is a leaf, and named")
    func noDelimiter() {
        let message = ReferenceMessages.message("Content-Type: multipart/mixed; boundary=b\n\nonly text\n")
        #expect(ReferenceMessages.outline(message.parts().root) == "1 multipart/mixed")
        #expect(bodies(message) == ["only text\r\n"])
        #expect(message.parts().formDefects == [.emptyMultipart, .unclosedMultipart])
    }

    @Test("a part that begins without an empty line has no header; its first line is text, and it is named")
    func noEmptyLine() {
        let message = ReferenceMessages.message(
            "Content-Type: multipart/mixed; boundary=b\n\n--b\nhello there\n--b--\n")
        #expect(bodies(message) == ["hello there"])
        #expect(message.parts().formDefects == [.headerCutShort])
    }

    @Test("a delimiter right after the header, without an empty line, opens the first part")
    func delimiterAfterHeader() {
        let message = ReferenceMessages.message(
            "Content-Type: multipart/mixed; boundary=b\n--b\n\none\n--b--\n")
        #expect(bodies(message) == ["one"])
        #expect(message.parts().formDefects == [.headerCutShort])
    }

    @Test("a boundary that looks like a field is a delimiter nevertheless")
    func boundaryLikeField() {
        let message = ReferenceMessages.message(
            "Content-Type: multipart/mixed; boundary=\"a:b\"\n\n"
                + "--a:b\nContent-Type: x/y\n--a:b\n\ntwo\n--a:b--\n"
        )
        #expect(bodies(message) == ["", "two"])
        #expect(message.parts().leaves.map(\.type) == ["x/y", "text/plain"])
    }
}

@Suite("RFC 2046 §5.2: messages in messages")
struct NestedMessageTests {
    @Test("message/rfc822 and message/global hold a message", arguments: ["rfc822", "global"])
    func nested(subtype: String) {
        let message = ReferenceMessages.message(
            "Content-Type: message/\(subtype)\n\nSubject: inner\n\nbody\n")
        let tree = message.parts()
        #expect(ReferenceMessages.outline(tree.root) == "1 message/\(subtype) (1.1 text/plain)")
        let inner = tree.root.children[0]
        #expect(
            inner.header.first(named: "Subject").map { inner.header.decoded($0, in: message.bytes) }
                == "inner")
        #expect(bodies(message) == ["body\r\n"])
        #expect(tree.formDefects.isEmpty)
    }

    @Test("other messages stay leaves", arguments: ["partial", "external-body", "delivery-status"])
    func leaf(subtype: String) {
        #expect(outline("Content-Type: message/\(subtype)\n\nA: b\n\nc") == "1 message/\(subtype)")
    }

    @Test("a message in a message in a message")
    func chain() {
        #expect(
            outline("Content-Type: message/rfc822\n\nContent-Type: message/rfc822\n\nSubject: x\n\ny")
                == "1 message/rfc822 (1.1 message/rfc822 (1.1.1 text/plain))")
    }

    @Test("a multipart in a forwarded message ends with the part that holds it")
    func multipartInside() {
        let text = """
            Content-Type: multipart/mixed; boundary=o

            --o
            Content-Type: message/rfc822

            Content-Type: multipart/mixed; boundary=i

            --i

            one
            --o

            two
            --o--
            """
        #expect(
            outline(text)
                == "- multipart/mixed (1 message/rfc822 (1.TEXT multipart/mixed (1.1 text/plain)), "
                + "2 text/plain)"
        )
    }

    @Test("a message cut off in its header is there with what it has")
    func cutOff() {
        let message = ReferenceMessages.message("Content-Type: message/rfc822\n\nSubject: inner\n")
        #expect(ReferenceMessages.outline(message.parts().root) == "1 message/rfc822 (1.1 text/plain)")
        #expect(bodies(message) == [""])
    }
}

@Suite("Ambiguous messages are named")
struct AmbiguityTests {
    private func defects(_ text: String) -> [MessageDefect] { ReferenceMessages.tree(text).formDefects }
    private let body = "\n\n--b\n\none\n--b--\n"

    @Test("two Content-Type fields: the first counts")
    func twoTypes() {
        let text = "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=b" + body
        #expect(outline(text) == "1 text/plain")
        #expect(defects(text) == [.duplicateContentType])
    }

    @Test(
        "two boundaries: the first counts", arguments: ["boundary=b; boundary=c", "boundary*0=b; boundary=c"])
    func twoBoundaries(parameters: String) {
        let text = "Content-Type: multipart/mixed; \(parameters)" + body
        #expect(outline(text) == "- multipart/mixed (1 text/plain)")
        #expect(defects(text).filter { $0 != .oddBoundary } == [.contradictingParameter, .twoBoundaries])
    }

    @Test("no boundary: a leaf", arguments: ["", "; boundary=\"\"", "; boundary=\"  \"", "; charset=utf-8"])
    func noBoundary(parameters: String) {
        let text = "Content-Type: multipart/mixed\(parameters)" + body
        #expect(outline(text) == "1 multipart/mixed")
        #expect(defects(text).contains(.missingBoundary))
    }

    @Test("a boundary with blanks at its end fits without them")
    func blankBoundary() {
        let text = "Content-Type: multipart/mixed; boundary=\"b \"" + body
        #expect(outline(text) == "- multipart/mixed (1 text/plain)")
        #expect(defects(text) == [.oddBoundary, .brokenParameter])
    }

    @Test("a boundary of 71 octets works, one beyond boundaryOctetsMax makes a leaf")
    func longBoundary() {
        let works = String(repeating: "b", count: 71)
        #expect(
            outline("Content-Type: multipart/mixed; boundary=\(works)\n\n--\(works)\n\none\n--\(works)--\n")
                == "- multipart/mixed (1 text/plain)")
        let long = String(repeating: "b", count: 251)
        #expect(
            defects("Content-Type: multipart/mixed; boundary=\(long)\n\n--\(long)\n\none\n--\(long)--\n")
                == [.oddBoundary, .boundaryTooLong])
    }

    @Test("one open boundary begins with another", arguments: [("ab", "a"), ("a", "ab"), ("a", "a--")])
    func prefix(outer: String, inner: String) {
        let text = """
            Content-Type: multipart/mixed; boundary=\(outer)

            --\(outer)
            Content-Type: multipart/mixed; boundary=\(inner)

            --\(inner)

            x
            --\(inner)
            --\(outer)--
            """
        #expect(defects(text).contains(.boundaryPrefixesAnother))
    }

    @Test("the boundary of the multipart around: the innermost gets the delimiters until it is closed")
    func reused() {
        let text = """
            Content-Type: multipart/mixed; boundary=b

            --b
            Content-Type: multipart/mixed; boundary=b

            --b

            one
            --b--
            --b

            two
            --b--
            """
        #expect(outline(text) == "- multipart/mixed (1 multipart/mixed (1.1 text/plain), 2 text/plain)")
        #expect(defects(text) == [.boundaryReused])
    }

    @Test("a delimiter after the closing one is epilogue")
    func afterClose() {
        let text = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\none\n--b--\n--b\n\ntwo\n--b--\n"
        #expect(outline(text) == "- multipart/mixed (1 text/plain)")
        #expect(defects(text) == [.boundaryAfterClose])
    }

    @Test("a multipart in base64 is read as if it weren't", arguments: ["base64", "quoted-printable"])
    func encodedMultipart(encoding: String) {
        let text = "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: \(encoding)" + body
        #expect(outline(text) == "- multipart/mixed (1 text/plain)")
        #expect(defects(text) == [.contradictingEncodings])
    }

    @Test("a message in base64 is a leaf that can be decoded")
    func encodedMessage() {
        let message = ReferenceMessages.message(
            "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeA==\n")
        #expect(ReferenceMessages.outline(message.parts().root) == "1 message/rfc822")
        #expect(message.parts().formDefects == [.contradictingEncodings])
        #expect(bodies(message) == ["Subject: x"])
    }

    @Test("an unknown or second transfer encoding is named; an unknown one leaves the body as it is")
    func encodings() {
        let unknown = ReferenceMessages.message("Content-Transfer-Encoding: x-uu\n\nAAAA")
        #expect(unknown.parts().formDefects == [.unknownEncoding])
        #expect(bodies(unknown) == ["AAAA"])
        let twice = "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit\n\nAAAA"
        #expect(defects(twice) == [.duplicateTransferEncoding])
        #expect(
            defects("Content-Disposition: inline\nContent-Disposition: attachment\n\n") == [
                .duplicateDisposition
            ])
    }

    @Test("NUL, bare LF and bare CR in a body are named")
    func octets() {
        #expect(defects("A: b\n\nx\0y") == [.nul])
        let mixed = Message(parsing: MessageBytes(Array("A: b\r\n\r\none\ntwo\rthree\r\n".utf8)))
        #expect(Set(mixed.parts().formDefects) == [.bareLF, .bareCR])
    }

    @Test("a decoding's defects are told by the decoding")
    func decoding() {
        let message = ReferenceMessages.message("Content-Transfer-Encoding: base64\n\nQUJD!\n")
        let decoding = message.parts().root.decoding(in: message.bytes)
        #expect(decoding.octets == Array("ABC".utf8))
        #expect(decoding.defects == [.junkInBase64])
    }
}
