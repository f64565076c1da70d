// SPDX-License-Identifier: MIT

@testable import Mail

/// Writes messages with much that readers disagree about, all of which can be rewritten.
struct AmbiguousMessages {
    private var random: SeededRandom
    private var boundaries: [String] = []

    init(seed: UInt64) { random = SeededRandom(seed) }

    mutating func message() -> [UInt8] {
        boundaries = []
        var lines = ["From: a@example.org", "Date: Mon, 2 Nov 2026 10:00:00 +0000"]
        if random.chance(1, in: 6) { lines.insert("From someone Mon Nov  2 10:00:00 2026", at: 0) }
        lines.append(
            random.pick([
                "Subject: plain", "Subject: Grüße aus Köln", "Subject : odd", "Subject: a=?utf-8?Q?=C3=BC?=b",
                "Subject: one\r\n \t\r\n two", "Subject: a\u{7}b", "Subject: x\r\nSubject: y",
                "Subject: =?utf-8?Q?broken", "Subject: =?utf-8?B?w7w=?=\r\n =?utf-8?B?w7w=?=",
                "Subject: " + String(repeating: "long ", count: 300),
            ]))
        if random.chance(1, in: 2) { lines.append("To: \"Ü, b\" <a@b>, grp: c@d, e@f;, (c) g@h") }
        if random.chance(3, in: 4) {
            lines.append(random.pick(["MIME-Version: 1.0", "Mime-Version: 1.0 (x)", "MIME-Version: 1"]))
        }
        let bytes = Array((lines.joined(separator: "\r\n") + "\r\n").utf8) + entity(depth: 0)
        guard random.chance(1, in: 8) else { return bytes }
        return bytes.filter { $0 != 0x0D }
    }

    /// Content fields, an empty line, a body.
    private mutating func entity(depth: Int) -> [UInt8] {
        if depth < 3, random.chance(depth == 0 ? 4 : 1, in: 5) { return multipart(depth: depth) }
        if depth < 3, random.chance(1, in: 8) {
            return Array("Content-Type: message/rfc822\r\n\r\nSubject: inner\r\nMIME-Version: 1.0\r\n".utf8)
                + entity(depth: depth + 1)
        }
        return leaf()
    }

    private mutating func multipart(depth: Int) -> [UInt8] {
        var boundary = random.pick(["b", "bb", "=_x", "a b", "b--", "b'(1)", "häh", "=_postern-10-x", "next"])
        if let outer = boundaries.last, random.chance(1, in: 4) {
            boundary = random.pick([outer, outer + "1"])
        }
        let parameter = random.pick([
            "boundary=\"\(boundary)\"", "boundary=\"\(boundary)\"; boundary=other",
            "(c) boundary=\"\(boundary)\"",
            "boundary*=utf-8''\(percent(boundary))", "boundary=\"\(boundary) \"",
            "x; boundary=\"\(boundary)\"",
        ])
        var bytes = Array(
            "Content-Type: multipart/\(random.pick(["mixed", "alternative", "digest"])); \(parameter)".utf8)
        if random.chance(1, in: 8) { bytes += Array("\r\nContent-Type: text/plain".utf8) }
        if random.chance(1, in: 8) { bytes += Array("\r\nContent-Transfer-Encoding: base64".utf8) }
        bytes += Array("\r\n".utf8)
        if !random.chance(1, in: 8) { bytes += Array("\r\n".utf8) }
        if random.chance(1, in: 4) { bytes += Array(random.pick(["preamble\r\n", "pre\nam\0ble\n"]).utf8) }
        boundaries.append(boundary)
        for _ in 0...random.below(3) {
            bytes += Array("--\(boundary)\(random.pick(["", "", " \t"]))\r\n".utf8)
            bytes += random.chance(1, in: 10) ? Array("no header at all".utf8) : entity(depth: depth + 1)
            bytes += Array("\r\n".utf8)
        }
        boundaries.removeLast()
        if random.chance(4, in: 5) { bytes += Array("--\(boundary)--".utf8) }
        bytes += Array(
            random.pick(["", "\r\n", "\r\nepilogue\r\n", "\r\n--\(boundary)\r\n\r\nlate\r\n", "\nbare\n"])
                .utf8)
        return bytes
    }

    private mutating func leaf() -> [UInt8] {
        let type = random.pick([
            "text/plain; charset=utf-8", "text/html (comment); charset=\"utf-8\"",
            "application/x; name=a.exe",
            "application/pdf; name*0*=utf-8''%C3%BC; name*1=\".pdf\"; name*3=x", "broken", "",
            "image/gif; name=\"=?utf-8?Q?=C3=BC?=.gif\"", "text/plain; name=two words.txt",
        ])
        let disposition = random.pick([
            "", "", "Content-Disposition: attachment; filename=a.txt\r\n",
            "Content-Disposition: attachment; filename=a.txt; filename=b.exe\r\n",
            "Content-Disposition: attachment; filename*=utf-8''a%00%0Ab\r\n", "Content-Disposition:\r\n",
            "Content-Disposition: (x) ; filename=\"ü \\\" \\\\ y\"\r\n",
            "Content-Disposition: inline\r\nContent-Disposition: x\r\n",
        ])
        let encoding = random.pick([
            "", "", "base64", "quoted-printable", "Base64 (x)", "\"base64\"", "x-unknown", "8bit",
            "base64\r\nContent-Transfer-Encoding: 7bit",
        ])
        var head = "Content-Type: \(type)\r\n" + disposition
        if !encoding.isEmpty { head += "Content-Transfer-Encoding: \(encoding)\r\n" }
        return Array((head + "\r\n").utf8) + body()
    }

    private mutating func body() -> [UInt8] {
        let outer = boundaries.last ?? "none"
        let pieces = [
            "line\r\n", "bare\n", "cr\rcr", "nul\0", "Grüße\r\n", "aGVsbG8=\r\n", "aGVs!bG8", "=3D=zz =\r\n",
            String(repeating: "w", count: 1_200), "blank \t\r\n", "--\(outer) not\r\n", "=_postern-11-\r\n",
            "\r\n", "=",
        ]
        var text: [UInt8] = []
        for _ in 0..<random.below(6) { text += Array(random.pick(pieces).utf8) }
        if random.chance(1, in: 10) { text += [0xFF, 0x80] }
        return text
    }

    private func percent(_ text: String) -> String {
        text.unicodeScalars.map { String(decoding: TransferEncoder.percent($0), as: UTF8.self) }.joined()
    }
}
