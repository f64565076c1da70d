// SPDX-License-Identifier: MIT

/// Under which key each entry of a table stands, worked out once when the table is compiled.
struct TableIndexPlan {
    private(set) var slots: [TableIndex.Slot]
    private(set) var filter: [UInt64]
    private(set) var postings: [UInt32] = []
    /// In `postings`: entries without a key.
    private(set) var keyless = 0..<0
    private(set) var shapes: Set<IndexKey.Shape> = []

    /// Patterns that may share the best cheap key before grams are looked at, which a target is searched for
    /// octet by octet.
    private static let sharedMax = 4

    init(_ patterns: [Pattern]) {
        var census = KeyCensus(patterns: patterns.count)
        let anchored = patterns.map { IndexKey.anchored(in: $0) }
        for keys in anchored { for key in keys { census.count(key) } }
        var chosen = anchored.map { census.rarest(of: $0) }
        // Only those whose cheap keys are shared by many, or that have none.
        let crowded = chosen.indices.filter { (chosen[$0]?.patterns ?? .max) > Self.sharedMax }
        for entry in crowded { for key in IndexKey.grams(in: patterns[entry]) { census.count(key) } }
        for entry in crowded {
            guard let gram = census.rarest(of: IndexKey.grams(in: patterns[entry])) else { continue }
            if let other = chosen[entry], gram.patterns * 2 > other.patterns { continue }
            chosen[entry] = gram
        }
        slots = [TableIndex.Slot](repeating: TableIndex.Slot(), count: Self.power(over: 2 * patterns.count))
        filter = [UInt64](repeating: 0, count: max(1, Self.power(over: 8 * patterns.count) / 64))
        file(chosen.map { $0?.key })
    }

    /// Lays the entries of each key side by side: counts, sums, and then fills in, so that none is sorted.
    private mutating func file(_ keys: [IndexKey?]) {
        var places = [Int](repeating: -1, count: keys.count)
        for (entry, key) in keys.enumerated() {
            guard let key else { continue }
            shapes.insert(key.shape)
            places[entry] = place(of: key.hash)
            slots[places[entry]].hash = key.hash
            slots[places[entry]].count += 1
            let bit = Int(truncatingIfNeeded: key.hash >> 40) & (filter.count * 64 - 1)
            filter[bit >> 6] |= 1 << UInt64(bit & 63)
        }
        var start: UInt32 = 0
        for index in slots.indices {
            slots[index].start = start
            start += slots[index].count
        }
        var ends = slots.map(\.start)
        postings = [UInt32](repeating: 0, count: keys.count)
        keyless = Int(start)..<keys.count
        for (entry, place) in places.enumerated() {
            let position: UInt32
            if place >= 0 {
                position = ends[place]
                ends[place] += 1
            } else {
                position = start
                start += 1
            }
            postings[Int(position)] = UInt32(truncatingIfNeeded: entry)
        }
    }

    private func place(of hash: UInt64) -> Int {
        let mask = slots.count - 1
        var place = Int(truncatingIfNeeded: hash) & mask
        while slots[place].count > 0, slots[place].hash != hash { place = (place + 1) & mask }
        return place
    }

    /// The least power of two that is no less, and at least 64.
    static func power(over count: Int) -> Int {
        var power = 64
        while power < count { power *= 2 }
        return power
    }
}

/// How many patterns have a key, nearly: keys that meet in one counter are taken for one, which costs speed
/// at worst.
private struct KeyCensus {
    private var counters: [UInt32]

    init(patterns: Int) {
        // Four megabytes at most: beyond, counters are shared by few.
        counters = [UInt32](repeating: 0, count: min(TableIndexPlan.power(over: 16 * patterns), 1 << 20))
    }

    private func place(_ key: IndexKey) -> Int {
        Int(truncatingIfNeeded: key.hash >> 20) & (counters.count - 1)
    }

    mutating func count(_ key: IndexKey) {
        let place = place(key)
        counters[place] += 1
    }

    /// The first of the rarest.
    func rarest(of keys: [IndexKey]) -> (key: IndexKey, patterns: UInt32)? {
        var best: (key: IndexKey, patterns: UInt32)?
        for key in keys {
            let patterns = counters[place(key)]
            if best.map({ patterns < $0.patterns }) ?? true { best = (key, patterns) }
        }
        return best
    }
}
