// SPDX-License-Identifier: MIT
internal import Mail

/// The entries of one table by what a target must contain for them to match.
///
/// Each entry stands under exactly one key: of those that its pattern has, the one that fewest other patterns
/// share. A target is looked up by its whole, by its first and last octets in the lengths that are in use, by
/// the addresses in it cut to the prefixes that are in use, and by each stretch of octets in the lengths that
/// are in use. Entries without any key are candidates for every target. Memory and the time to build it grow
/// in proportion to the octets of the patterns.
final class TableIndex: Sendable {
    struct Slot: Sendable {
        var hash: UInt64 = 0
        var start: UInt32 = 0
        /// 0 where the slot is free.
        var count: UInt32 = 0
    }

    /// Entries from which on a table gets an index. Below, trying each one's screen is as quick.
    static let entriesMin = 16

    /// A power of two of them, at least twice as many as keys.
    private let slots: [Slot]
    /// One bit for each key among at least eight: turns away most look-ups without leaving the nearest cache.
    private let filter: [UInt64]
    private let postings: [UInt32]
    /// In `postings`: entries without a key.
    private let keyless: Range<Int>
    private let hasWholes: Bool
    /// Ascending.
    private let headLengths: [Int]
    private let tailLengths: [Int]
    private let gramLengths: [Int]
    private let addresses: IndexedAddresses

    init(_ patterns: [Pattern]) {
        let plan = TableIndexPlan(patterns)
        slots = plan.slots
        filter = plan.filter
        postings = plan.postings
        keyless = plan.keyless
        hasWholes = plan.shapes.contains(.whole)
        var heads: [Int] = []
        var tails: [Int] = []
        var grams: [Int] = []
        var addresses = IndexedAddresses()
        for shape in plan.shapes {
            switch shape {
            case .whole: break
            case .head(let octets): heads.append(octets)
            case .tail(let octets): tails.append(octets)
            case .gram(let octets): grams.append(octets)
            case .address(let place, let isIPv4, let bits): addresses.add(place, isIPv4: isIPv4, bits: bits)
            }
        }
        headLengths = heads.sorted()
        tailLengths = tails.sorted()
        gramLengths = grams.sorted()
        self.addresses = addresses
    }

    /// Every entry that matches `target` is among them, and few others, in the order of the table.
    func candidates(for target: borrowing Target) -> Candidates {
        var found = Candidates(postings: postings)
        found.add(keyless)
        let text = target.folded.span
        found.charge(text.count)
        if hasWholes { look(for: IndexKey.hash(whole: text), &found) }
        lookForEnds(text, &found)
        if !gramLengths.isEmpty { lookForGrams(text, &found) }
        if !addresses.isEmpty { lookForAddresses(text, &found) }
        found.seal()
        return found
    }

    @inline(__always)
    private func look(for hash: UInt64, _ found: inout Candidates) {
        let bit = Int(truncatingIfNeeded: hash >> 40) & (filter.count * 64 - 1)
        guard filter[bit >> 6] & (1 << UInt64(bit & 63)) != 0 else { return }
        fetch(hash, &found)
    }

    private func fetch(_ hash: UInt64, _ found: inout Candidates) {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        // Bounded: half of the slots are free.
        while slots[place].count > 0 {
            if slots[place].hash == hash {
                let start = Int(slots[place].start)
                return found.add(start..<(start + Int(slots[place].count)))
            }
            place = (place + 1) & mask
        }
    }

    private func lookForEnds(_ text: Span<UInt8>, _ found: inout Candidates) {
        var hash = IndexKey.headSeed
        var octets = 0
        for length in headLengths {
            guard length <= text.count else { break }
            while octets < length {
                hash.add(text[octets])
                octets += 1
            }
            look(for: hash.value, &found)
        }
        hash = IndexKey.tailSeed
        octets = 0
        for length in tailLengths {
            guard length <= text.count else { break }
            while octets < length {
                hash.add(text[text.count - 1 - octets])
                octets += 1
            }
            look(for: hash.value, &found)
        }
    }

    private func lookForGrams(_ text: Span<UInt8>, _ found: inout Candidates) {
        for length in gramLengths where length <= text.count {
            let mask = UInt64.max << UInt64(64 - 8 * length)
            var window: UInt64 = 0
            var position = 0
            while position < length - 1 {
                window = window >> 8 | UInt64(text[position]) << 56
                position += 1
            }
            while position < text.count {
                window = window >> 8 | UInt64(text[position]) << 56
                look(for: IndexKey.hash(gram: window & mask, octets: length), &found)
                position += 1
            }
            found.charge(text.count)
        }
    }

    private func lookForAddresses(_ text: Span<UInt8>, _ found: inout Candidates) {
        guard !text.isEmpty else { return }
        if addresses.isAtStart || addresses.isAnywhere {
            lookForAddress(at: 0, addresses.isAtStart ? .start : nil, text, &found)
        }
        guard addresses.isInside || addresses.isAnywhere else { return }
        for position in 1..<text.count {
            let before = text[position - 1]
            let isPlace = addresses.isAfter(before)
            guard isPlace || addresses.isAnywhere else { continue }
            lookForAddress(at: position, isPlace ? .after(before) : nil, text, &found)
        }
    }

    /// `place` is what stands before it, if addresses at such places are looked for.
    private func lookForAddress(
        at position: Int, _ place: IndexKey.AddressPlace?, _ text: Span<UInt8>, _ found: inout Candidates
    ) {
        guard Network.canBegin(with: text[position]),
            let (isIPv4, address) = Network.address(in: text, at: position)
        else { return }
        let lengths = isIPv4 ? addresses.ipv4Lengths : addresses.ipv6Lengths
        found.charge(lengths.count)
        for bits in lengths {
            let network = address & Network.mask(isIPv4: isIPv4, bits: bits)
            if let place {
                look(for: IndexKey.hash(address: network, isIPv4: isIPv4, bits: bits, place), &found)
            }
            if addresses.isAnywhere {
                look(for: IndexKey.hash(address: network, isIPv4: isIPv4, bits: bits, .anywhere), &found)
            }
        }
    }
}

/// Where in a target addresses are looked for, and which prefixes of them.
struct IndexedAddresses: Sendable {
    /// By octet: whether an address after it is looked for.
    private var octets = [Bool](repeating: false, count: 256)
    private(set) var isInside = false
    private(set) var isAtStart = false
    private(set) var isAnywhere = false
    /// Ascending, each once.
    private(set) var ipv4Lengths: [Int] = []
    private(set) var ipv6Lengths: [Int] = []

    var isEmpty: Bool { ipv4Lengths.isEmpty && ipv6Lengths.isEmpty }

    mutating func add(_ place: IndexKey.AddressPlace, isIPv4: Bool, bits: Int) {
        switch place {
        case .start: isAtStart = true
        case .after(let octet):
            octets[Int(octet)] = true
            isInside = true
        case .anywhere: isAnywhere = true
        }
        if isIPv4 {
            if !ipv4Lengths.contains(bits) { ipv4Lengths.append(bits) }
        } else {
            if !ipv6Lengths.contains(bits) { ipv6Lengths.append(bits) }
        }
    }

    func isAfter(_ octet: UInt8) -> Bool { octets[Int(octet)] }
}
