// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

private func tree(_ fields: String, _ body: String) -> PartTree {
    ReferenceMessages.tree("From: a@b\nDate: x\nMIME-Version: 1.0\nContent-Type: \(fields)\n\n\(body)")
}

@Suite("RFC 2046: media types")
struct RFC2046Tests {
    private static let body = "--b\n\none\n--b--\n"

    @Test(
        "§5.1.1: what a boundary may be made of",
        arguments: [
            "b", "gc0pJq0M:08jU534c0p", "\"simple boundary\"", "\"'()+_,-./:=?\"",
            String(repeating: "x", count: 70),
        ])
    func boundary(boundary: String) {
        let plain = boundary.filter { $0 != "\"" }
        let found = tree("multipart/mixed; boundary=\"\(plain)\"", "--\(plain)\n\none\n--\(plain)--\n")
        #expect(found.defects.isEmpty)
        #expect(found.leaves.count == 1)
    }

    @Test(
        "§5.1.1: other boundaries are used as they read, and named",
        arguments: [
            "b*", "b ", "h\u{E4}h", "<b>", "b;", "b\"c", String(repeating: "x", count: 71), "b\\c",
        ])
    func oddBoundary(boundary: String) {
        let quoted = boundary.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
        let found = tree("multipart/mixed; boundary=\"\(quoted)\"", "--\(boundary)\n\none\n--\(boundary)--\n")
        #expect(found.defects.contains(.oddBoundary))
        #expect(found.root.children.count == 1)
    }

    @Test("§5.1.1: the delimiter lines of each part are known")
    func delimiters() throws {
        let message = ReferenceMessages.message(
            "Content-Type: multipart/mixed; boundary=b\n\npre\n--b \n\none\n--b\n\ntwo\n--b-- \nepilogue\n")
        let root = message.parts().root
        let lines = try root.children.map {
            String(decoding: message.bytes.bytes(in: try #require($0.delimiter)), as: UTF8.self)
        }
        #expect(lines == ["--b \r\n", "--b\r\n"])
        let close = try #require(root.closeDelimiter)
        #expect(message.bytes.bytes(in: close) == Array("--b-- ".utf8))
        #expect(root.delimiter == nil)
    }

    @Test(
        "§5.1.4: unknown subtypes are multiparts like any",
        arguments: ["related", "report", "x-new", "form-data"])
    func subtypes(subtype: String) {
        #expect(tree("multipart/\(subtype); boundary=b", Self.body).leaves.map(\.number) == ["1"])
    }

    @Test("§5.2.2: a piece of a message is a leaf, and named so that a filter can hold it")
    func partial() {
        let found = tree("message/partial; id=\"x@y\"; number=2; total=3", "From: c@d\n\nbegin 644 x\n")
        #expect(found.root.children.isEmpty)
        #expect(found.defects == [.messageFragment])
        #expect(found.root.contentType.isFragment)
        let inside = tree(
            "multipart/mixed; boundary=b",
            "--b\nContent-Type: Message/Partial; number=1\n\nA: b\n\nx\n--b--\n")
        #expect(inside.root.children[0].defects == [.messageFragment])
    }

    @Test("§5.2.3: a body that is elsewhere is a leaf, and named")
    func external() {
        let found = tree(
            "message/external-body; access-type=URL; URL=\"ftp://x/y\"",
            "Content-Type: text/plain\n\nphantom\n")
        #expect(found.root.children.isEmpty)
        #expect(found.defects == [.externalBody])
    }

    @Test(
        "TNEF is left whole", arguments: ["application/ms-tnef; name=winmail.dat", "application/vnd.ms-tnef"])
    func tnef(type: String) {
        let found = tree("multipart/mixed; boundary=b", "--b\nContent-Type: \(type)\n\nx\n--b--\n")
        #expect(found.leaves.map(\.contentType.isTNEF) == [true])
        #expect(found.defects.isEmpty)
    }

    @Test(
        "attacks on where parts begin and end are named",
        arguments: [
            (
                "multipart/mixed; boundary=b; boundary=c", "--b\n\none\n--c\n\ntwo\n--b--\n",
                MessageDefect.twoBoundaries
            ),
            ("multipart/mixed; boundary=b", "--b\n\none\n--b \tx\n\ntwo\n--b--\n", .ambiguousBoundaryLine),
            ("multipart/mixed; boundary=b", "--b\n\none\n--b--\n\n--b\n\ntwo\n", .boundaryAfterClose),
            ("multipart/mixed; boundary=b", "--b\n\none\n", .unclosedMultipart),
            ("multipart/mixed; boundary=b", "none\n", .emptyMultipart),
            ("multipart/mixed; boundary=\"\"", "--\n\none\n----\n", .missingBoundary),
            ("multipart/mixed; boundary=b (; boundary=c)", "--b\n\none\n--b--\n", .commentInContentField),
            ("multipart/mixed; boundary=\"b", "--b\n\none\n--b--\n", .brokenParameter),
            (
                "multipart/mixed;\n boundary*0=b; boundary*1=c; boundary=b", "--b\n\none\n--b--\n",
                .twoBoundaries
            ),
        ])
    func attacks(fields: String, body: String, defect: MessageDefect) {
        #expect(tree(fields, body).defects.contains(defect))
    }
}

@Suite("RFC 1847: signed and encrypted multiparts")
struct RFC1847Tests {
    private func found(_ type: String, _ parts: [String]) -> [MessageDefect] {
        tree(
            "multipart/\(type); boundary=b",
            parts.map { "--b\nContent-Type: \($0)\n\nx\n" }.joined() + "--b--\n"
        ).defects
    }

    @Test("§2.1: signed are two parts, the second of the protocol")
    func signed() {
        let type = "signed; micalg=pgp-sha256; protocol=\"application/pgp-signature\""
        #expect(found(type, ["text/plain", "application/pgp-signature"]).isEmpty)
        #expect(found(type, ["text/plain"]) == [.brokenSigned])
        #expect(found(type, ["application/pgp-signature", "text/plain"]) == [.brokenSigned])
        #expect(found(type, ["text/plain", "application/pgp-signature", "text/html"]) == [.brokenSigned])
        #expect(found("signed", ["text/plain", "application/pgp-signature"]) == [.brokenSigned])
    }

    @Test("§2.2: encrypted are two parts, the first of the protocol, the second opaque")
    func encrypted() {
        let type = "encrypted; protocol=\"application/pgp-encrypted\""
        #expect(found(type, ["application/pgp-encrypted", "application/octet-stream"]).isEmpty)
        #expect(found(type, ["application/pgp-encrypted", "text/plain"]) == [.brokenEncrypted])
        #expect(found(type, ["application/octet-stream", "application/pgp-encrypted"]) == [.brokenEncrypted])
    }
}
