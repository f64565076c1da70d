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
    }

    /// As it was first written.
    let name: String
    private(set) var entries: [Entry] = []
    /// What the matcher needs of each entry, side by side in memory.
    private(set) var patterns: [Pattern] = []
    private var screens: [Screen] = []

    init(name: String) { self.name = name }

    mutating func append(_ pattern: Pattern, _ entry: Entry) {
        entries.append(entry)
        patterns.append(pattern)
        screens.append(pattern.screen)
    }

    /// The first entry at `index` or later that may match `target`; the others are certain not to. Whoever
    /// puts an index under a table replaces this.
    func candidate(from index: Int, for target: borrowing Target) -> Int? {
        var index = index
        let screens = screens.span
        while index < screens.count {
            if screens[index].admits(target) { return index }
            index += 1
        }
        return nil
    }
}
