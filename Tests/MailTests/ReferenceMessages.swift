// SPDX-License-Identifier: MIT

import Mail

/// Messages that the tests read. They are written with LF in the source; `crlf` gives them as SMTP brings
/// them.
enum ReferenceMessages {
    static func crlf(_ text: String) -> MessageBytes {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            if byte == 0x0A { bytes.append(0x0D) }
            bytes.append(byte)
        }
        return MessageBytes(bytes)
    }

    static func lf(_ text: String) -> MessageBytes { MessageBytes(Array(text.utf8)) }

    static func message(_ text: String) -> Message { Message(parsing: crlf(text)) }

    static func tree(_ text: String, limits: MessageLimits = .init()) -> PartTree {
        message(text).parts(limits: limits)
    }

    /// The tree in one line: each part's number and type, a multipart's parts in parentheses.
    static func outline(_ part: Part) -> String {
        let own = "\(part.number.isEmpty ? "-" : part.number) \(part.type)"
        return part.children.isEmpty ? own : "\(own) (\(part.children.map(outline).joined(separator: ", ")))"
    }

    /// A bit of everything: folding, encoded words, nested multiparts, a forwarded message with parts, a
    /// digest, both transfer encodings, RFC 2231 names, a preamble and an epilogue.
    static let rich = """
        Received: from mx.example.net (mx.example.net [192.0.2.1])
        \tby gateway.example.org; Mon, 2 Nov 2026 10:00:00 +0000
        From: =?UTF-8?Q?J=C3=B6rg_M=C3=BCller?= <joerg@example.net>
        To: "Doe, Jane" <jane@example.org>, friends: a@example.org, b@example.org;
        Subject: =?ISO-8859-1?Q?Gr=FC=DFe?= aus =?UTF-8?B?S8O2bG4=?=
        Date: Mon, 2 Nov 2026 09:59:58 +0000
        Message-ID: <1@example.net>
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary="outer=_1"

        This is a message of several parts.
        --outer=_1
        Content-Type: multipart/alternative;
          boundary=inner

        --inner
        Content-Type: text/plain; charset=iso-8859-1
        Content-Transfer-Encoding: quoted-printable

        Gr=FC=DFe,=20
        a soft =
        break
        --inner
        Content-Type: text/html; charset=UTF-8

        <p>Hello</p>
        --inner--
        epilogue of the inner one
        --outer=_1
        Content-Type: application/pdf
        Content-Transfer-Encoding: base64
        Content-Disposition: attachment;
          filename*0*=utf-8''%C3%9Cber;
          filename*1="sicht.pdf"

        JVBERi0xLjQK
        JUVPRgo=

        --outer=_1
        Content-Type: message/rfc822

        From: bob@example.com
        Subject: inner
        MIME-Version: 1.0
        Content-Type: multipart/mixed; boundary=fwd

        --fwd

        plain without fields
        --fwd
        Content-Type: image/gif
        Content-Transfer-Encoding: base64

        R0lGODlh
        --fwd--
        --outer=_1
        Content-Type: multipart/digest; boundary=dig

        --dig

        Subject: one

        first
        --dig

        Subject: two

        second
        --dig--

        --outer=_1--
        epilogue

        """
}

extension PartTree {
    /// The defects but for fields that a test's message leaves out to be short.
    var formDefects: [MessageDefect] {
        defects.filter { ![.missingFrom, .missingDate, .missingMIMEVersion].contains($0) }
    }
}
