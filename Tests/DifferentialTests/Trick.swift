// SPDX-License-Identifier: MIT

/// A message that is known to be read differently somewhere.
struct Trick {
    var name: String
    var octets: [UInt8]

    private init(_ name: String, fields: String = "", _ text: String) {
        let head = "From: a@example.org\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
        self.name = name
        octets = (head + fields + text).utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }

    private static func mixed(_ name: String, _ parameter: String = "boundary=b", _ body: String) -> Trick {
        Trick(name, "Content-Type: multipart/mixed; \(parameter)\n\n\(body)")
    }

    private static func leaf(_ name: String, _ fields: String, _ body: String = "Zm9v\n") -> Trick {
        Trick(name, "\(fields)\n\n\(body)")
    }

    private static let two = "--a\n\nfirst\n--a--\n--b\n\nsecond\n--b--\n"

    static let all: [Trick] = [
        mixed("two boundaries", "boundary=a; boundary=b", two),
        mixed("boundary in RFC 2231 beside a plain one", "boundary=a; boundary*=utf-8''b", two),
        mixed("boundary in sections", "boundary*0=a; boundary*1=b", "--ab\n\nx\n--ab--\n" + two),
        mixed("boundary with a comment", "boundary=a(b)", two + "--a(b)\n\nx\n--a(b)--\n"),
        mixed("boundary with a blank at its end", "boundary=\"a \"", two),
        mixed("boundary in an encoded word", "boundary=\"=?utf-8?Q?a?=\"", two),
        mixed("empty boundary", "boundary=\"\"", "--\n\nx\n----\n"),
        mixed("no boundary", "charset=utf-8", two),
        mixed("boundary that isn't closed by a quote", "boundary=\"a", two),
        mixed("boundary with a backslash", "boundary=\"\\a\"", two),
        mixed("boundary before which a semicolon is missing", "charset=utf-8 boundary=a", two),
        mixed("boundary with a blank at its equals sign", "boundary =a", two),
        mixed("boundary with case", "boundary=A", two),
        mixed("delimiter with text behind it", "boundary=a", "--a x\n\nfirst\n--a--\n"),
        mixed("delimiter with blanks behind it", "boundary=a", "--a \t\n\nfirst\n--a-- \n"),
        mixed("delimiter in the middle of a line", "boundary=a", "--a\n\nx --a\ny\n--a--\n"),
        mixed("delimiter with a blank before it", "boundary=a", "--a\n\nx\n --a\n\ny\n--a--\n"),
        mixed("closing delimiter that goes on", "boundary=a", "--a\n\nx\n--a--z\n\ny\n--a--\n"),
        mixed("never closed", "boundary=a", "--a\n\nx\n--a\n\ny\n"),
        mixed("never opened", "boundary=a", "x\n"),
        mixed("parts after the close", "boundary=a", "--a\n\nx\n--a--\n--a\n\ny\n--a--\n"),
        mixed("header without an empty line", "boundary=a", "--a\nContent-Type: text/html\n<p>\n--a--\n"),
        mixed(
            "header that a delimiter ends", "boundary=a", "--a\nContent-Type: text/html\n--a\n\nx\n--a--\n"),
        mixed(
            "boundary that begins another", "boundary=a",
            "--a\nContent-Type: multipart/mixed; boundary=aa\n\n--aa\n\nx\n--aa--\n--a--\n"),
        mixed(
            "boundary of the one around", "boundary=a",
            "--a\nContent-Type: multipart/mixed; boundary=a\n\n--a\n\nx\n--a--\n--a--\n"),
        mixed(
            "outer delimiter inside the inner multipart", "boundary=a",
            "--a\nContent-Type: multipart/mixed; boundary=i\n\n--i\n\nx\n--a\n\ny\n--i--\n--a--\n"),
        Trick(
            "encoded multipart",
            "Content-Type: multipart/mixed; boundary=a\nContent-Transfer-Encoding: base64\n\n\(two)"),
        Trick("two types", "Content-Type: text/plain\nContent-Type: multipart/mixed; boundary=a\n\n\(two)"),
        Trick("type with a blank before its colon", "Content-Type : multipart/mixed; boundary=a\n\n\(two)"),
        Trick("type in a comment", "Content-Type: (text/plain) multipart/mixed; boundary=a\n\n\(two)"),
        Trick("type with blanks inside", "Content-Type: multipart / mixed; boundary=a\n\n\(two)"),
        Trick("type without subtype", "Content-Type: multipart; boundary=a\n\n\(two)"),
        Trick("type in quotes", "Content-Type: \"multipart/mixed\"; boundary=a\n\n\(two)"),
        Trick(
            "type after a folded blank line", "X: y\n \nContent-Type: multipart/mixed; boundary=a\n\n\(two)"),
        Trick("empty type", "Content-Type:\n\ntext\n"),
        leaf("two encodings", "Content-Transfer-Encoding: base64\nContent-Transfer-Encoding: 7bit"),
        leaf("unknown encoding", "Content-Transfer-Encoding: base-64"),
        leaf("encoding with a parameter", "Content-Transfer-Encoding: base64; x=y"),
        leaf("encoding in quotes", "Content-Transfer-Encoding: \"base64\""),
        leaf("encoding with a comment", "Content-Transfer-Encoding: base64 (x)"),
        leaf("encoding with two words", "Content-Transfer-Encoding: 7bit base64"),
        leaf("empty encoding", "Content-Transfer-Encoding:"),
        leaf("uuencode", "Content-Transfer-Encoding: x-uuencode", "begin 644 f\n#0V%T\n`\nend\n"),
        leaf("junk in base64", "Content-Transfer-Encoding: base64", "Zm*9v\n"),
        leaf("base64 that goes on", "Content-Transfer-Encoding: base64", "Zg==\nZm9v\n"),
        leaf("base64 that is cut", "Content-Transfer-Encoding: base64", "Zm9vY\n"),
        leaf("base64 of URLs", "Content-Transfer-Encoding: base64", "-_-_\n"),
        leaf("base64 without its padding", "Content-Transfer-Encoding: base64", "Zm8\n"),
        leaf("quoted-printable with one digit", "Content-Transfer-Encoding: quoted-printable", "a=4\n"),
        leaf("quoted-printable with no digits", "Content-Transfer-Encoding: quoted-printable", "a=zz b\n"),
        leaf("quoted-printable with small digits", "Content-Transfer-Encoding: quoted-printable", "=c3=bc\n"),
        leaf(
            "quoted-printable with blanks after the soft break",
            "Content-Transfer-Encoding: quoted-printable", "a= \nb\n"),
        leaf(
            "quoted-printable with blanks at the end", "Content-Transfer-Encoding: quoted-printable", "a \nb"),
        leaf(
            "two names",
            "Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment; filename=b.exe"),
        leaf("name twice", "Content-Type: text/plain; name=a.txt; name=b.exe"),
        leaf("name in an encoded word", "Content-Disposition: attachment; filename=\"=?utf-8?Q?a.exe?=\""),
        leaf(
            "name plain and extended",
            "Content-Disposition: attachment; filename=a.txt; filename*=utf-8''b.exe"),
        leaf("name in sections with a gap", "Content-Disposition: attachment; filename*0=a; filename*2=b"),
        leaf("name in sections out of order", "Content-Disposition: attachment; filename*1=b; filename*0=a"),
        leaf("name with a broken escape", "Content-Disposition: attachment; filename*=utf-8''a%zz"),
        leaf("name of an unknown charset", "Content-Disposition: attachment; filename*=x-none''a%ff"),
        leaf("name with two apostrophes", "Content-Type: image/png; name=a'b'c.exe"),
        leaf("extended name with a star", "Content-Disposition: attachment; filename*=utf-8''a%20*b.exe"),
        leaf("name without quotes", "Content-Disposition: attachment; filename=a b.exe"),
        leaf("name with eight bits", "Content-Disposition: attachment; filename=\"ü.exe\""),
        leaf("name behind a disposition that is missing", "Content-Disposition: ; filename=a.exe"),
        leaf(
            "two dispositions", "Content-Disposition: inline\nContent-Disposition: attachment; filename=a.exe"
        ),
        leaf(
            "message in base64", "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64",
            "U3ViamVjdDogeA0KDQp4\n"),
        leaf(
            "message fragment", "Content-Type: message/partial; id=a; number=1; total=2", "Subject: x\n\nx\n"),
        leaf("empty message inside", "Content-Type: message/rfc822", ""),
        leaf("no colon", "no field\nContent-Type: text/html"),
        leaf("mailbox line inside the header", "From a@example.org\nContent-Type: text/html"),
        leaf("uuencoded file in a text", "Content-Type: text/plain", "begin 644 f\n#0V%T\n`\nend\n"),
        leaf(
            "a digest of one", "Content-Type: multipart/digest; boundary=a", "--a\n\nSubject: x\n\nx\n--a--\n"
        ),
    ]
}
