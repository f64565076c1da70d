// SPDX-License-Identifier: MIT
internal import Mail

/// Finds entries that no probe can reach because an earlier one takes everything that they match.
///
/// Decided are: the same pattern again, a network within another one in the same place of patterns that are
/// alike, and whatever wildcards take whole (`PatternCover`). With very large tables the last of these is
/// given up when its budget is spent; the first two are always looked for.
struct ReachAnalysis {
    /// Steps for comparing patterns with each other, over all tables: some hundredths of a second, enough for
    /// each of a thousand entries with each.
    static let stepsMax = 5_000_000

    private var stepsLeft = Self.stepsMax
    private var cover = PatternCover()

    /// An entry that takes all that it matches.
    private struct Taker {
        let entry: Int
        let parts: [PatternCover.Part]
    }

    /// Those that took patterns with one network, by what they are without it.
    private struct Networks {
        /// Patterns of one kind differ in their network alone.
        var kinds: [PatternKey: Int] = [:]
        /// By kind: the networks taken, and by which entry.
        var takers: [[Network: Int]] = []

        /// Nil for a pattern with none or several networks.
        mutating func kind(of pattern: Pattern) -> Int? {
            guard pattern.networks.count == 1 else { return nil }
            let key = PatternKey(pattern, withNetworks: false)
            if let kind = kinds[key] { return kind }
            kinds[key] = takers.count
            takers.append([:])
            return takers.count - 1
        }

        /// The entry whose network holds `network`.
        func taker(of network: Network, kind: Int) -> Int? {
            var wider: Network? = network
            // Bounded: at most 128 times shorter.
            while let current = wider {
                if let taker = takers[kind][current] { return taker }
                wider = current.widened
            }
            return nil
        }
    }

    mutating func complaints(of table: Table) -> [Complaint] {
        var complaints: [Complaint] = []
        let facts = TableFlow(table).facts
        var same: [PatternKey: Int] = [:]
        var networks = Networks()
        // Those without a kind first, then each kind's.
        var wide: [[Taker]] = [[]]
        for (index, pattern) in table.patterns.enumerated() {
            guard complaints.count < TableAnalysis.complaintsMax else { break }
            let key = PatternKey(pattern)
            let kind = networks.kind(of: pattern)
            let narrow = PatternCover.loosely(pattern)
            if let taker = same[key] ?? kind.flatMap({ networks.taker(of: pattern.networks[0], kind: $0) })
                ?? first(of: wide, covering: narrow, kind: kind)
            {
                complaints.append(Self.complaint(table, index, takenBy: taker, facts[taker]))
            } else if facts[index].takesAll {
                same[key] = index
                if let kind { networks.takers[kind][pattern.networks[0]] = index }
                if pattern.elements.contains(where: { $0.kind != .literal }),
                    let parts = PatternCover.parts(pattern)
                {
                    let group = kind.map { $0 + 1 } ?? 0
                    while wide.count <= group { wide.append([]) }
                    wide[group].append(Taker(entry: index, parts: parts))
                }
            }
            if facts[index].handsOn {
                // From here on entries may see a string that those above never saw.
                same = [:]
                networks = Networks()
                wide = [[]]
            }
        }
        return complaints
    }

    /// Patterns of one kind were compared by their networks already.
    private mutating func first(
        of groups: [[Taker]], covering narrow: [PatternCover.Part], kind: Int?
    ) -> Int? {
        for (group, takers) in groups.enumerated() where group == 0 || group - 1 != kind {
            for taker in takers {
                stepsLeft -= 1
                guard stepsLeft > 0 else { return nil }
                if cover.covers(taker.parts, narrow, steps: &stepsLeft) { return taker.entry }
            }
        }
        return nil
    }

    private static func complaint(
        _ table: Table, _ index: Int, takenBy taker: Int, _ facts: TableFlow.Facts
    ) -> Complaint {
        let entry = table.entries[index]
        let other = table.entries[taker]
        let place = other.place.file == entry.place.file ? "line \(other.place.line)" : "\(other.place)"
        let isSame = other.patternText == entry.patternText
        return entry.patternPlace.complaint(
            0..<entry.patternText.utf8.count, of: entry.patternText, in: entry.place.file,
            "line \(entry.place.line) can never match: \(place) takes all of it"
                + (isSame ? ", the same pattern" : ""),
            help: facts.canFail
                ? "the scan ends there even if its template fails: write $C left of what may fail"
                : "remove it, or put it before \(place)",
            severity: .warning)
    }
}

/// A pattern without what doesn't change its matches: the case of letters, fields, laziness.
struct PatternKey: Hashable {
    private var octets: [UInt8] = []
    private var sets: [ScalarSet] = []
    private var networks: [Network] = []

    init(_ pattern: Pattern, withNetworks: Bool = true) {
        for element in pattern.elements {
            switch element.kind {
            case .literal:
                octets.append(0)
                octets += pattern.literals[element.pool]
            case .one, .run:
                octets.append(element.kind == .one ? 1 : 2)
                if let index = element.index {
                    octets.append(1)
                    sets.append(pattern.sets[index])
                }
            case .backMatch: octets += [3, UInt8(truncatingIfNeeded: element.index ?? 0)]
            case .network: octets.append(4)
            }
        }
        if withNetworks { networks = pattern.networks }
    }
}
