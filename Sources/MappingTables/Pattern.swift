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

        // A table has thousands of these, and a probe comes to those of a pattern that nobody has looked at
        // for long: numbers take four octets or fewer, so that a pattern is in few lines of the cache.
        let kind: Kind
        /// `run`: as few characters as possible.
        let isLazy: Bool
        private var fieldNumber: Int8 = -1
        private var nextOctet: Int16 = -1
        private var poolStart: Int32
        private var poolEnd: Int32
        private var indexNumber: Int32
        private var memoryNumber: Int32 = -1
        private var setRunNumber: Int32 = 0
        private var octetsAfterNumber: Int32 = 0

        init(kind: Kind, pool: Range<Int> = 0..<0, index: Int? = nil, isLazy: Bool = false) {
            self.kind = kind
            self.isLazy = isLazy
            poolStart = Int32(clamping: pool.lowerBound)
            poolEnd = Int32(clamping: pool.upperBound)
            indexNumber = index.map { Int32(clamping: $0) } ?? -1
        }

        /// Where it is saved, 0 to 9; nil where it isn't.
        var field: Int? {
            get { fieldNumber < 0 ? nil : Int(fieldNumber) }
            set { fieldNumber = newValue.map { Int8(clamping: $0) } ?? -1 }
        }
        /// `literal`: its octets in `Pattern.literals`.
        var pool: Range<Int> {
            get { Int(poolStart)..<Int(poolEnd) }
            set {
                poolStart = Int32(clamping: newValue.lowerBound)
                poolEnd = Int32(clamping: newValue.upperBound)
            }
        }
        /// `one`, `run`: into `Pattern.sets`, nil for any character. `network`, `backMatch`: see there.
        var index: Int? { indexNumber < 0 ? nil : Int(indexNumber) }

        // What follows is worked out once the whole pattern is known (`Pattern.init`).

        /// `run` of any character that may end in several places, other than the first run: its number among
        /// those. It may be come to again and again, so what failed is remembered.
        var memory: Int? {
            get { memoryNumber < 0 ? nil : Int(memoryNumber) }
            set { memoryNumber = newValue.map { Int32(clamping: $0) } ?? -1 }
        }
        /// `run` of a set: its number among those.
        var setRun: Int {
            get { Int(setRunNumber) }
            set { setRunNumber = Int32(clamping: newValue) }
        }
        /// `run`: the first of the pattern, which is come to once.
        var isFirstRun = false
        /// `run`: no back-match follows, so whether the rest matches depends on the position alone.
        var isStable = false
        /// `run`: only literals follow.
        var isTailExact = false
        /// Fewest octets that all later elements take.
        var octetsAfter: Int {
            get { Int(octetsAfterNumber) }
            set { octetsAfterNumber = Int32(clamping: newValue) }
        }
        /// First octet of the literal that follows, if one does.
        var next: UInt8? {
            get { nextOctet < 0 ? nil : UInt8(truncatingIfNeeded: nextOctet) }
            set { nextOctet = newValue.map { Int16($0) } ?? -1 }
        }
    }

    let elements: [Element]
    let literals: [UInt8]
    let sets: [ScalarSet]
    let networks: [Network]
    /// Saved fields, at most ten.
    let fieldCount: Int
    /// Runs of any character of which the matcher remembers what failed.
    let memoryCount: Int
    let setRunCount: Int
    let screen: Screen

    /// Fields that a template can name, `$0` to `$9`.
    static let fieldsMax = 10

    init(
        elements given: [Element], literals: [UInt8], sets: [ScalarSet], networks: [Network], fieldCount: Int
    ) {
        var elements = given
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
        let (memories, setRuns) = Self.number(&elements)
        let ends = [elements.first, elements.last].map { element in
            element.map { $0.kind == .literal ? literals[$0.pool] : [] } ?? []
        }
        self.elements = elements
        self.literals = literals
        self.sets = sets
        self.networks = networks
        self.fieldCount = fieldCount
        memoryCount = memories
        setRunCount = setRuns
        screen = Screen(head: ends[0], tail: ends[1], octetsMin: octets)
    }

    /// Numbers the runs of which the matcher remembers something. How many there are of any character, and of
    /// sets.
    private static func number(_ elements: inout [Element]) -> (memories: Int, setRuns: Int) {
        var memories = 0
        var setRuns = 0
        var isFirst = true
        for index in elements.indices where elements[index].kind == .run {
            elements[index].isFirstRun = isFirst
            if elements[index].index != nil {
                elements[index].setRun = setRuns
                setRuns += 1
            } else if !isFirst, elements[index].isStable, !elements[index].isTailExact {
                elements[index].memory = memories
                memories += 1
            }
            isFirst = false
        }
        return (memories, setRuns)
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

    /// A text that no entry is compared with any more: nothing is folded.
    init(final octets: [UInt8]) {
        self.octets = octets
        count = octets.count
        folded = []
        head = 0
        tail = 0
    }

    init(_ octets: [UInt8]) {
        self.octets = octets
        count = octets.count
        folded = Self.folded(octets)
        var head: UInt64 = 0
        var tail: UInt64 = 0
        for index in 0..<min(8, count) {
            head |= UInt64(folded[index]) << UInt64(8 * index)
            tail |= UInt64(folded[count - 1 - index]) << UInt64(8 * index)
        }
        self.head = head
        self.tail = tail
    }

    /// In lower case; the same array where it is already.
    private static func folded(_ octets: [UInt8]) -> [UInt8] {
        guard octets.contains(where: { (0x41...0x5A).contains($0) }) else { return octets }
        return [UInt8](unsafeUninitializedCapacity: octets.count) { room, used in
            for index in octets.indices { room[index] = octets[index].asciiLowercased }
            used = octets.count
        }
    }
}
