// SPDX-License-Identifier: MIT
internal import Mail

/// One mapping table, compiled.
struct Table: Sendable {
    struct Entry: Sendable {
        let template: Template
        /// Both halves as they were written, for traces.
        let patternText: String
        let templateText: String
        let place: RulePlace
        /// Where its halves begin, for complaints.
        var patternPlace = TextPlace()
        var templatePlace = TextPlace()
        /// `place` as trails name it, written once.
        fileprivate(set) var rule = ""
    }

    /// As it was first written.
    let name: String
    private(set) var entries: [Entry] = []
    /// What the matcher needs of each entry, side by side in memory.
    private(set) var patterns: [Pattern] = []
    private var screens: [Screen] = []
    /// Nil where trying each screen is as quick.
    private var index: TableIndex?

    init(name: String) { self.name = name }

    mutating func append(_ pattern: Pattern, _ entry: Entry) {
        var entry = entry
        entry.rule = entry.place.description
        entries.append(entry)
        patterns.append(pattern)
        screens.append(pattern.screen)
    }

    /// The same table with an index, once all its entries are there.
    consuming func indexed() -> Table {
        if entries.count >= TableIndex.entriesMin { index = TableIndex(patterns) }
        return self
    }

    /// The first entry at `first` or later that may match `target`; the others are certain not to.
    ///
    /// `candidates` is what an index found for this target: nil at first, and again when the target changes
    /// or `first` goes back.
    func candidate(
        from first: Int, for target: borrowing Target, _ candidates: inout Candidates?
    ) -> Int? {
        var entry = first
        guard let index else {
            while entry < screens.count {
                if screens[entry].admits(target) { return entry }
                entry += 1
            }
            return nil
        }
        if candidates == nil { candidates = index.candidates(for: target) }
        while let next = candidates?.next(from: entry) {
            if screens[next].admits(target) { return next }
            entry = next + 1
        }
        return nil
    }
}
