// SPDX-License-Identifier: MIT
internal import Mail

/// Something that a target must contain for a pattern to match it, as a hash.
///
/// Two keys with one hash would only add entries to compare, never lose one.
struct IndexKey: Sendable {
    /// Where in a target the key is looked for, and so what it costs to find it.
    enum Shape: Hashable, Sendable {
        /// The whole target.
        case whole
        /// Its first octets, so many.
        case head(Int)
        /// Its last octets.
        case tail(Int)
        /// An address after this octet or at the beginning, cut to so many bits.
        case address(AddressPlace, isIPv4: Bool, bits: Int)
        /// So many octets anywhere, at most eight.
        case gram(Int)
    }

    /// What stands before an address.
    enum AddressPlace: Hashable, Sendable {
        case start
        case after(UInt8)
        case anywhere

        var code: UInt64 {
            switch self {
            case .start: 256
            case .after(let octet): UInt64(octet)
            case .anywhere: 257
            }
        }
    }

    let shape: Shape
    let hash: UInt64

    /// Octets of a head or tail that are hashed: for each length in use a target is looked up once.
    static let endOctetsMax = 64
    /// Places of a pattern's literals where a gram is tried, so that a long pattern costs little more than
    /// others.
    static let gramsTriedMax = 64

    /// The cheap keys of `pattern`: the whole of it, its ends, its networks. They need no more than one look
    /// each.
    static func anchored(in pattern: Pattern) -> [IndexKey] {
        let elements = pattern.elements
        let octets = pattern.literals
        let literals = octets.span
        guard let first = elements.first, let last = elements.last else {
            return [IndexKey(shape: .whole, hash: hash(whole: literals))]
        }
        if elements.count == 1, first.kind == .literal {
            return [IndexKey(shape: .whole, hash: hash(whole: literals.extracting(first.pool)))]
        }
        var keys: [IndexKey] = []
        if first.kind == .literal {
            let length = min(first.pool.count, endOctetsMax)
            var hash = headSeed
            for offset in 0..<length { hash.add(literals[first.pool.lowerBound + offset]) }
            keys.append(IndexKey(shape: .head(length), hash: hash.value))
        }
        if last.kind == .literal {
            let length = min(last.pool.count, endOctetsMax)
            var hash = tailSeed
            for offset in 0..<length { hash.add(literals[last.pool.upperBound - 1 - offset]) }
            keys.append(IndexKey(shape: .tail(length), hash: hash.value))
        }
        for (index, element) in elements.enumerated() where element.kind == .network {
            guard let network = element.index.map({ pattern.networks[$0] }) else { continue }
            let place: AddressPlace =
                if index == 0 {
                    .start
                } else if elements[index - 1].kind == .literal {
                    .after(literals[elements[index - 1].pool.upperBound - 1])
                } else {
                    .anywhere
                }
            keys.append(
                IndexKey(
                    shape: .address(place, isIPv4: network.isIPv4, bits: network.prefixLength),
                    hash: hash(
                        address: network.value, isIPv4: network.isIPv4, bits: network.prefixLength, place)))
        }
        return keys
    }

    /// Stretches of up to eight octets of the literals of `pattern`, wherever they stand.
    static func grams(in pattern: Pattern) -> [IndexKey] {
        var keys: [IndexKey] = []
        for element in pattern.elements where element.kind == .literal && element.pool.count > 1 {
            let length = min(8, element.pool.count)
            for start in element.pool.lowerBound...(element.pool.upperBound - length) {
                guard keys.count < gramsTriedMax else { return keys }
                // As a window that slides over the target holds it: the last octet in the highest place.
                let octets = pattern.literals[start..<(start + length)]
                let word = Screen.packed(octets) << UInt64(64 - 8 * length)
                keys.append(IndexKey(shape: .gram(length), hash: hash(gram: word, octets: length)))
            }
        }
        return keys
    }

    // MARK: Hashes, of patterns and targets alike

    @inline(__always)
    static var headSeed: OctetHash { OctetHash(seed: 1) }

    /// For octets from the last to the first.
    @inline(__always)
    static var tailSeed: OctetHash { OctetHash(seed: 2) }

    static func hash(whole octets: Span<UInt8>) -> UInt64 {
        var hash = OctetHash(seed: 3)
        var position = 0
        while position + 8 <= octets.count {
            hash.add(octets.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
            position += 8
        }
        while position < octets.count {
            hash.add(octets[position])
            position += 1
        }
        return hash.value
    }

    /// `address` cut to `bits`.
    @inline(__always)
    static func hash(address: UInt128, isIPv4: Bool, bits: Int, _ place: AddressPlace) -> UInt64 {
        var hash = OctetHash(seed: 4 &+ place.code << 16 &+ UInt64(bits) << 1 &+ (isIPv4 ? 1 : 0))
        hash.add(UInt64(truncatingIfNeeded: address))
        if !isIPv4 { hash.add(UInt64(truncatingIfNeeded: address >> 64)) }
        return hash.value
    }

    /// `word` holds the octets in its highest places, the last one highest, and nothing below.
    @inline(__always)
    static func hash(gram word: UInt64, octets: Int) -> UInt64 {
        let mixed = (word ^ UInt64(octets) &* 0x9E37_79B9_7F4A_7C15) &* 0xD6E8_FEB8_6659_FD93
        return mixed ^ (mixed >> 32)
    }
}
