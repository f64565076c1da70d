// SPDX-License-Identifier: MIT

/// Compares targets with patterns. Keeps its scratch space between comparisons.
///
/// It backtracks, but never twice over the same ground: from a run that failed at some position, every later
/// entry into the same run gives up where the failed one began. A pattern without back-matches thus takes
/// time in proportion to its own octets times the target's. With one (`$0*`), whether the rest matches
/// depends on what was saved, so nothing can be remembered and only the step budget bounds the work.
struct Matcher: Sendable {
    enum Verdict: Equatable, Sendable {
        case no
        case yes
        /// The budget is spent: neither yes nor no is known.
        case tooCostly
    }

    /// What was saved by the comparison that last answered `yes`.
    private(set) var fields = MatchedFields()

    /// A run being tried: it began at `start`, and may still end at `low...high`.
    private struct Choice: Sendable {
        var element: Int
        var start: Int
        var low: Int
        var high: Int
        /// The furthest that its characters reach.
        var reach: Int
    }

    private enum Advance {
        case matched
        case stuck
        case tooCostly
    }

    /// The run tried last; those before it are in `earlier`.
    private var latest: Choice?
    private var earlier: [Choice] = []
    /// By `Pattern.Element.memory`: every end from here on is known to fail. For runs of any character.
    private var failedFrom: [Int] = []
    /// The same for runs of a set, by set-run number x (target octets + 1) + reach.
    private var failedFromByReach: [Int] = []
    /// By set-run number: a stretch of the target that is known to be of the set, up to its reach.
    private var lastStretch: [Range<Int>] = []
    private var element = 0
    private var position = 0

    init() {}

    /// `steps` is what the comparison may still cost, and is counted down.
    mutating func match(_ pattern: Pattern, _ target: borrowing Target, steps: inout Int) -> Verdict {
        let elementArray = pattern.elements
        let literalArray = pattern.literals
        let elements = elementArray.span
        let literals = literalArray.span
        let text = target.folded.span
        prepare(for: pattern, octets: text.count)
        while true {
            switch advance(elements, literals, pattern, text, &steps) {
            case .matched: return .yes
            case .tooCostly: return .tooCostly
            case .stuck: break
            }
            guard choose(elements, text, &steps) else { return steps < 0 ? .tooCostly : .no }
        }
    }

    private mutating func prepare(for pattern: Pattern, octets: Int) {
        element = 0
        position = 0
        latest = nil
        earlier.removeAll(keepingCapacity: true)
        fields = MatchedFields(count: pattern.fieldCount)
        Self.reset(&lastStretch, pattern.setRunCount, to: 0..<0)
        Self.reset(&failedFrom, pattern.memoryCount, to: Int.max)
        if pattern.setRunCount > 0 {
            Self.reset(&failedFromByReach, pattern.setRunCount * (octets + 1), to: Int.max)
        }
    }

    /// Without giving up room that the next comparison needs again.
    private static func reset<Value>(_ array: inout [Value], _ count: Int, to value: Value) {
        if array.isEmpty {
            if count > 0 { array = [Value](repeating: value, count: count) }
            return
        }
        if array.count > count { array.removeLast(array.count - count) }
        for index in array.indices { array[index] = value }
        while array.count < count { array.append(value) }
    }

    /// Goes through the elements until the end, a mismatch, or a run. A run is left for `choose` to end.
    private mutating func advance(
        _ elements: Span<Pattern.Element>, _ literals: Span<UInt8>, _ pattern: Pattern, _ text: Span<UInt8>,
        _ steps: inout Int
    ) -> Advance {
        while element < elements.count {
            steps -= 1
            if steps < 0 { return .tooCostly }
            let current = elements[element]
            if current.kind == .run {
                if current.isTailExact, current.index == nil {
                    // It has one place to end, so that there is nothing to choose.
                    let end = text.count - current.octetsAfter
                    guard end >= position, end == text.count || !text[end].isUTF8Continuation else {
                        return .stuck
                    }
                    if let field = current.field { fields[field] = position..<end }
                    position = end
                    element += 1
                    continue
                }
                open(current, pattern, text, &steps)
                return .stuck
            }
            guard let end = end(of: current, literals, pattern, text, &steps) else { return .stuck }
            if let field = current.field { fields[field] = position..<end }
            position = end
            element += 1
        }
        return position == text.count ? .matched : .stuck
    }

    /// Where an element that can end in one place only ends; nil where it doesn't match.
    private func end(
        of current: Pattern.Element, _ literals: Span<UInt8>, _ pattern: Pattern, _ text: Span<UInt8>,
        _ steps: inout Int
    ) -> Int? {
        switch current.kind {
        case .literal:
            let end = position + current.pool.count
            guard end <= text.count else { return nil }
            var offset = 0
            while offset < current.pool.count {
                guard text[position + offset] == literals[current.pool.lowerBound + offset] else { break }
                offset += 1
            }
            steps -= offset
            return offset == current.pool.count ? end : nil
        case .one:
            let length =
                if let set = current.index {
                    pattern.sets[set].length(in: text, at: position)
                } else {
                    UTF8Text.length(in: text, at: position)
                }
            return length.map { position + $0 }
        case .backMatch:
            guard let field = current.index, field < fields.count else { return nil }
            let saved = fields[field]
            guard position + saved.count <= text.count else { return nil }
            for offset in 0..<saved.count where text[saved.lowerBound + offset] != text[position + offset] {
                steps -= offset
                return nil
            }
            steps -= saved.count
            return position + saved.count
        case .network:
            guard let index = current.index, let end = pattern.networks[index].end(in: text, from: position)
            else { return nil }
            steps -= end - position
            return end
        case .run: return nil  // `advance` opens it.
        }
    }

    private mutating func open(
        _ run: Pattern.Element, _ pattern: Pattern, _ text: Span<UInt8>, _ steps: inout Int
    ) {
        let reach =
            if let set = run.index { self.reach(of: pattern.sets[set], run, text, &steps) } else {
                text.count
            }
        var high = min(reach, text.count - run.octetsAfter)
        let low = run.isTailExact ? max(position, text.count - run.octetsAfter) : position
        if let memory = run.memory {
            high = min(high, failedFrom[memory] - 1)
        } else if run.index != nil, run.isStable, !run.isFirstRun {
            high = min(high, failedFromByReach[run.setRun * (text.count + 1) + reach] - 1)
        }
        let choice = Choice(element: element, start: position, low: low, high: high, reach: reach)
        if let latest { earlier.append(latest) }
        latest = choice
    }

    /// How far the characters of `set` reach from `position`.
    private mutating func reach(
        of set: ScalarSet, _ run: Pattern.Element, _ text: Span<UInt8>, _ steps: inout Int
    ) -> Int {
        let known = lastStretch[run.setRun]
        var end = position
        while !known.contains(end), let length = set.length(in: text, at: end) {
            end += length
            steps -= 1
        }
        if known.contains(end) { end = known.upperBound }
        lastStretch[run.setRun] = position..<end
        return end
    }

    /// Ends the latest run at its next place, or gives it up and goes to the one before. False when none is
    /// left.
    private mutating func choose(
        _ elements: Span<Pattern.Element>, _ text: Span<UInt8>, _ steps: inout Int
    ) -> Bool {
        while var choice = latest {
            let run = elements[choice.element]
            if let end = Self.nextEnd(&choice, run, text, &steps) {
                latest = choice
                if let field = run.field { fields[field] = choice.start..<end }
                element = choice.element + 1
                position = end
                return true
            }
            if steps < 0 { return false }
            latest = earlier.popLast()
            if let memory = run.memory {
                failedFrom[memory] = min(failedFrom[memory], choice.start)
            } else if run.index != nil, run.isStable, !run.isFirstRun {
                let slot = run.setRun * (text.count + 1) + choice.reach
                failedFromByReach[slot] = min(failedFromByReach[slot], choice.start)
            }
        }
        return false
    }

    private static func nextEnd(
        _ choice: inout Choice, _ run: Pattern.Element, _ text: Span<UInt8>, _ steps: inout Int
    ) -> Int? {
        while choice.low <= choice.high {
            steps -= 1
            if steps < 0 { return nil }
            let end = run.isLazy ? choice.low : choice.high
            if run.isLazy { choice.low += 1 } else { choice.high -= 1 }
            if end < text.count {
                let octet = text[end]
                if octet.isUTF8Continuation { continue }
                if let next = run.next, next != octet { continue }
            } else if run.next != nil {
                continue
            }
            return end
        }
        return nil
    }
}
