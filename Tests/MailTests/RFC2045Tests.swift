// SPDX-License-Identifier: MIT

import Testing

@testable import Mail

private func defects(_ fields: String, _ body: String = "x\n") -> [MessageDefect] {
    let message = ReferenceMessages.message("From: a@b\nDate: x\n\(fields)\n\n\(body)")
    return message.parts().allDefects(in: message.bytes)
}

private func decoded(_ encoding: String, _ body: String) -> String {
    let message = ReferenceMessages.message("Content-Transfer-Encoding: \(encoding)\n\n\(body)")
    return String(decoding: message.parts().root.decodedBody(in: message.bytes), as: UTF8.self)
}

@Suite("RFC 2045: the format of message bodies")
struct RFC2045Tests {
    @Test(
        "§4: MIME-Version is 1.0, comments around and in it",
        arguments: [
            "1.0", "1.0 (produced by MetaSend Vx.x)", "(produced by MetaSend Vx.x) 1.0", "1.(produced by)0",
            " 1 . 0 ",
        ])
    func version(body: String) {
        #expect(defects("MIME-Version: \(body)\nContent-Type: text/html").isEmpty)
    }

    @Test("§4: another version is read nevertheless, and named", arguments: ["2.0", "1", "", "1.0.0", "one"])
    func oddVersion(body: String) {
        #expect(defects("MIME-Version: \(body)\nContent-Type: text/html") == [.oddMIMEVersion])
    }

    @Test("§4: parts, encodings and types without a version are named; plain text needs none")
    func missingVersion() {
        #expect(defects("Content-Type: text/html") == [.missingMIMEVersion])
        #expect(defects("Content-Transfer-Encoding: base64", "") == [.missingMIMEVersion])
        #expect(defects("Content-Type: text/plain; charset=utf-8").isEmpty)
        #expect(defects("Subject: x").isEmpty)
    }

    @Test(
        "§5: a comment in Content-Type is named, since some readers take it for the type",
        arguments: [
            "text/html (application/pdf)", "(application/pdf) text/html", "text/(x)html",
            "text/html; (boundary=x) charset=utf-8",
        ])
    func comments(body: String) {
        let found = defects("MIME-Version: 1.0\nContent-Type: \(body)")
        #expect(found == [.commentInContentField])
        #expect(ReferenceMessages.tree("Content-Type: \(body)\n\nx").root.type == "text/html")
    }

    @Test(
        "§6.1: the encoding is one word",
        arguments: [
            ("base64", []), (" BASE64 ", []), ("\"base64\"", [MessageDefect.oddTransferEncoding]),
            ("base64; x=y", [.oddTransferEncoding]), ("base64 7bit", [.oddTransferEncoding]),
            ("base64 (7bit)", [.commentInContentField]), ("base64,7bit", [.oddTransferEncoding]),
        ])
    func encodingWord(body: String, expected: [MessageDefect]) {
        #expect(defects("MIME-Version: 1.0\nContent-Transfer-Encoding: \(body)", "aGk=\n") == expected)
        #expect(decoded(body, "aGk=\n") == "hi")
    }

    @Test(
        "§6.1: what isn't known leaves the body as it is",
        arguments: ["base-64", "x-uuencode", "utf-8", "(base64)", "="])
    func unknownEncoding(body: String) {
        #expect(defects("Content-Transfer-Encoding: \(body)").contains(.unknownEncoding))
        #expect(decoded(body, "aGk=") == "aGk=")
    }

    @Test("§6.2: octets above 127 need 8bit or binary")
    func eightBit() {
        #expect(defects("Subject: x", "ü\n") == [.eightBitInSevenBit])
        #expect(defects("Content-Transfer-Encoding: 7bit", "ü\n") == [.eightBitInSevenBit])
        #expect(defects("Content-Transfer-Encoding: 8bit", "ü\n").isEmpty)
        #expect(defects("Content-Transfer-Encoding: binary", "ü\n").isEmpty)
    }

    @Test("§6.4: parts and messages are never encoded")
    func composite() {
        let fields = "MIME-Version: 1.0\nContent-Transfer-Encoding: base64\nContent-Type: "
        #expect(
            defects(fields + "multipart/mixed; boundary=b", "--b\n\nx\n--b--\n") == [.contradictingEncodings])
        #expect(defects(fields + "message/rfc822", "aGk=\n") == [.contradictingEncodings])
    }

    @Test(
        "§6.7: quoted-printable by its rules",
        arguments: [
            (
                "If you believe that truth=3Dbeauty, then surely=20=\nmathematics=",
                "If you believe that truth=beauty, then surely mathematics"
            ),
            ("a \t\nb", "a\r\nb"), ("a=20\nb", "a \r\nb"), ("=C3=BC=c3=bc", "üü"), ("a=\n\nb", "a\r\nb"),
        ])
    func quotedPrintable(body: String, text: String) {
        #expect(decoded("quoted-printable", body) == text)
    }

    @Test(
        "§6.8: base64, with what attackers put in it",
        arguments: [
            ("aGVsbG8=", "hello", []), ("aGVs\nbG8=", "hello", []),
            ("aGVs!bG8=", "hello", [MessageDefect.junkInBase64]),
            ("aGVsbG8=aGVsbG8=", "hellohello", [.junkInBase64]), ("aGVsbG8", "hello", [.truncatedBase64]),
            ("aGVsbG8=\n\n--not a boundary", "hello", [.junkInBase64]),
        ])
    func base64(body: String, text: String, expected: [MessageDefect]) {
        #expect(decoded("base64", body).hasPrefix(text))
        let found = defects("MIME-Version: 1.0\nContent-Transfer-Encoding: base64", body)
        #expect(found.starts(with: expected) && (!expected.isEmpty || found.isEmpty))
    }

    @Test(
        "a Content- field without a value is named",
        arguments: [
            "Content-Type", "Content-Disposition", "Content-Transfer-Encoding",
        ])
    func empty(name: String) {
        #expect(defects("MIME-Version: 1.0\n\(name):").contains(.emptyContentField))
        #expect(defects("MIME-Version: 1.0\n\(name): \n \t").contains(.emptyContentField))
    }
}

@Suite("RFC 2183: Content-Disposition")
struct RFC2183Tests {
    @Test("§2: comments, several fields and broken parameters are named")
    func form() {
        #expect(defects("Content-Disposition: (x) attachment") == [.commentInContentField])
        #expect(
            defects("Content-Disposition: inline\nContent-Disposition: inline") == [.duplicateDisposition])
        #expect(defects("Content-Disposition: attachment filename=x") == [.brokenParameter])
    }

    @Test(
        "§2.3: the file name is one, whichever way it is written",
        arguments: [
            "filename=a.txt; filename=b.exe", "filename=a.txt; filename*=utf-8''b.exe",
            "filename*0=a; filename*1=.txt; filename=b.exe",
            "FILENAME=a.txt; filename=b.exe",
        ])
    func names(parameters: String) {
        #expect(defects("Content-Disposition: attachment; \(parameters)") == [.contradictingParameter])
    }

    @Test("§2.3: a name with an encoded word in it is decoded, and named")
    func encodedWord() {
        let field = "Content-Disposition: attachment; filename=\"=?utf-8?B?w7wuZXhl?=\""
        #expect(defects(field) == [.encodedWordInParameter])
        #expect(ReferenceMessages.tree(field + "\n\nx").root.filename == "ü.exe")
    }
}

@Suite("RFC 2231: parameters")
struct RFC2231Tests {
    @Test(
        "§3, §4: each way to break them has its name",
        arguments: [
            ("name*0=a; name*2=c", MessageDefect.brokenContinuation), ("name*1=a", .brokenContinuation),
            ("name*01=a", .brokenContinuation), ("name*x=a", .brokenContinuation),
            ("name*0**=a", .brokenContinuation),
            ("name*=a", .brokenExtendedParameter), ("name*=utf-8'a", .brokenExtendedParameter),
            ("name*=utf-8''%g0", .brokenExtendedParameter), ("name*=x-none''a", .unknownCharset),
            ("name*0=a; name*0=b", .contradictingParameter),
            ("name=a; name*=utf-8''b", .contradictingParameter),
        ])
    func broken(parameters: String, defect: MessageDefect) {
        #expect(defects("MIME-Version: 1.0\nContent-Type: text/html; \(parameters)") == [defect])
    }

    @Test("a boundary or charset written so is read so, and a boundary is named")
    func boundary() {
        let body = "--b\n\nx\n--b--\n"
        for parameter in ["boundary*=us-ascii''b", "boundary*0=b", "boundary*0*=''b"] {
            #expect(
                defects("MIME-Version: 1.0\nContent-Type: multipart/mixed; \(parameter)", body) == [
                    .oddBoundary
                ])
        }
        #expect(
            ReferenceMessages.tree("Content-Type: text/plain; charset*=us-ascii'en'utf-8\n\nx").root.charset
                == "utf-8")
    }
}

@Suite("RFC 2047: encoded words in fields")
struct RFC2047Tests {
    @Test(
        "§2, §5: words that readers decode or not are named",
        arguments: [
            ("=?utf-8?Q?fine?= text", []), ("(=?utf-8?Q?in_a_comment?=)", []),
            ("a=?utf-8?Q?b?=", [MessageDefect.oddEncodedWord]),
            ("=?utf-8?Q?a?==?utf-8?Q?b?=", [.oddEncodedWord]), ("\"=?utf-8?Q?a?=\"", [.oddEncodedWord]),
            ("=?utf-8?Q?a b?=", [.oddEncodedWord]),
            ("=?utf-8?Q?\(String(repeating: "x", count: 80))?=", [.oddEncodedWord]),
            ("=?utf-8?X?a?=", [.brokenEncodedWord]), ("=?utf-8?Q?a", [.brokenEncodedWord]),
            ("=?x-none?Q?a?=", [.unknownCharset]),
            ("=?utf-8?Q?a=0Ab?=", [.controlInEncodedWord]), ("=?utf-8?B?AA==?=", [.controlInEncodedWord]),
        ])
    func words(body: String, expected: [MessageDefect]) {
        #expect(defects("Subject: \(body)") == expected)
    }
}
