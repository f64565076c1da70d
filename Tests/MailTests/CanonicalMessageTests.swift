// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

/// What every reader should see of a message, before and after rewriting.
struct SeenPart: Equatable, CustomStringConvertible {
    let number: String
    let type: String
    let name: String?
    let body: [UInt8]?

    /// Line ends of texts that aren't encoded count as CRLF: bare ones are what is rewritten.
    static func list(_ message: Message, limits: MessageLimits = .init()) -> [SeenPart] {
        message.parts(limits: limits).all.map { part in
            var body: [UInt8]?
            if part.children.isEmpty {
                body = part.decodedBody(in: message.bytes, limits: limits)
                if ["text", "message"].contains(part.contentType.type) { body = body.map(lines) }
            }
            return SeenPart(
                number: part.number, type: part.type, name: part.filename.map(CanonicalMessage.cleanName),
                body: body)
        }
    }

    private static func lines(_ octets: [UInt8]) -> [UInt8] {
        var lines: [UInt8] = []
        for octet in octets {
            if octet == 0x0A, lines.last != 0x0D { lines.append(0x0D) }
            lines.append(octet)
        }
        return lines
    }

    var description: String {
        "\(number) \(type) \(name ?? "-") \(body.map { String(decoding: $0, as: UTF8.self) } ?? "")"
    }
}

@Suite("An ambiguous message is rewritten so that every reader sees what we saw")
struct CanonicalMessageTests {
    @Test("a NUL is encoded, though the message says nothing of MIME, and is the same octet to every reader")
    func nulWithoutDate() throws {
        let message = Message(
            parsing: MessageBytes(Array("Subject: x\r\n\r\nbefore\u{0}after\r\n".utf8)))
        let tree = message.parts()
        #expect(tree.defects == [.nul, .missingFrom, .missingDate])
        var writer = CanonicalWriter(message, tree: tree, limits: MessageLimits())
        let bytes = writer.write().bytes(of: message.bytes)
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == "Subject: x\r\nMIME-Version: 1.0\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
                + "before=00after\r\n")
        let again = Message(parsing: MessageBytes(bytes)).parts()
        #expect(again.defects == [.missingFrom, .missingDate])
        #expect(CanonicalMessage.edition(of: message, tree: tree) != nil)
    }

    @Test(
        "what can be rewritten is gone afterwards, and the parts are the same",
        arguments: DefectSample.all.filter { $0.defect.remedy == .rewritten })
    func rewritten(sample: DefectSample) throws {
        let message = sample.message
        let tree = message.parts(limits: sample.limits)
        let canonical = try #require(CanonicalMessage(of: message, tree: tree, limits: sample.limits))
        #expect(canonical.remaining.allSatisfy { $0.remedy == .kept })
        let again = Message(
            parsing: MessageBytes(canonical.edition.bytes(of: message.bytes)), limits: sample.limits)
        #expect(
            SeenPart.list(again, limits: sample.limits) == SeenPart.list(message, limits: sample.limits),
            "\(String(decoding: again.bytes.bytes(in: 0..<again.bytes.count), as: UTF8.self))")
    }

    @Test(
        "what is kept stays as it is, byte for byte",
        arguments: DefectSample.all.filter { $0.defect.remedy == .kept })
    func kept(sample: DefectSample) throws {
        let message = sample.message
        let canonical = try #require(
            CanonicalMessage(of: message, tree: message.parts(limits: sample.limits), limits: sample.limits))
        #expect(canonical.remaining.contains(sample.defect))
        #expect(canonical.edition == .unchanged(octets: message.bytes.count))
    }

    @Test(
        "what we don't know all of isn't rewritten",
        arguments: DefectSample.all.filter { $0.defect.remedy == .barred })
    func barred(sample: DefectSample) {
        let message = sample.message
        let tree = message.parts(limits: sample.limits)
        #expect(CanonicalMessage.edition(of: message, tree: tree, limits: sample.limits) == nil)
    }

    @Test("a message without defects is unchanged")
    func untouched() {
        let message = ReferenceMessages.message(ReferenceMessages.rich)
        #expect(
            CanonicalMessage.edition(of: message, tree: message.parts())
                == .unchanged(octets: message.bytes.count))
    }

    private func rewrite(_ text: String) throws -> (text: String, edition: Edition) {
        let message = ReferenceMessages.message(text)
        let edition = try #require(CanonicalMessage.edition(of: message, tree: message.parts()))
        let bytes = edition.bytes(of: message.bytes)
        return (String(decoding: bytes, as: UTF8.self).replacing("\r\n", with: "\n"), edition)
    }

    @Test("only the field or part with the defect changes")
    func onlyWhatIsWrong() throws {
        let rich = ReferenceMessages.rich.replacing("JVBERi0xLjQK", with: "JVBERi0!xLjQK")
        let (text, edition) = try rewrite(rich)
        #expect(text == ReferenceMessages.rich.replacing("\nJUVPRgo=\n\n", with: "JUVPRgo=\n"))
        #expect(edition.pieces.count == 3)
    }

    @Test("parameters are written as RFC 2231 says, without comments, each once")
    func parameters() throws {
        let (text, _) = try rewrite(
            DefectSample.head
                + "Content-Type: Text/HTML (c); Charset=utf-8; charset=utf-7; x=\"a b\"; y=a\"b; z=it's\n"
                + "Content-Disposition: attachment; filename==?utf-8?Q?Gr=C3=BC=C3=9Fe?=.pdf\n\nx\n")
        #expect(
            text == DefectSample.head
                + "Content-Type: text/html;\n charset=utf-8;\n x=\"a b\";\n y*=utf-8''a%22b;\n z=\"it's\"\n"
                + "Content-Disposition: attachment;\n filename*=utf-8''Gr%C3%BC%C3%9Fe.pdf\n\nx\n")
    }

    @Test("octets above 127 become encoded words, addresses stay addresses")
    func headers() throws {
        let (text, _) = try rewrite(
            "From: Jörg Müller <j@example.net>, \"a, b\" <c@d>\nSender: j@example.net\nDate: x\n"
                + "Subject: plain Grüße aus Köln plain\n\nx\n")
        #expect(
            text == "From: =?utf-8?B?SsO2cmcgTcO8bGxlcg==?= <j@example.net>, \"a, b\" <c@d>\n"
                + "Sender: j@example.net\nDate: x\n"
                + "Subject: plain =?utf-8?B?R3LDvMOfZQ==?= aus =?utf-8?B?S8O2bG4=?= plain\n\nx\n")
    }

    @Test("an address beyond ASCII can't be written so, and the message isn't rewritten")
    func internationalAddress() {
        let message = ReferenceMessages.message("From: jörg@example.net\nDate: x\n\nx\n")
        #expect(CanonicalMessage.edition(of: message, tree: message.parts()) == nil)
    }

    @Test("a delimiter right after a delimiter gets the empty line that makes it a part for everybody")
    func emptyPart() throws {
        let head = DefectSample.head + "Content-Type: multipart/mixed; boundary=b\n\n"
        let (text, _) = try rewrite(head + "--b\n--b\n\none\n--b--\n")
        #expect(text == head + "--b\n\n--b\n\none\n--b--\n")
    }

    @Test("clashing boundaries become unlike each other and unlike any line of the message")
    func boundaries() throws {
        let (text, _) = try rewrite(
            DefectSample.head
                + "Content-Type: multipart/mixed; boundary==\n\n--=\nContent-Type: multipart/mixed; boundary=\"=_\"\n\n"
                + "--=_\n\none\n--=_postern-10-1\n--=_\n\ntwo\n--=_--\n--=\n\nthree\n--=--\n")
        #expect(text.contains("boundary=\"=_postern-11-1000000\""))
        #expect(text.contains("boundary=\"=_postern-11-1000001\""))
    }
}
