// SPDX-License-Identifier: MIT

package import Mail

/// A server's reply as it came: code and lines (RFC 5321 §4.2). EHLO's lines are read from here; anything
/// else reads `reply`, which is bounded and printable.
package struct ReplyLines: Hashable, Sendable {
    /// 200...599.
    package let code: Int
    /// What stands behind the code and its separator, one for each line, at least one; octets unchecked.
    package let lines: [[UInt8]]

    /// The status that leads each line (RFC 2034 §4) is taken out, where it is one and of the code's class.
    package var reply: Reply {
        let first = lines.first.map(Self.split) ?? (status: nil, text: [])
        guard let status = first.status, status.utf8.first == UInt8(0x30 + code / 100) else {
            return Reply(code, nil, lines: lines.map { String(decoding: $0, as: UTF8.self) })
        }
        let texts = lines.map { line in
            let parts = Self.split(line)
            return String(decoding: parts.status == status ? parts.text : line, as: UTF8.self)
        }
        return Reply(code, status, lines: texts)
    }

    private static func split(_ line: [UInt8]) -> (status: String?, text: [UInt8]) {
        let word = line.prefix { $0 != Octet.space }
        // The longest is 5.nnn.nnn.
        guard word.count <= 9 else { return (nil, line) }
        let status = String(decoding: word, as: UTF8.self)
        return Reply.isStatus(status) ? (status, Array(line.dropFirst(word.count + 1))) : (nil, line)
    }
}
