// SPDX-License-Identifier: MIT

internal import Mail

/// What a settlement may be, so that the queue takes it and a case can keep it.
extension Settlement {
    /// Octets of ours in all of a message's forms: half of what the queue's record of a message holds; the
    /// trail is in it too.
    static let insertedOctetsMax = 4_194_304
    /// Pieces of one form, as the queue has it.
    static let piecesMax = 10_000
    /// Entries, as the queue has it: their numbers have three digits.
    static let entriesMax = 900

    /// Why the queue would refuse it for good, so that the client came again in vain; nil where it wouldn't.
    var excess: String? {
        if entries.count > Self.entriesMax {
            return "the message would go out in more than \(Self.entriesMax) different ways"
        }
        var inserted = 0
        for edition in editions {
            guard edition.pieces.count <= Self.piecesMax else {
                return "a form of the message has more than \(Self.piecesMax) pieces"
            }
            for case .inserted(let octets) in edition.pieces { inserted += octets.count }
        }
        guard inserted > Self.insertedOctetsMax else { return nil }
        return "the message's forms differ in more than \(Self.insertedOctetsMax) octets"
    }

    // MARK: In cases

    /// Octets of ours of one edition that a case keeps as they are: the header lines that explain most of
    /// them.
    private static let keptOctetsMax = 4_096
    /// Pieces of one edition that a case keeps as they are.
    private static let keptPiecesMax = 64
    /// Octets of what stands for the rest.
    private static let standInOctetsMax = 128

    /// As a case keeps it: of an edition with long texts of ours or many pieces, the beginning, and what
    /// tells the rest from any other. What replay makes is compared with it after the same (promise P12).
    package var abridged: Settlement {
        var settlement = self
        settlement.editions = editions.map(Self.abridged)
        return settlement
    }

    /// The same once more is the same again.
    private static func abridged(_ edition: Edition) -> Edition {
        let inserted = edition.pieces.reduce(0) {
            if case .inserted(let octets) = $1 { $0 + octets.count } else { $0 }
        }
        guard inserted > keptOctetsMax + standInOctetsMax || edition.pieces.count > keptPiecesMax + 1 else {
            return edition
        }
        var kept: [Edition.Piece] = []
        var left = keptOctetsMax
        for piece in edition.pieces.prefix(keptPiecesMax) {
            if case .inserted(let octets) = piece {
                guard octets.count <= left else { break }
                left -= octets.count
            }
            kept.append(piece)
        }
        let rest = edition.pieces.dropFirst(kept.count)
        var sum = FormSum()
        for piece in rest { sum.add(piece) }
        let text =
            "[\(rest.count) pieces, \(Edition(pieces: Array(rest)).octets) octets, sum "
            + "\(String(sum.value, radix: 16))]"
        return Edition(pieces: kept + [.inserted(Array(text.utf8))])
    }
}

extension Settlement.Judged {
    /// The same where nothing of what scripts wanted can be done, reports of refusals among it.
    func held(_ reason: String, edition: Int) -> Settlement.Judged {
        var judged = self
        judged.copies = []
        judged.besides = []
        judged.edition = edition
        switch verdict {
        case .relay, .hold, .reject:
            judged.verdict = .hold(reason)
            judged.keepsCopy = true
            judged.rule = nil
        case .discard, .retryLater: break
        }
        return judged
    }
}

/// FNV-1a of 64 bits over pieces. It shows that two replays made the same, not that nobody forged a case.
private struct FormSum {
    private(set) var value: UInt64 = 0xCBF2_9CE4_8422_2325

    mutating func add(_ piece: Edition.Piece) {
        switch piece {
        case .original(let range):
            add(0)
            add(range.lowerBound)
            add(range.upperBound)
        case .inserted(let octets):
            add(1)
            add(octets.count)
            for octet in octets { add(octet) }
        }
    }

    private mutating func add(_ number: Int) {
        for shift in stride(from: 0, to: 64, by: 8) {
            add(UInt8(truncatingIfNeeded: UInt64(bitPattern: Int64(number)) >> UInt64(shift)))
        }
    }

    private mutating func add(_ octet: UInt8) { value = (value ^ UInt64(octet)) &* 0x100_0000_01B3 }
}
