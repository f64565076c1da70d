// SPDX-License-Identifier: MIT
import Mail

/// SplitMix64: the same numbers on every machine and day.
struct Lots {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(max(count, 1)))
    }

    mutating func one<Value>(of values: [Value]) -> Value { values[below(values.count)] }
}

/// A pattern as a list of elements, with a matcher that shares nothing with the real one: it tries every way,
/// in the order of preference.
struct PlainPattern {
    typealias Text = [Unicode.Scalar]

    indirect enum Element {
        case literal(Text)
        case one(Members?, saved: Bool)
        case run(Members?, saved: Bool, lazy: Bool)
        case again(Int)
        case network(IPAddress, bits: Int, saved: Bool)
    }

    /// Characters of a class, in lower case, as the pattern names them.
    struct Members {
        var name: String
        var characters: Text
    }

    var elements: [Element]
    /// As it stands in a mapping file.
    var text: String

    func matches(_ target: String) -> Bool { Self.match(elements[...], Self.text(target)[...], []) }

    /// Folded as comparisons fold.
    static func text(_ string: String) -> Text {
        string.unicodeScalars.map {
            $0.isASCII ? $0.properties.lowercaseMapping.unicodeScalars.first ?? $0 : $0
        }
    }

    private static func match(
        _ elements: ArraySlice<Element>, _ target: ArraySlice<Unicode.Scalar>, _ saved: [Text]
    ) -> Bool {
        guard let first = elements.first else { return target.isEmpty }
        let rest = elements.dropFirst()
        func go(_ length: Int, _ isSaved: Bool) -> Bool {
            let taken = Array(target.prefix(length))
            return match(
                rest, target.dropFirst(length), isSaved && saved.count < 10 ? saved + [taken] : saved)
        }
        switch first {
        case .literal(let text): return target.starts(with: text) && go(text.count, false)
        case .one(let members, let isSaved):
            guard let head = target.first, members?.characters.contains(head) ?? true else { return false }
            return go(1, isSaved)
        case .again(let field): return target.starts(with: saved[field]) && go(saved[field].count, false)
        case .run(let members, let isSaved, let isLazy):
            let reach = target.prefix { members?.characters.contains($0) ?? true }.count
            let lengths = isLazy ? Array(0...reach) : (0...reach).reversed()
            return lengths.contains { go($0, isSaved) }
        case .network(let base, let bits, let isSaved):
            guard let (address, length) = address(at: target), address.isWithin(base, prefixLength: bits)
            else {
                return false
            }
            return go(length, isSaved)
        }
    }

    /// The longest address that `text` begins with.
    private static func address(at text: ArraySlice<Unicode.Scalar>) -> (IPAddress, Int)? {
        let quad = text.prefix { "0123456789.".unicodeScalars.contains($0) }
        let fields = quad.split(separator: ".", omittingEmptySubsequences: false).prefix(4)
        let dotted = fields.map { string(Array($0)) }.joined(separator: ".")
        if fields.count == 4, let address = IPAddress(dotted) { return (address, dotted.utf8.count) }
        let run = text.prefix { "0123456789abcdef:.".unicodeScalars.contains($0) }
        return run.contains(":") ? IPAddress(string(Array(run))).map { ($0, run.count) } : nil
    }

    static func string(_ text: Text) -> String { String(String.UnicodeScalarView(text)) }
}

/// A table as the language describes it: every entry is tried, from the first to the last.
struct PlainTable {
    enum Action: CaseIterable {
        case end, next, nextButFails, fails, restart
    }

    struct Entry {
        var form: String
        var pattern: PlainPattern
        var action: Action
        /// What the entry writes.
        var output: String
    }

    var entries: [Entry]

    var source: String {
        entries.map { entry in
            let template =
                switch entry.action {
                case .end: entry.output
                case .next: "$C\(entry.output)"
                case .nextButFails: "$C$:Z\(entry.output)"
                case .fails: "$:Z\(entry.output)"
                case .restart: "$R\(entry.output)"
                }
            return "  \(entry.pattern.text)   \(template)\n"
        }.joined()
    }

    /// Entries that match on the way, from 1, and the output; nil where no entry gave one.
    func evaluate(_ probe: String) -> (matched: [Int], output: String?) {
        var matched: [Int] = []
        var text = probe
        var result: String?
        var entry = 0
        var passOctets = probe.utf8.count
        var idle = 0
        while entry < entries.count {
            defer { entry += 1 }
            guard entries[entry].pattern.matches(text) else { continue }
            matched.append(entry + 1)
            switch entries[entry].action {
            case .nextButFails: continue
            case .fails: return (matched, result)
            case .end: return (matched, entries[entry].output)
            case .next:
                text = entries[entry].output
                result = text
            case .restart:
                text = entries[entry].output
                result = text
                idle = text.utf8.count >= passOctets ? idle + 1 : 0
                if idle > 10 { return (matched, result) }
                passOctets = text.utf8.count
                entry = -1
            }
        }
        return (matched, result)
    }
}
