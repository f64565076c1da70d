// SPDX-License-Identifier: MIT

import Foundation

/// Writes messages of many shapes, all of them as the standards want them, the same in every run.
struct MessageWriter {
    private var state: UInt64
    private var boundaries = 0

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 }

    /// Numbers as if drawn by lot (splitmix64).
    mutating func lot(_ end: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ value >> 31) % UInt64(end))
    }

    private mutating func pick<Element>(_ elements: [Element]) -> Element { elements[lot(elements.count)] }

    /// Lines with CRLF.
    mutating func message() -> [UInt8] {
        let head = """
            From: Ann <ann@example.org>
            To: bob@example.net
            Subject: \(pick(["hello", "=?utf-8?Q?gr=C3=BC=C3=9Fe?=", "a long\n subject"]))
            Date: Mon, 2 Nov 2026 10:00:00 +0000
            Message-ID: <\(lot(1_000_000))@example.org>
            MIME-Version: 1.0

            """
        let text = head + entity(depth: 0)
        return text.utf8.flatMap { $0 == 0x0A ? [0x0D, 0x0A] : [$0] }
    }

    /// Content fields, the empty line and the body.
    private mutating func entity(depth: Int) -> String {
        switch depth < 3 ? lot(depth == 0 ? 6 : 9) : 9 {
        case 0...3: multipart(depth: depth)
        case 4 where depth > 0: "Content-Type: message/rfc822\n\n" + inner(depth: depth + 1)
        default: leaf()
        }
    }

    private mutating func inner(depth: Int) -> String {
        "From: carl@example.org\nDate: Mon, 2 Nov 2026 10:00:00 +0000\nSubject: inside\nMIME-Version: 1.0\n"
            + entity(depth: depth)
    }

    private mutating func multipart(depth: Int) -> String {
        boundaries += 1
        let subtype = pick(["mixed", "alternative", "related", "Mixed", "parallel"])
        let bare = pick(["=_next_", "----=_Part_", "b'(+_,-./:?", "Apple-Mail-", "x y"])
        let boundary = "\(bare)\(boundaries)\(pick(["", "_", "."]))"
        let isToken = boundary.utf8.allSatisfy { $0 > 0x20 && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
        let written = isToken && lot(2) == 0 ? boundary : "\"\(boundary)\""
        var text = "\(pick(["Content-Type", "content-type", "CONTENT-TYPE"])): multipart/\(subtype);"
        text +=
            pick([" ", "\n\t", "\n ", " charset=utf-8; "]) + "\(pick(["boundary", "Boundary"]))=\(written)\n"
        text += pick(["", "Content-Transfer-Encoding: 7bit\n", "Content-Transfer-Encoding: 8bit\n"])
        text += "\n" + pick(["", "This is a message of several parts.\n", "\n\n"])
        for _ in 0...lot(3) {
            text += "--\(boundary)\n" + entity(depth: depth + 1)
            text += "\n"
        }
        return text + "--\(boundary)--\n" + pick(["", "epilogue\n", "\n"])
    }

    private mutating func leaf() -> String {
        var fields = ""
        let type = pick([
            "text/plain", "TEXT/PLAIN", "text/html", "application/pdf", "image/jpeg", "application/x-y.z+w",
        ])
        let charset = pick(["utf-8", "us-ascii", "\"ISO-8859-1\"", "koi8-r"])
        let name = fileName()
        var line = "Content-Type: \(type)"
        if type.lowercased().hasPrefix("text") { line += pick(["; ", ";\n ", ";"]) + "charset=\(charset)" }
        switch lot(4) {
        case 0: line += ";\n name=\(name.plain)"
        case 1: fields += "Content-Disposition: attachment;\n filename=\(name.plain)\n"
        case 2: fields += "Content-Disposition: \(pick(["inline", "attachment"]));\n \(name.extended)\n"
        default: break
        }
        if lot(3) == 0 { fields += "Content-Description: something\n" }
        let body = body()
        return line + "\n" + fields + body.field + "\n" + body.text
    }

    /// As a token or quoted string, and as RFC 2231 has it.
    private mutating func fileName() -> (plain: String, extended: String) {
        switch lot(5) {
        case 0: ("report.pdf", "filename=report.pdf")
        case 1: ("\"two words.txt\"", "filename*=utf-8''two%20words.txt")
        case 2: ("\"a \\\"quoted\\\" one.txt\"", "filename*=UTF-8'de'gr%C3%BC%C3%9Fe.txt")
        case 3:
            ("\"semi;colon.txt\"", "filename*0*=utf-8''%E2%82%AC;\n filename*1=\" uro\";\n filename*2=.txt")
        default: ("x.tar.gz", "filename*0=\"first \";\n filename*1=\"second.bin\"")
        }
    }

    private mutating func body() -> (field: String, text: String) {
        let name = pick(["Content-Transfer-Encoding", "content-transfer-encoding"])
        switch lot(6) {
        case 0:
            let octets = Data((0..<lot(400)).map { _ in UInt8(lot(256)) })
            let lines = octets.base64EncodedString(options: [.lineLength76Characters, .endLineWithLineFeed])
            return ("\(name): \(pick(["base64", "BASE64", "Base64"]))\n", lines + pick(["", "\n"]))
        case 1:
            let text = pick([
                "Gr=C3=BC=C3=9Fe, =\nund mehr=20\nzweite Zeile\n", "one=3Dtwo\n\n.=2E\n", "a=\nb=\nc", "",
            ])
            return ("\(name): quoted-printable\n", text)
        case 2: return ("\(name): 8bit\n", "Привет, мир\nzweite Zeile: grüße\n")
        case 3: return ("\(name): 7bit\n", "a line\n\n- another\n-- \nnot a boundary\n")
        case 4: return ("", "")
        default: return ("", (0...lot(5)).map { "line \($0) \(lot(1_000))\n" }.joined())
        }
    }

    /// `message` with one to three things changed that somebody might change to be read in two ways.
    mutating func mutated(_ message: [UInt8]) -> [UInt8] {
        var lines = message.split(separator: 0x0A, omittingEmptySubsequences: false).map {
            Array($0) + [0x0A]
        }
        if !lines.isEmpty { lines[lines.count - 1].removeLast() }
        for _ in 0...lot(3) where lines.count > 1 {
            let place = lot(lines.count)
            switch lot(10) {
            case 0: lines.remove(at: place)
            case 1: lines.insert(lines[place], at: place)
            case 2: lines.swapAt(place, lot(lines.count))
            case 3: lines.insert(lines[lot(lines.count)], at: place)
            case 4, 5: lines.insert(Array(pick(Self.oddLines).utf8), at: place)
            case 6 where !lines[place].isEmpty:
                lines[place][lot(lines[place].count)] = pick(Self.oddOctets)
            case 7 where !lines[place].isEmpty:
                lines[place].insert(pick(Self.oddOctets), at: lot(lines[place].count))
            case 8: lines[place] = lines[place].filter { $0 != 0x0D }
            default: lines[place].removeLast(min(lines[place].count, lot(8)))
            }
        }
        return Array(lines.joined())
    }

    private static let oddOctets: [UInt8] =
        [0, 9, 0x0A, 0x0D, 0x20, 0x80, 0xE9, 0xFF] + Array("\"'();:=-*%?/\\,<>ab1".utf8)

    private static let oddLines = [
        "--\r\n", "----\r\n", "\r\n", " \r\n", "\t\r\n", "\n", "--=_next_1\r\n", "--=_next_1--\r\n",
        "--=_next_1 \r\n",
        "--=_next_1--x\r\n", "--Apple-Mail-2\r\n", "Content-Type: text/html\r\n",
        "Content-Type: multipart/mixed; boundary=q\r\n",
        "Content-Transfer-Encoding: base64\r\n", "Content-Transfer-Encoding: x-uuencode\r\n",
        "Content-Disposition: a; filename=z\r\n",
        " ; name=folded.exe\r\n", "begin 644 f.txt\r\n", "From me Mon Nov  2 10:00:00 2026\r\n",
        "no field\r\n", ": x\r\n",
        "Zm9v\r\n", "Zg==\r\n", "=\r\n", "=3D=\r\n", "MIME-Version: 2.0\r\n",
    ]
}
