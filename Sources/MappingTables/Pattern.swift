// SPDX-License-Identifier: MIT

/// The left half of an entry, compiled once. A class, so that passing it on counts one reference and not
/// four. Literal text is folded to lower case: targets are compared folded.
final class Pattern: Sendable {
    /// A trivial value, so that the matcher passes over it without counting references; texts, sets and
    /// networks lie in the pattern's pools.
    struct Element: Sendable {
        enum Kind: Sendable {
            /// The octets `pool` of `Pattern.literals`.
            case literal
            /// Exactly one character.
            case one
            /// Zero or more characters.
            case run
            /// The text of field `index` again.
            case backMatch
            /// An address in `Pattern.networks[index]`.
            case network
        }

        var kind: Kind
        /// Where it is saved, 0 to 9; nil where it isn't.
        var field: Int?
        /// `literal`: its octets in `Pattern.literals`.
        var pool = 0..<0
        /// `one`, `run`: into `Pattern.sets`, nil for any character. `network`, `backMatch`: see there.
        var index: Int?
        /// `run`: as few characters as possible.
        var isLazy = false

        // What follows is worked out once the whole pattern is known (`Pattern.init`).

        /// `run`: its number among the runs.
        var run = 0
        /// `run` of a set: its number among those.
        var setRun = 0
        /// `run`: no back-match follows, so whether the rest matches depends on the position alone.
        var isStable = false
        /// `run`: only literals follow.
        var isTailExact = false
        /// Fewest octets that all later elements take.
        var octetsAfter = 0
        /// First octet of the literal that follows, if one does.
        var next: UInt8?
    }

    let elements: [Element]
    let literals: [UInt8]
    let sets: [ScalarSet]
    let networks: [Network]
    /// Saved fields, at most ten.
    let fieldCount: Int
    let runCount: Int
    let setRunCount: Int
    let screen: Screen

    /// Fields that a template can name, `$0` to `$9`.
    static let fieldsMax = 10

    init(
        elements given: [Element], literals: [UInt8], sets: [ScalarSet], networks: [Network], fieldCount: Int
    ) {
        var elements = given
        var runs = 0
        var setRuns = 0
        for index in elements.indices where elements[index].kind == .run {
            elements[index].run = runs
            runs += 1
            guard elements[index].index != nil else { continue }
            elements[index].setRun = setRuns
            setRuns += 1
        }
        var octets = 0
        var isStable = true
        var isTailExact = true
        var next: UInt8?
        for index in elements.indices.reversed() {
            elements[index].octetsAfter = octets
            elements[index].isStable = isStable
            elements[index].isTailExact = isTailExact
            elements[index].next = next
            next = nil
            switch elements[index].kind {
            case .literal:
                octets += elements[index].pool.count
                next = literals[elements[index].pool].first
                continue
            case .one: octets += 1
            case .run: break
            case .backMatch: isStable = false
            case .network: octets += elements[index].index.map { networks[$0].octetsMin } ?? 0
            }
            isTailExact = false
        }
        let ends = [elements.first, elements.last].map { element in
            element.map { $0.kind == .literal ? literals[$0.pool] : [] } ?? []
        }
        self.elements = elements
        self.literals = literals
        self.sets = sets
        self.networks = networks
        self.fieldCount = fieldCount
        runCount = runs
        setRunCount = setRuns
        screen = Screen(head: ends[0], tail: ends[1], octetsMin: octets)
    }
}

/// What a target must have for a pattern to be worth trying: its first and last octets, up to eight each, and
/// its length. Three comparisons turn away most entries of a table.
struct Screen: Sendable {
    private let head: UInt64
    private let headMask: UInt64
    private let tail: UInt64
    private let tailMask: UInt64
    private let octetsMin: Int

    init(head: ArraySlice<UInt8>, tail: ArraySlice<UInt8>, octetsMin: Int) {
        self.head = Self.packed(head.prefix(8))
        headMask = Self.mask(octets: head.count)
        self.tail = Self.packed(tail.suffix(8).reversed())
        tailMask = Self.mask(octets: tail.count)
        self.octetsMin = octetsMin
    }

    func admits(_ target: borrowing Target) -> Bool {
        target.head & headMask == head && target.tail & tailMask == tail && target.count >= octetsMin
    }

    private static func mask(octets: Int) -> UInt64 {
        octets >= 8 ? UInt64.max : (1 << UInt64(8 * octets)) - 1
    }

    /// The first octet in the lowest place.
    static func packed(_ octets: some Sequence<UInt8>) -> UInt64 {
        var word: UInt64 = 0
        var shift: UInt64 = 0
        for octet in octets.prefix(8) {
            word |= UInt64(octet) << shift
            shift += 8
        }
        return word
    }
}

/// The text that entries are compared with, folded once.
struct Target: Sendable {
    let octets: [UInt8]
    /// ASCII letters in lower case; as long as `octets`.
    let folded: [UInt8]
    let count: Int
    /// The first eight octets, the first of them in the lowest place.
    let head: UInt64
    /// The last eight octets, the last of them in the lowest place.
    let tail: UInt64

    init(_ octets: [UInt8]) {
        self.octets = octets
        count = octets.count
        folded = octets.map { $0.asciiLowercased }
        var head: UInt64 = 0
        var tail: UInt64 = 0
        for index in 0..<min(8, count) {
            head |= UInt64(folded[index]) << UInt64(8 * index)
            tail |= UInt64(folded[count - 1 - index]) << UInt64(8 * index)
        }
        self.head = head
        self.tail = tail
    }
}
