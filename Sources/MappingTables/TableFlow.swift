// SPDX-License-Identifier: MIT

/// How a probe can go through a table's entries, as far as the templates say.
struct TableFlow {
    /// What an entry does with a probe that its pattern matches.
    struct Facts: Equatable {
        /// No later entry sees the probe: the scan ends here, whether the template succeeds or fails.
        var takesAll = false
        /// The template can fail.
        var canFail = false
        /// The next entry may see another string.
        var handsOn = false
        /// The scan may begin again with another string.
        var restarts = false
        /// Text from elsewhere may set flags and controls.
        var isOpen = false
    }

    let facts: [Facts]
    /// The first entry that may see another string than the probe.
    private let firstUnsure: Int

    init(_ table: Table) {
        facts = table.entries.map { Self.facts(of: $0.template) }
        if facts.contains(where: \.restarts) {
            firstUnsure = 0
        } else {
            firstUnsure = facts.firstIndex(where: \.handsOn).map { $0 + 1 } ?? facts.count
        }
    }

    /// Whether the entry is only ever compared with the table's probe as it came in.
    func seesProbe(_ entry: Int) -> Bool { entry < firstUnsure }

    /// Whether what the entry gives is what the table gives.
    func isLast(_ entry: Int) -> Bool { !facts[entry].handsOn && !facts[entry].restarts }

    static func facts(of template: Template) -> Facts {
        var facts = Facts()
        var control: Template.Control?
        var failureGoesOn = false
        for piece in template.pieces {
            switch piece {
            case .text, .field, .flag, .mode: continue
            case .control(let next): control = next
            case .fallback(let pieces):
                for case .control(let next) in pieces ?? [] {
                    if next != .end { facts.isOpen = true }
                }
            case .callout, .database:
                facts.canFail = true
                facts.isOpen = true
            case .test, .table, .directory, .domain, .sequence, .chance: facts.canFail = true
            }
            if facts.canFail, Self.canFail(piece), control == .next || control == .nextThenAgain {
                failureGoesOn = true
            }
        }
        facts.restarts = facts.isOpen || control == .restart || control == .nextThenAgain
        facts.handsOn = facts.isOpen || control == .next || control == .nextThenAgain
        facts.takesAll = !failureGoesOn && !facts.handsOn
        return facts
    }

    private static func canFail(_ piece: Template.Piece) -> Bool {
        switch piece {
        case .test, .table, .callout, .database, .directory, .domain, .sequence, .chance: true
        case .text, .field, .flag, .control, .mode, .fallback: false
        }
    }
}
