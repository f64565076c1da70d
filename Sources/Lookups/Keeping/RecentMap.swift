// SPDX-License-Identifier: MIT

/// A dictionary of bounded size that knows which key was used least lately.
struct RecentMap<Key: Hashable, Value> {
    private struct Place {
        var key: Key
        var value: Value
        /// Used before and after this one; -1 at the ends.
        var older: Int
        var newer: Int
    }

    /// Entries, at most.
    let countMax: Int
    private var indexes: [Key: Int] = [:]
    private var places: [Place] = []
    private var oldest = -1
    private var newest = -1
    private var cursor = 0

    init(countMax: Int) { self.countMax = max(1, countMax) }

    var count: Int { places.count }

    /// Without counting as a use.
    subscript(key: Key) -> Value? { indexes[key].map { places[$0].value } }

    /// Sets the value of `key`, as the latest use. What had to go for it is returned.
    @discardableResult
    mutating func use(_ key: Key, _ value: Value) -> (key: Key, value: Value)? {
        if let index = indexes[key] {
            places[index].value = value
            unlink(index)
            link(index)
            return nil
        }
        var evicted: (key: Key, value: Value)?
        if places.count >= countMax {
            evicted = (places[oldest].key, places[oldest].value)
            remove(at: oldest)
        }
        indexes[key] = places.count
        places.append(Place(key: key, value: value, older: -1, newer: -1))
        link(places.count - 1)
        return evicted
    }

    @discardableResult
    mutating func remove(_ key: Key) -> Value? {
        guard let index = indexes[key] else { return nil }
        let value = places[index].value
        remove(at: index)
        return value
    }

    /// Looks at up to `limit` further entries and removes those that are `over`; how many that were. Comes
    /// round to every entry in its turn.
    mutating func sweep(_ limit: Int, where isOver: (Value) -> Bool) -> [Key] {
        var removed: [Key] = []
        for _ in 0..<min(limit, places.count) {
            if cursor >= places.count { cursor = 0 }
            if isOver(places[cursor].value) {
                removed.append(places[cursor].key)
                remove(at: cursor)
                if places.isEmpty { break }
            } else {
                cursor += 1
            }
        }
        return removed
    }

    /// From the least to the most lately used.
    func forEach(_ body: (Key, Value) -> Void) {
        var index = oldest
        while index >= 0 {
            body(places[index].key, places[index].value)
            index = places[index].newer
        }
    }

    private mutating func link(_ index: Int) {
        places[index].older = newest
        places[index].newer = -1
        if newest >= 0 { places[newest].newer = index } else { oldest = index }
        newest = index
    }

    private mutating func unlink(_ index: Int) {
        let (older, newer) = (places[index].older, places[index].newer)
        if older >= 0 { places[older].newer = newer } else { oldest = newer }
        if newer >= 0 { places[newer].older = older } else { newest = older }
    }

    /// The last place moves into the one that falls free.
    private mutating func remove(at index: Int) {
        unlink(index)
        indexes[places[index].key] = nil
        let last = places.count - 1
        if index != last {
            let moved = places[last]
            places[index] = moved
            indexes[moved.key] = index
            if moved.older >= 0 { places[moved.older].newer = index } else { oldest = index }
            if moved.newer >= 0 { places[moved.newer].older = index } else { newest = index }
        }
        places.removeLast()
    }
}
