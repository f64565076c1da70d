// SPDX-License-Identifier: MIT

/// Where a peer reads a message differently that nobody could be deceived with: how that is seen.
enum Exception: CaseIterable {
    /// Python takes blanks off the ends of a file name, even within quotes.
    case blanksOfNames

    /// The exception that explains why a message without a defect isn't read alike.
    static func explaining(_ own: OwnReading, _ peers: PeerReading) -> Exception? {
        guard own.parts == peers.gmime else { return nil }
        let stripped = own.parts.map { part in
            var part = part
            part.name = String(part.name.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            return part
        }
        return stripped == peers.python ? .blanksOfNames : nil
    }
}
