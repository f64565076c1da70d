// SPDX-License-Identifier: MIT

extension Edition {
    /// What becomes of the message of `base` when it is edited once more: the ranges of these pieces are over
    /// that edition's bytes, those of the result over the received bytes.
    ///
    /// Linear in the pieces of both. A range beyond the bytes of `base` is cut to them.
    package func composed(over base: Edition) -> Edition {
        // Where each piece of the base begins in its bytes.
        var starts: [Int] = []
        starts.reserveCapacity(base.pieces.count)
        var count = 0
        for piece in base.pieces {
            starts.append(count)
            count += piece.octets
        }
        var composed: [Piece] = []
        for piece in pieces {
            switch piece {
            case .inserted(let octets): Self.append(.inserted(octets), to: &composed)
            case .original(let range):
                let range = range.clamped(to: 0..<count)
                var index = Self.place(of: range.lowerBound, in: starts)
                while index < starts.count, starts[index] < range.upperBound {
                    let start = starts[index]
                    let wanted = range.clamped(to: start..<(start + base.pieces[index].octets))
                    let part = (wanted.lowerBound - start)..<(wanted.upperBound - start)
                    Self.append(base.pieces[index].slice(part), to: &composed)
                    index += 1
                }
            }
        }
        return Edition(pieces: composed)
    }

    /// The same with `octets` before everything.
    package func prepending(_ octets: [UInt8]) -> Edition {
        guard !octets.isEmpty else { return self }
        var edition = Edition(pieces: [])
        edition.pieces.reserveCapacity(pieces.count + 1)
        Self.append(.inserted(octets), to: &edition.pieces)
        for piece in pieces { Self.append(piece, to: &edition.pieces) }
        return edition
    }

    /// Whether it is the message as it came, of so many octets.
    package func isUnchanged(octets: Int) -> Bool {
        octets == 0 ? pieces.allSatisfy { $0.octets == 0 } : pieces == [.original(0..<octets)]
    }

    /// The last of the pieces that begin at `offset` or before.
    private static func place(of offset: Int, in starts: [Int]) -> Int {
        var low = 0
        var high = starts.count
        while low + 1 < high {
            let middle = (low + high) / 2
            if starts[middle] <= offset { low = middle } else { high = middle }
        }
        return low
    }

    private static func endsInserted(_ pieces: [Piece]) -> Bool {
        if case .inserted? = pieces.last { true } else { false }
    }

    /// The last is taken out while it grows, so that it isn't copied: many that follow one another cost what
    /// they hold, not its square.
    private static func append(_ octets: [UInt8], toLastOf pieces: inout [Piece]) {
        guard case .inserted(var grown)? = pieces.popLast() else { return }
        grown += octets
        pieces.append(.inserted(grown))
    }

    /// Neighbours become one, and what is empty none: an edition of an edition of an edition stays small.
    private static func append(_ piece: Piece, to pieces: inout [Piece]) {
        guard piece.octets > 0 else { return }
        switch piece {
        case .original(let range):
            if case .original(let before)? = pieces.last, before.upperBound == range.lowerBound {
                pieces[pieces.count - 1] = .original(before.lowerBound..<range.upperBound)
                return
            }
        case .inserted(let octets):
            if endsInserted(pieces) { return append(octets, toLastOf: &pieces) }
        }
        pieces.append(piece)
    }
}

extension Edition.Piece {
    /// Octets that it has on the wire.
    fileprivate var octets: Int {
        switch self {
        case .original(let range): range.count
        case .inserted(let octets): octets.count
        }
    }

    /// A part of it, within its octets.
    fileprivate func slice(_ part: Range<Int>) -> Edition.Piece {
        switch self {
        case .original(let range):
            .original((range.lowerBound + part.lowerBound)..<(range.lowerBound + part.upperBound))
        case .inserted(let octets): .inserted(part == octets.indices ? octets : Array(octets[part]))
        }
    }
}
