// SPDX-License-Identifier: MIT

internal import Mail

extension Execution {
    /// Has another entity stand where `part` stands.
    mutating func replace(_ part: Part, with entity: [UInt8]) {
        replacements.removeAll {
            part.headerRange.lowerBound <= $0.range.lowerBound
                && $0.range.upperBound <= part.bodyRange.upperBound
        }
        let range = part.headerRange.lowerBound..<max(part.bodyRange.upperBound, part.headerRange.upperBound)
        // Inside a part that was replaced already there is nothing left to replace.
        guard
            !replacements.contains(where: {
                $0.range.lowerBound <= range.lowerBound
                    && range.upperBound <= $0.range.upperBound
            })
        else { return }
        replacements.append(Replacement(range: range, entity: entity))
        replacements.sort { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// Has another entity be the message's whole content.
    mutating func replaceContent(with entity: [UInt8]) {
        content = entity
        var header = self.header
        header.remove(
            header.lines.indices.filter {
                let name = header.lines[$0].name.lowercased()
                return name.hasPrefix("content-") || name == "mime-version"
            })
        header.add(name: "MIME-Version", body: Array("1.0".utf8), atEnd: true)
        exchangeHeader(header)
    }

    /// The message with the script's edits; nil where it made none.
    var edition: Edition? {
        guard header.isChanged || !replacements.isEmpty || content != nil || !enclosures.isEmpty else {
            return nil
        }
        var pieces = header.pieces()
        let message = subject.message
        if let content {
            pieces.append(.inserted(content))
        } else {
            pieces += bodyPieces(of: message)
        }
        for enclosure in enclosures { pieces = enclosed(pieces, in: enclosure) }
        return Edition(pieces: Self.joined(pieces))
    }

    /// The empty line and the body, replaced parts exchanged.
    private func bodyPieces(of message: Message) -> [Edition.Piece] {
        let count = message.bytes.count
        let listed = message.header.fields.last?.range.upperBound ?? message.header.start
        var pieces: [Edition.Piece] = []
        var start = listed
        if message.header.defects.contains(.headerCutShort) {
            // Without it the body's first line could be read as a field's continuation.
            pieces += [.original(listed..<max(listed, message.header.end)), .inserted([0x0D, 0x0A])]
            start = max(listed, message.header.end)
        }
        for replacement in replacements where replacement.range.lowerBound >= start {
            pieces.append(.original(start..<replacement.range.lowerBound))
            pieces.append(.inserted(replacement.entity))
            start = min(replacement.range.upperBound, count)
        }
        pieces.append(.original(start..<max(start, count)))
        return pieces
    }

    /// RFC 5703 §6: a new message of a text and the old one. It has the old one's way and people, so that it
    /// can be answered and doesn't loop.
    private func enclosed(_ pieces: [Edition.Piece], in enclosure: Enclosure) -> [Edition.Piece] {
        let standard = ["received", "date", "from", "to", "cc", "message-id"]
        var names = Set(standard + enclosure.names.map { $0.lowercased() })
        if enclosure.subject == nil { names.insert("subject") } else { names.remove("subject") }
        var head: [UInt8] = []
        for line in header.lines where names.contains(line.name.lowercased()) {
            let body: [UInt8] =
                switch line {
                case .received(let field): subject.message.header.unfolded(field, in: subject.message.bytes)
                case .added(_, let body): body
                }
            head += FieldText.field(name: line.name, body: body, keepsFolds: true)
        }
        if let subject = enclosure.subject { head += FieldText.field(name: "Subject", body: subject) }
        let text = Entity.plain(enclosure.text)
        let boundary = Entity.boundary([text, head, Array(String(subject.message.bytes.count).utf8)])
        head += Array("MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"".utf8) + boundary
        head += Array("\"\r\n\r\n--".utf8) + boundary + Array("\r\n".utf8) + text
        head += Array("\r\n--".utf8) + boundary
        head += Array("\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\n".utf8)
        let tail = Array("\r\n--".utf8) + boundary + Array("--\r\n".utf8)
        return [.inserted(head)] + pieces + [.inserted(tail)]
    }

    /// Without empty pieces, neighbours as one.
    private static func joined(_ pieces: [Edition.Piece]) -> [Edition.Piece] {
        var joined: [Edition.Piece] = []
        for piece in pieces {
            switch (joined.last, piece) {
            case (_, .original(let range)) where range.isEmpty: continue
            case (_, .inserted(let octets)) where octets.isEmpty: continue
            case (.original(let before)?, .original(let range)) where before.upperBound == range.lowerBound:
                joined[joined.count - 1] = .original(before.lowerBound..<range.upperBound)
            case (.inserted(let before)?, .inserted(let octets)):
                joined[joined.count - 1] = .inserted(before + octets)
            default: joined.append(piece)
            }
        }
        return joined
    }
}

/// An entity instead of a part: header and body of the part, as they stand in the received message.
struct Replacement: Sendable {
    let range: Range<Int>
    let entity: [UInt8]
}
