// SPDX-License-Identifier: MIT

/// Whether one pattern matches everything that another one matches.
///
/// Says yes only where that is certain: each part of the other pattern must be taken by a part of this one
/// whatever it stands for. Where several parts would have to share the work (`%*` and `*%`), it says no.
struct PatternCover {
    /// A pattern's parts, one for each character of its literals.
    enum Part: Equatable, Sendable {
        case character(UInt32)
        /// One character of a set; nil is any.
        case one(ScalarSet?)
        case run(ScalarSet?)
        case network(Network)
    }

    /// Parts between the leading and trailing characters, at most: one bit stands for each. A longer pattern
    /// is taken to cover nothing.
    static let middleMax = 127

    /// By position in the narrow pattern: bit n says that the first n parts of the wide one's middle can take
    /// everything up to there.
    private var reached: [UInt128] = []

    /// Nil for a pattern whose matches can't be told part by part: one with a back-match.
    static func parts(_ pattern: Pattern) -> [Part]? {
        pattern.elements.contains { $0.kind == .backMatch } ? nil : loosely(pattern)
    }

    /// With each back-match as wide as can be: at least everything that the pattern matches.
    static func loosely(_ pattern: Pattern) -> [Part] {
        var parts: [Part] = []
        for element in pattern.elements {
            switch element.kind {
            case .literal:
                let literals = Array(pattern.literals[element.pool])
                var position = 0
                while let (value, length) = UTF8Text.scalar(in: literals.span, at: position) {
                    parts.append(.character(value))
                    position += length
                }
            case .one: parts.append(.one(element.index.map { pattern.sets[$0] }))
            case .run: parts.append(.run(element.index.map { pattern.sets[$0] }))
            case .backMatch: parts.append(.run(nil))
            case .network: if let index = element.index { parts.append(.network(pattern.networks[index])) }
            }
        }
        return parts
    }

    /// `steps` is what the comparison may cost, and is counted down; below 0 the answer is no.
    mutating func covers(_ wide: [Part], _ narrow: [Part], steps: inout Int) -> Bool {
        // Characters at the ends are compared first: most pairs differ there.
        var middle = 0..<wide.count
        var inner = 0..<narrow.count
        while let last = middle.last, case .character(let value) = wide[last] {
            steps -= 1
            guard let other = inner.last, case .character(value) = narrow[other] else { return false }
            middle.removeLast()
            inner.removeLast()
        }
        while let first = middle.first, case .character(let value) = wide[first] {
            steps -= 1
            guard let other = inner.first, case .character(value) = narrow[other] else { return false }
            middle.removeFirst()
            inner.removeFirst()
        }
        guard middle.count <= Self.middleMax else { return false }
        reached.removeAll(keepingCapacity: true)
        reached.append(contentsOf: repeatElement(0, count: inner.count + 1))
        reached[0] = 1
        var furthest = 0
        for position in 0...inner.count {
            // Nothing reaches this far, and nothing beyond it.
            guard furthest >= position else { return false }
            var part = 0
            while part < middle.count, reached[position] >> UInt128(part) != 0 {
                defer { part += 1 }
                guard reached[position] & (1 << UInt128(part)) != 0 else { continue }
                steps -= 1
                let current = wide[middle.lowerBound + part]
                if case .run = current { reached[position] |= 1 << UInt128(part + 1) }
                guard position < inner.count,
                    let move = Self.move(current, narrow, inner.lowerBound + position),
                    position + move.length <= inner.count
                else { continue }
                reached[position + move.length] |= 1 << UInt128(move.isDone ? part + 1 : part)
                furthest = max(furthest, position + move.length)
            }
            if steps < 0 { return false }
        }
        return reached[inner.count] & (1 << UInt128(middle.count)) != 0
    }

    /// How many of the narrow pattern's parts `wide` takes from `position` on, and whether it is done then;
    /// nil where it can't take what stands there.
    private static func move(
        _ wide: Part, _ narrow: [Part], _ position: Int
    ) -> (length: Int, isDone: Bool)? {
        switch (wide, narrow[position]) {
        case (.character(let one), .character(let other)): one == other ? (1, true) : nil
        case (.one(let set), .character(let value)): set?.contains(value) ?? true ? (1, true) : nil
        case (.one(let set), .one(let other)): includes(set, other) ? (1, true) : nil
        case (.run(let set), .character(let value)): set?.contains(value) ?? true ? (1, false) : nil
        case (.run(let set), .one(let other)), (.run(let set), .run(let other)):
            includes(set, other) ? (1, false) : nil
        case (.run(let set), .network): set?.containsAddresses ?? true ? (1, false) : nil
        case (.network(let one), .network(let other)): other.isWithin(one) ? (1, true) : nil
        case (.network(let network), .character):
            address(in: narrow, from: position, network).map { ($0 - position, true) }
        case (.character, _), (.one, _), (.network, _): nil
        }
    }

    private static func includes(_ set: ScalarSet?, _ other: ScalarSet?) -> Bool {
        guard let set else { return true }
        return other?.isSubset(of: set) ?? false
    }

    /// Where the address that is spelled out from `position` on ends, if it lies in the network.
    private static func address(in parts: [Part], from position: Int, _ network: Network) -> Int? {
        var text: [UInt8] = []
        for part in parts[position...] {
            guard case .character(let value) = part, value < 128 else { break }
            text.append(UInt8(truncatingIfNeeded: value))
        }
        guard let end = network.end(in: text.span, from: 0) else { return nil }
        // A wildcard right after it might make the address longer.
        guard end < text.count || position + end == parts.count else { return nil }
        return position + end
    }
}
