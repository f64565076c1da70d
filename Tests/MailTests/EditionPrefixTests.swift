// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("Edition.prefixing: a text before the text of a message")
struct EditionPrefixTests {
    private func wire(_ text: String) -> MessageBytes {
        MessageBytes(text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] })
    }

    private struct Prefixed {
        var edition: Edition
        var text: String
        var tree: PartTree
        var message: Message
        func body(_ number: String) -> String? {
            tree.all.first { $0.number == number }?.text(in: message.bytes)
                .replacing("\r\n", with: "\n")
        }
    }

    private func prefixed(_ prefix: String, _ source: String) -> Prefixed? {
        let message = Message(parsing: wire(source))
        guard let edition = Edition.prefixing(prefix, in: message, tree: message.parts()) else { return nil }
        let after = Message(parsing: MessageBytes(edition.bytes(of: message.bytes)))
        return Prefixed(
            edition: edition,
            text: String(decoding: after.bytes.bytes(in: 0..<after.bytes.count), as: UTF8.self),
            tree: after.parts(), message: after)
    }

    @Test("before a plain text, which stays a range")
    func plain() throws {
        let source = "Subject: x\n\nHello\n"
        let found = try #require(prefixed("[outside]\nmind it", source))
        #expect(found.text == "Subject: x\r\n\r\n[outside]\r\nmind it\r\nHello\r\n")
        #expect(
            found.edition.pieces == [
                .original(0..<14), .inserted(Array("[outside]\r\nmind it\r\n".utf8)), .original(14..<21),
            ])
    }

    @Test("in quoted-printable and base64 it is encoded, and what stands behind it stays as it is")
    func encoded() throws {
        let printable = try #require(
            prefixed(
                "a = b\u{e4}",
                "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n=C3=BC\n"
            ))
        #expect(printable.text.hasSuffix("\r\n\r\na =3D b=C3=A4\r\n=C3=BC\r\n"))
        #expect(printable.body("1") == "a = b\u{e4}\n\u{fc}\n")
        for prefix in ["x", "xy", "xyz"] {
            let found = try #require(
                prefixed(
                    prefix,
                    "Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nSGVsbG8=\n"))
            let body = try #require(found.body("1"))
            #expect(body.hasPrefix("\(prefix)\n") && body.hasSuffix("\nHello"))
            #expect(body.replacing("\n", with: "") == "\(prefix)Hello")
            #expect(found.text.hasSuffix("\r\nSGVsbG8=\r\n"))
            #expect(found.tree.defects.allSatisfy { $0.rawValue.hasPrefix("missing") })
        }
    }

    @Test(
        "a charset that can't hold it becomes UTF-8, and so does the field; its other parameters stay",
        arguments: [
            (
                "Content-Type: text/plain; charset=iso-8859-1; format=flowed\nContent-Transfer-Encoding: 8bit",
                "8bit"
            ),
            (
                "Content-Type: text/plain; charset=iso-8859-1; format=flowed\nContent-Transfer-Encoding: base64",
                "base64"
            ),
        ])
    func charset(header: String, encoding: String) throws {
        let octets: [UInt8] = [0x67, 0x72, 0xFC, 0xDF, 0x65]
        let body = encoding == "base64" ? TransferEncoder.base64(octets) : octets
        let bytes = MessageBytes(
            Array(wire(header + "\nX-Last: y\n\n").bytes(in: 0..<wire(header + "\nX-Last: y\n\n").count))
                + body)
        let message = Message(parsing: bytes)
        let edition = try #require(
            Edition.prefixing("\u{17c}\u{f3}\u{142}w", in: message, tree: message.parts()))
        let after = Message(parsing: MessageBytes(edition.bytes(of: bytes)))
        let part = after.parts().root
        #expect(part.charset == "utf-8" && part.contentType.parameters["format"] == "flowed")
        #expect(part.encoding == (encoding == "base64" ? .base64 : .quotedPrintable))
        #expect(part.text(in: after.bytes) == "\u{17c}\u{f3}\u{142}w\r\ngr\u{fc}\u{df}e")
        #expect(after.header.fields(named: "Content-Type").count == 1)
        #expect(after.header.first(named: "X-Last") != nil)
        #expect(part.defects.allSatisfy { $0.rawValue.hasPrefix("missing") })
    }

    @Test("a message without MIME fields gets them where the text isn't ASCII")
    func withoutFields() throws {
        let found = try #require(prefixed("\u{e4}", "Subject: x\n\nHello\n"))
        #expect(found.body("1") == "\u{e4}\nHello\n")
        #expect(found.message.header.first(named: "MIME-Version") != nil)
        #expect(found.tree.root.charset == "utf-8" && found.tree.root.encoding == .quotedPrintable)
    }

    private let alternative = """
        Content-Type: multipart/mixed; boundary=o

        --o
        Content-Type: multipart/alternative; boundary=i

        --i
        Content-Type: text/plain; charset=utf-8
        Content-Transfer-Encoding: 8bit

        Hello
        --i
        Content-Type: text/html; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        <html><head><title>a<!-- <body> --></title></head><BODY class=3D"a>b">Hello</BODY></html>
        --i--
        --o
        Content-Type: text/plain
        Content-Disposition: attachment

        notes
        --o--

        """

    @Test("of alternatives each gets it, in HTML escaped and behind <body>; attachments don't")
    func alternatives() throws {
        let found = try #require(prefixed("1 < 2\u{20ac}\nnext", alternative))
        #expect(found.body("1.1") == "1 < 2\u{20ac}\nnext\nHello")
        #expect(
            found.body("1.2")
                == "<html><head><title>a<!-- <body> --></title></head><BODY class=\"a>b\">"
                + "<div>1 &lt; 2&#8364;<br>\nnext</div>\nHello</BODY></html>")
        #expect(found.body("2") == "notes")
        #expect(found.tree.defects.allSatisfy { $0.rawValue.hasPrefix("missing") })
    }

    @Test("HTML alone gets it too: behind the head, or at the beginning of a piece of a page")
    func html() throws {
        let header = "Content-Type: text/html; charset=utf-8\n\n"
        #expect(
            try #require(prefixed("x", header + "<!DOCTYPE html><html><head></head>Hello")).body("1")
                == "<!DOCTYPE html><html><head></head><div>x</div>\nHello")
        #expect(try #require(prefixed("x", header + "<p>Hello")).body("1") == "<div>x</div>\n<p>Hello")
        #expect(try #require(prefixed("x", header + "<body")).body("1") == "<div>x</div>\n<body")
    }

    @Test(
        "nil for what is signed, encrypted, an attachment, no text, or says twice what it is",
        arguments: [
            "Content-Type: multipart/signed; boundary=b\n\n--b\n\nHello\n--b\n\nsig\n--b--\n",
            "Content-Type: multipart/mixed; boundary=o\n\n--o\nContent-Type: multipart/signed; boundary=b\n\n"
                + "--b\n\nHello\n--b\n\nsig\n--b--\n--o\n\nfooter\n--o--\n",
            "Content-Type: multipart/encrypted; boundary=b\n\n--b\n\n1\n--b\n\n2\n--b--\n",
            "Content-Type: application/pkcs7-mime\n\nMII=\n",
            "Content-Type: text/plain\nContent-Disposition: attachment\n\nHello\n",
            "Content-Type: image/png\n\nx\n",
            "Content-Type: text/plain\nContent-Type: text/plain; charset=utf-8\n\nHello\n",
            "Content-Type: text/plain; charset=x-unheard-of\n\nHello\n",
        ])
    func refused(source: String) {
        #expect(prefixed("\u{e4}", source) == nil)
    }

    @Test("where a header ends without an empty line the text doesn't become a field of it")
    func cutShort() throws {
        let found = try #require(prefixed("X-Forged: y", "Subject: x\nnot a field\n"))
        #expect(found.message.header.first(named: "X-Forged") == nil)
        let empty = try #require(prefixed("X-Forged: y", "Subject: x\n"))
        #expect(empty.message.header.first(named: "X-Forged") == nil)
    }

    @Test("control characters go, and nothing but them is nothing")
    func controls() throws {
        #expect(try #require(prefixed("a\u{0}\u{7}b\r\n\r\nc", "\nHello\n")).body("1") == "ab\n\nc\nHello\n")
        #expect(try #require(prefixed("\u{0}", "\nHello\n")).edition == .unchanged(octets: 9))
    }

    @Test("cut at every octet, a message is prefixed or left alone, and never traps")
    func cuts() {
        let bytes = wire(alternative)
        let octets = bytes.bytes(in: 0..<bytes.count)
        for end in octets.indices {
            let message = Message(parsing: MessageBytes(octets.prefix(end)))
            let tree = message.parts()
            for prefix in ["x", "\u{e4}"] {
                guard let edition = Edition.prefixing(prefix, in: message, tree: tree) else { continue }
                let after = Message(parsing: MessageBytes(edition.bytes(of: message.bytes)))
                #expect(after.parts().all.count == tree.all.count, "\(end)")
            }
        }
    }
}
