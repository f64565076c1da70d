// SPDX-License-Identifier: MIT

/// A `:matches` key, cut at its stars (RFC 5228 §2.7.1): `*` is any run of octets, `?` one octet, `\` takes
/// the next octet as it is.
///
/// Each piece between two stars is searched once, from left to right: if it fits at its first place, no
/// later place can help the pieces behind it. So there is nothing to go back to, and no pattern makes the
/// time explode.
struct GlobPattern: Sendable {
    private let pieces: [Piece]
    /// Octets that a value has at least.
    private let shortest: Int

    private enum Piece: Sendable {
        case literal(SubstringPattern)
        /// Nil is `?`.
        case mixed([UInt8?])

        var count: Int {
            switch self {
            case .literal(let pattern): pattern.key.count
            case .mixed(let octets): octets.count
            }
        }
    }

    /// `key` as the comparator prepared it.
    init(_ key: [UInt8]) {
        var pieces: [Piece] = []
        // Most have one star or two.
        pieces.reserveCapacity(3)
        var start = 0
        // Whether the piece has more than letters that stand for themselves.
        var isPlain = true
        var offset = 0
        while offset < key.count {
            switch key[offset] {
            case UInt8(ascii: "*"):
                pieces.append(Self.piece(key[start..<offset], isPlain))
                start = offset + 1
                isPlain = true
            case UInt8(ascii: "?"):
                isPlain = false
            case UInt8(ascii: "\\"):
                isPlain = false
                offset += 1
            default:
                break
            }
            offset += 1
        }
        pieces.append(Self.piece(key[start...], isPlain))
        self.pieces = pieces
        shortest = pieces.reduce(0) { $0 + $1.count }
    }

    /// What stands between two stars.
    private static func piece(_ text: ArraySlice<UInt8>, _ isPlain: Bool) -> Piece {
        if isPlain { return .literal(SubstringPattern(Array(text))) }
        var octets: [UInt8?] = []
        var rest = text
        while let octet = rest.popFirst() {
            // A backslash at the end stands for itself.
            octets.append(
                octet == UInt8(ascii: "?")
                    ? nil : octet == UInt8(ascii: "\\") ? rest.popFirst() ?? octet : octet)
        }
        let literal = octets.compactMap { $0 }
        return literal.count == octets.count ? .literal(SubstringPattern(literal)) : .mixed(octets)
    }

    /// Whether the whole of `value` matches, and then what each wildcard stood for, from left to right: a
    /// star for as little as possible (RFC 5229 §3.2). Throws beyond `stepsMax`.
    func matches(
        _ value: [UInt8], stepsMax: Int, captures: inout [Range<Int>]
    ) throws(Interruption) -> Bool {
        guard value.count >= shortest, let first = pieces.first, let last = pieces.last else { return false }
        if pieces.count == 1 {
            guard value.count == first.count && Self.fits(first, value, at: 0) else { return false }
            Self.capture(first, at: 0, &captures)
            return true
        }
        // The first piece begins the value, the last ends it; they don't overlap, since the value is long
        // enough.
        guard Self.fits(first, value, at: 0), Self.fits(last, value, at: value.count - last.count) else {
            return false
        }
        let end = value.count - last.count
        Self.capture(first, at: 0, &captures)
        var offset = first.count
        var steps = 0
        for piece in pieces.dropFirst().dropLast() {
            guard let found = try Self.search(piece, value, offset..<end, &steps, stepsMax) else {
                return false
            }
            captures.append(offset..<found)
            Self.capture(piece, at: found, &captures)
            offset = found + piece.count
        }
        captures.append(offset..<end)
        Self.capture(last, at: end, &captures)
        return true
    }

    /// The question marks of a piece, one octet each.
    private static func capture(_ piece: Piece, at offset: Int, _ captures: inout [Range<Int>]) {
        guard case .mixed(let octets) = piece else { return }
        for (index, octet) in octets.enumerated() where octet == nil {
            captures.append(offset + index..<offset + index + 1)
        }
    }

    private static func fits(_ piece: Piece, _ value: [UInt8], at offset: Int) -> Bool {
        switch piece {
        case .literal(let pattern):
            for (index, octet) in pattern.key.enumerated() where value[offset + index] != octet {
                return false
            }
        case .mixed(let octets):
            for (index, octet) in octets.enumerated() {
                if let octet, value[offset + index] != octet { return false }
            }
        }
        return true
    }

    /// The first place inside `range` at which `piece` fits whole.
    private static func search(
        _ piece: Piece, _ value: [UInt8], _ range: Range<Int>, _ steps: inout Int, _ stepsMax: Int
    ) throws(Interruption) -> Int? {
        guard range.count >= piece.count else { return nil }
        switch piece {
        case .literal(let pattern):
            guard let found = pattern.firstOffset(in: value, from: range.lowerBound),
                found + pattern.key.count <= range.upperBound
            else { return nil }
            steps += found - range.lowerBound + pattern.key.count
            try check(steps, stepsMax)
            return found
        case .mixed(let octets):
            for start in range.lowerBound...(range.upperBound - octets.count) {
                var index = 0
                while index < octets.count, octets[index] == nil || octets[index] == value[start + index] {
                    index += 1
                }
                if index == octets.count { return start }
                steps += index + 1
                try check(steps, stepsMax)
            }
            return nil
        }
    }

    private static func check(_ steps: Int, _ stepsMax: Int) throws(Interruption) {
        if steps > stepsMax {
            throw .fault("a :matches pattern took more than \(stepsMax) steps on one value")
        }
    }
}
