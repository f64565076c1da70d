// SPDX-License-Identifier: MIT

/// Where a peer reads a message differently that nobody could be deceived with: how that is seen.
enum Exception: CaseIterable {
    /// Python takes blanks off the ends of a file name, even within quotes.
    case blanksOfNames
    /// GMime leaves the CR before a closing delimiter in the part where the message ends right after that
    /// delimiter, without a line end.
    case carriageReturnOfTheLastPart

    /// The exception that explains why a message without a defect isn't read alike.
    static func explaining(_ message: [UInt8], _ own: OwnReading, _ peers: PeerReading) -> Exception? {
        if own.parts == peers.gmime {
            let stripped = own.parts.map { part in
                var part = part
                part.name = String(part.name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
                return part
            }
            return stripped == peers.python ? .blanksOfNames : nil
        }
        guard own.parts == peers.python, message.last != 0x0A, own.parts.count == peers.gmime.count,
            own.parts.dropLast() == peers.gmime.dropLast(), let mine = own.parts.last,
            let theirs = peers.gmime.last
        else { return nil }
        return mine.type == theirs.type && mine.size + 1 == theirs.size ? .carriageReturnOfTheLastPart : nil
    }
}
