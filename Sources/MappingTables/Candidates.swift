// SPDX-License-Identifier: MIT

/// Entries that may match one target, in the order of the table: several ascending lists, merged as far as
/// somebody asks.
struct Candidates: Sendable {
    private struct List: Sendable {
        /// Its next entry.
        var entry: UInt32
        /// Where the one after it stands.
        var position: UInt32
        let end: UInt32

        /// False at the end.
        mutating func advance(in postings: [UInt32]) -> Bool {
            guard position < end else { return false }
            entry = postings[Int(position)]
            position += 1
            return true
        }
    }

    /// Numbers of entries, list after list.
    private let postings: [UInt32]
    /// The only list; nil where there is none, or more than one.
    private var only: List?
    /// More than one list. Once `seal` was called, a heap with the least entry on top.
    private var lists: [List] = []
    /// What looking cost, in steps of about one octet or one look-up, and nobody has taken yet.
    private var cost = 0

    /// Lists up to which a new one is compared with each before: nearly every target has fewer.
    private static let comparedMax = 8

    init(postings: [UInt32]) { self.postings = postings }

    /// Adds a list: these numbers, ascending. A list may be added again and again.
    mutating func add(_ list: Range<Int>) {
        guard !list.isEmpty else { return }
        let position = UInt32(truncatingIfNeeded: list.lowerBound + 1)
        let added = List(
            entry: postings[list.lowerBound], position: position,
            end: UInt32(truncatingIfNeeded: list.upperBound))
        if let first = only {
            guard first.position != position else { return }
            lists = [first, added]
            only = nil
        } else if lists.isEmpty {
            only = added
        } else {
            if lists.count <= Self.comparedMax {
                for other in lists where other.position == position { return }
            }
            lists.append(added)
        }
    }

    /// No more lists come.
    mutating func seal() {
        if lists.count > Self.comparedMax {
            cost += lists.count
            lists.sort { $0.position < $1.position }
            var kept = 1
            for index in 1..<lists.count where lists[index].position != lists[kept - 1].position {
                lists[kept] = lists[index]
                kept += 1
            }
            lists.removeLast(lists.count - kept)
        }
        for place in (0..<(lists.count / 2)).reversed() { sink(place) }
    }

    mutating func charge(_ steps: Int) { cost += steps }

    /// What looking cost since the last time.
    mutating func takeCost() -> Int {
        defer { cost = 0 }
        return cost
    }

    /// The first at `index` or later. What lies before it is given up: `index` never gets smaller.
    mutating func next(from index: Int) -> Int? {
        while var list = only {
            if list.entry >= index { return Int(list.entry) }
            cost += 1
            only = list.advance(in: postings) ? list : nil
        }
        while let first = lists.first {
            if first.entry >= index { return Int(first.entry) }
            cost += 1
            if !lists[0].advance(in: postings) {
                let last = lists.removeLast()
                if lists.isEmpty { return nil }
                lists[0] = last
            }
            sink(0)
        }
        return nil
    }

    private mutating func sink(_ start: Int) {
        var place = start
        while true {
            let left = 2 * place + 1
            guard left < lists.count else { return }
            let right = left + 1
            let least = right < lists.count && lists[right].entry < lists[left].entry ? right : left
            guard lists[least].entry < lists[place].entry else { return }
            lists.swapAt(place, least)
            place = least
        }
    }
}
