// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

@Suite("RFC 5322 §2.2: header fields")
struct HeaderBlockTests {
    private func text(_ name: String, _ message: Message) -> String? {
        message.header.first(named: name).map {
            String(decoding: message.header.unfolded($0, in: message.bytes), as: UTF8.self)
        }
    }

    @Test("a field is its name, a colon and a body; the body of the message starts after the empty line")
    func fields() {
        let message = ReferenceMessages.message("Subject: hello\nTo:a@b\n\nbody\n")
        #expect(message.header.fields.map(\.name) == ["Subject", "To"])
        #expect(text("Subject", message) == "hello")
        #expect(text("To", message) == "a@b")
        #expect(message.header.end == "Subject: hello\r\nTo:a@b\r\n\r\n".utf8.count)
        #expect(message.header.defects.isEmpty)
    }

    @Test("a field's range is the whole field with its folds and its line end")
    func ranges() throws {
        let message = ReferenceMessages.message("A: 1\nSubject: one\n two\n\tthree\nB: 2\n\n")
        let field = try #require(message.header.first(named: "subject"))
        #expect(message.bytes.bytes(in: field.range) == Array("Subject: one\r\n two\r\n\tthree\r\n".utf8))
        #expect(message.bytes.bytes(in: field.body) == Array(" one\r\n two\r\n\tthree\r\n".utf8))
    }

    @Test("unfolding takes the line ends out and leaves the blanks")
    func unfolding() {
        let message = ReferenceMessages.message("Subject:  one\n two\n\tthree \n\n")
        #expect(text("subject", message) == "one two\tthree")
    }

    @Test("names compare without the case of ASCII letters, and every field of a name is found in order")
    func names() {
        let message = ReferenceMessages.message("received: 1\nRECEIVED: 2\nX-Received: 3\nReceived: 4\n\n")
        let found = message.header.fields(named: "ReCeIvEd")
        #expect(found.map { message.header.decoded($0, in: message.bytes) } == ["1", "2", "4"])
        #expect(message.header.fields(named: "Receive").isEmpty)
        #expect(message.header.first(named: "") == nil)
    }

    @Test("a body may be empty, and so may the message")
    func empty() {
        let message = ReferenceMessages.message("Subject:\nTo: \n\n")
        #expect(text("Subject", message) == "")
        #expect(text("To", message) == "")
        let nothing = Message(parsing: MessageBytes([]))
        #expect(nothing.header.fields.isEmpty)
        #expect(nothing.header.end == 0)
        #expect(nothing.parts().root.bodyRange == 0..<0)
    }

    @Test("a message without a body has no empty line, and that is no defect")
    func headerOnly() {
        let message = Message(parsing: MessageBytes(Array("Subject: x\r\nTo: a@b".utf8)))
        #expect(message.header.fields.count == 2)
        #expect(text("To", message) == "a@b")
        #expect(message.header.end == message.bytes.count)
        #expect(message.header.defects.isEmpty)
    }

    @Test("obsolete: blanks before the colon belong to neither name nor body (§4.5)")
    func blankBeforeColon() {
        let message = ReferenceMessages.message("Subject \t: x\n\n")
        #expect(message.header.fields.map(\.name) == ["Subject"])
        #expect(text("Subject", message) == "x")
        #expect(message.header.defects == [.spaceBeforeColon])
    }

    @Test("obsolete: a line of blanks only continues a field (§4.2)")
    func blankLine() {
        let message = ReferenceMessages.message("Subject: a\n \t\n b\nTo: c\n\nbody")
        #expect(text("Subject", message) == "a \t b")
        #expect(text("To", message) == "c")
        #expect(message.header.defects == [.blankContinuation])
    }

    @Test(
        "a line that is no field ends the header and is the body's first",
        arguments: ["no field here", ": no name", "two words: x", "B\u{E9}: x", " folded at once"])
    func cutShort(line: String) {
        let head = line.hasPrefix(" ") ? "" : "Subject: x\n"
        let message = ReferenceMessages.message(head + line + "\nTo: a@b\n\nrest\n")
        #expect(message.header.fields.count == (head.isEmpty ? 0 : 1))
        #expect(message.header.end == (head.isEmpty ? 0 : "Subject: x\r\n".utf8.count))
        #expect(message.header.defects.contains(.headerCutShort))
    }

    @Test("a mailbox file's From line before the first field is skipped, and only there")
    func mbox() {
        let message = ReferenceMessages.message("From a@b Mon Nov  2 10:00:00 2026\nSubject: x\n\n")
        #expect(message.header.fields.map(\.name) == ["Subject"])
        #expect(message.header.start == "From a@b Mon Nov  2 10:00:00 2026\r\n".utf8.count)
        #expect(message.header.defects == [.mboxFromLine])
        let late = ReferenceMessages.message("Subject: x\nFrom a@b Mon\nTo: c\n\n")
        #expect(late.header.fields.map(\.name) == ["Subject"])
        #expect(late.header.defects == [.headerCutShort])
    }

    @Test("NUL, octets above 127, bare LF and bare CR in the header are named")
    func strange() {
        let message = Message(parsing: MessageBytes(Array("A: \0\r\nB: \u{FC}\nC: x\ry\r\n\r\n".utf8)))
        #expect(Set(message.header.defects) == [.nul, .eightBitInHeader, .bareLF, .bareCR])
        #expect(message.header.fields.count == 3)
        let body = ReferenceMessages.message("A: b\n\n\0\u{FC}")
        #expect(body.header.defects.isEmpty)
    }

    @Test("CRLF and LF give the same fields")
    func lineEnds() {
        let one = Message(parsing: ReferenceMessages.crlf(ReferenceMessages.rich))
        let other = Message(parsing: ReferenceMessages.lf(ReferenceMessages.rich))
        #expect(one.header.fields.map(\.name) == other.header.fields.map(\.name))
        for (mine, theirs) in zip(one.header.fields, other.header.fields) {
            #expect(
                one.header.unfolded(mine, in: one.bytes) == other.header.unfolded(theirs, in: other.bytes))
        }
        #expect(one.header.defects.isEmpty)
        #expect(other.header.defects == [.bareLF])
    }

    @Test("fields beyond headerFieldsMax aren't listed, and the body is still found")
    func manyFields() {
        let head = String(repeating: "a:\n", count: 300_000)
        let message = ReferenceMessages.message(head + "\nbody")
        #expect(message.header.fields.count == MessageLimits().headerFieldsMax)
        #expect(message.header.end == 300_000 * 4 + 2)
        #expect(message.header.defects.contains(.tooManyFields))
    }

    @Test("a field that passes headerOctetsMax isn't listed, and the body is still found")
    func longHeader() {
        var limits = MessageLimits()
        limits.headerOctetsMax = 100
        let bytes = ReferenceMessages.crlf(
            "A: b\nLong: \(String(repeating: "x\n ", count: 100))\nC: d\n\nbody")
        let message = Message(parsing: bytes, limits: limits)
        #expect(message.header.fields.map(\.name) == ["A"])
        #expect(message.header.defects.contains(.headerTooLong))
        #expect(bytes.bytes(in: message.header.end..<bytes.count) == Array("body".utf8))
    }

    @Test("a header of 100 MB in one line is looked at and not listed")
    func enormousLine() {
        var bytes = [UInt8](repeating: 0x78, count: 100_000_000)
        bytes.replaceSubrange(0..<2, with: Array("A:".utf8))
        let message = Message(parsing: MessageBytes(bytes))
        #expect(message.header.fields.isEmpty)
        #expect(message.header.defects == [.headerLineTooLong, .headerTooLong])
    }
}
