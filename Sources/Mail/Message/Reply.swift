// SPDX-License-Identifier: MIT

/// An SMTP reply: code, enhanced status (RFC 3463, RFC 2034) and text, for the peer's eyes.
package struct Reply: Codable, Hashable, Sendable {
    package let code: Int
    /// `class.subject.detail`, or nil where none belongs (greeting, EHLO, 354).
    package let status: String?
    /// One line or more; printable ASCII, each at most `lineOctetsMax`.
    package let lines: [String]

    /// RFC 5321 §4.5.3.1.5: 512 with code, status and CRLF.
    package static let lineOctetsMax = 480
    /// Lines of one reply, at most.
    package static let linesMax = 20

    /// Text from outside may be handed in: what isn't printable ASCII becomes `?`, what is too long is cut. A
    /// code
    /// outside 200...599 becomes 451; a status of another class than the code is replaced by `x.0.0`.
    package init(_ code: Int, _ status: String? = nil, lines: [String]) {
        let code = (200...599).contains(code) ? code : 451
        self.code = code
        self.status = status.map { status in
            Self.isStatus(status) && status.utf8.first == UInt8(0x30 + code / 100)
                ? status : "\(code / 100).0.0"
        }
        let kept = lines.isEmpty ? [""] : lines.prefix(Self.linesMax).map(Self.printable)
        self.lines = kept
    }

    package init(_ code: Int, _ status: String? = nil, _ text: String) {
        self.init(code, status, lines: [text])
    }

    package var isPositive: Bool { code < 400 }
    package var isTransient: Bool { (400..<500).contains(code) }
    package var isPermanent: Bool { code >= 500 }

    /// As one line for logs and trails: `550 5.7.1 Relaying not allowed`.
    package var text: String {
        ([String(code)] + (status.map { [$0] } ?? []) + [lines.joined(separator: " ")]).joined(separator: " ")
    }

    /// As it goes over the wire, CRLF included.
    package var wire: [UInt8] {
        var bytes: [UInt8] = []
        for (index, line) in lines.enumerated() {
            bytes += Array(String(code).utf8)
            bytes.append(UInt8(ascii: index == lines.count - 1 ? " " : "-"))
            if let status {
                bytes += Array(status.utf8)
                if !line.isEmpty { bytes.append(UInt8(ascii: " ")) }
            }
            bytes += Array(line.utf8)
            bytes += [0x0D, 0x0A]
        }
        return bytes
    }

    /// The same reply with ` (case ID)` at the end of its last line: the peer's postmaster can quote it to
    /// ours.
    package func naming(case id: String) -> Reply {
        var lines = lines
        // `lines` is never empty, and ASCII: octets are characters.
        guard let last = lines.popLast() else { return self }
        let suffix = " (case \(id))"
        let kept = last.utf8.prefix(Self.lineOctetsMax - suffix.utf8.count)
        lines.append(String(decoding: kept, as: UTF8.self) + suffix)
        return Reply(code, status, lines: lines)
    }

    /// `d.d.d` with one to three digits in the last two places (RFC 3463 §2).
    package static func isStatus(_ text: String) -> Bool {
        let fields = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard fields.count == 3, fields[0].count == 1, let first = fields[0].first,
            [0x32, 0x34, 0x35].contains(first)
        else { return false }
        return fields.allSatisfy {
            (1...3).contains($0.count) && $0.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    private static func printable(_ line: String) -> String {
        // Almost every line is as it should be, and then nothing is copied.
        if line.utf8.count <= lineOctetsMax, line.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) {
            return line
        }
        let bytes = line.utf8.prefix(lineOctetsMax).map {
            (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
