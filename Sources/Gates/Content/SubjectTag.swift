// SPDX-License-Identifier: MIT

internal import Mail

/// Puts a tag before a message's subject (`$T`), without touching what the subject was.
enum SubjectTag {
    /// Octets of a tag.
    static let octetsMax = 60
    /// Octets of a line without its end (RFC 5322 §2.1.1).
    private static let lineOctetsMax = 998

    /// Where in `message` something goes in, and what: behind the colon of the topmost subject. Nil where the
    /// message has no subject.
    static func insertion(_ tag: String, in message: Message) -> (offset: Int, octets: [UInt8])? {
        guard let field = message.header.first(named: "subject") else { return nil }
        var octets: [UInt8] = [0x20]
        octets += PlainText.line(tag, octetsMax: octetsMax).utf8
        let body = message.bytes.bytes(in: field.body)
        let firstLine = body.prefix { $0 != 0x0D && $0 != 0x0A }
        let startsBlank = firstLine.first == 0x20 || firstLine.first == 0x09
        if !startsBlank, !firstLine.isEmpty { octets.append(0x20) }
        // Too long for one line: what was there goes on in the next. It holds more than blanks, or it would
        // end the header.
        let before = field.body.lowerBound - field.range.lowerBound
        if before + octets.count + firstLine.count > lineOctetsMax,
            firstLine.contains(where: { $0 != 0x20 && $0 != 0x09 })
        {
            if !startsBlank { octets.removeLast() }
            octets += startsBlank ? [0x0D, 0x0A] : [0x0D, 0x0A, 0x20]
        }
        return (field.body.lowerBound, octets)
    }

    /// `message` with the tag in its header, and nothing else changed.
    static func edition(_ tag: String, in message: Message) -> Edition {
        let count = message.bytes.count
        guard let insertion = insertion(tag, in: message) else {
            return Edition.unchanged(octets: count).prepending(field(tag))
        }
        return Edition(pieces: [
            .original(0..<insertion.offset), .inserted(insertion.octets), .original(insertion.offset..<count),
        ])
    }

    /// A subject of its own, for a message that has none.
    static func field(_ tag: String) -> [UInt8] { HeaderLine.octets("Subject: \(tag)") }
}
