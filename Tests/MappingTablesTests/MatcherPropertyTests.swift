// SPDX-License-Identifier: MIT
import Mail
import Testing

@testable import MappingTables

/// A second matcher that shares nothing with the first: it tries every way, in the order of preference.
private struct NaivePattern {
    indirect enum Element {
        case literal(Unicode.Scalar)
        case one(Set<Unicode.Scalar>?, saved: Bool)
        case run(Set<Unicode.Scalar>?, saved: Bool, lazy: Bool)
        case again(Int)
    }

    var elements: [Element] = []
    var text = ""

    func fields(_ target: String) -> [String]? {
        Self.match(elements[...], Array(target.unicodeScalars)[...], [])?.map {
            String(String.UnicodeScalarView($0))
        }
    }

    private static func match(
        _ elements: ArraySlice<Element>, _ target: ArraySlice<Unicode.Scalar>, _ saved: [[Unicode.Scalar]]
    ) -> [[Unicode.Scalar]]? {
        guard let first = elements.first else { return target.isEmpty ? saved : nil }
        let rest = elements.dropFirst()
        switch first {
        case .literal(let scalar):
            guard let head = target.first, fold(head) == fold(scalar) else { return nil }
            return match(rest, target.dropFirst(), saved)
        case .one(let set, let isSaved):
            guard let head = target.first, set?.contains(fold(head)) ?? true else { return nil }
            return match(rest, target.dropFirst(), isSaved ? saved + [[head]] : saved)
        case .again(let field):
            let wanted = saved[field].map(fold)
            guard target.prefix(wanted.count).map(fold) == wanted else { return nil }
            return match(rest, target.dropFirst(wanted.count), saved)
        case .run(let set, let isSaved, let isLazy):
            let reach = target.prefix { set?.contains(fold($0)) ?? true }.count
            let lengths = isLazy ? Array(0...reach) : Array((0...reach).reversed())
            for length in lengths {
                let taken = Array(target.prefix(length))
                if let found = match(rest, target.dropFirst(length), isSaved ? saved + [taken] : saved) {
                    return found
                }
            }
            return nil
        }
    }

    private static func fold(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        scalar.isASCII ? scalar.properties.lowercaseMapping.unicodeScalars.first ?? scalar : scalar
    }

    static func random(_ generator: inout Seeded) -> NaivePattern {
        let sets: [(String, String)] = [
            ("$A", "abcdefghijklmnopqrstuvwxyz"), ("$B", "01"), ("$[a|é]", "a|é"),
        ]
        var pattern = NaivePattern()
        var isLazy = false
        var isSaving = true
        var fields = 0
        for _ in 0..<generator.below(9) {
            if !isLazy, generator.below(12) == 0 {
                isLazy = true
                pattern.text += "$_"
            }
            if generator.below(8) == 0 {
                isSaving.toggle()
                pattern.text += isSaving ? "$^" : "$@"
            }
            var chosen: (name: String, set: Set<Unicode.Scalar>?) = ("", nil)
            if generator.below(2) == 0 {
                let (name, members) = sets[generator.below(sets.count)]
                chosen = (name, Set(members.unicodeScalars))
            }
            let isSaved = isSaving && fields < 10
            switch generator.below(6) {
            case 0, 1:
                let scalar: Unicode.Scalar = ["a", "B", "0", "|", "é"][generator.below(5)]
                pattern.elements.append(.literal(scalar))
                pattern.text += String(Character(scalar))
            case 2:
                pattern.elements.append(.one(chosen.set, saved: isSaved))
                pattern.text += chosen.name + "%"
                fields += isSaved ? 1 : 0
            case 3 where fields > 0:
                let field = generator.below(fields)
                pattern.elements.append(.again(field))
                pattern.text += "$\(field)*"
            default:
                pattern.elements.append(.run(chosen.set, saved: isSaved, lazy: isLazy))
                pattern.text += chosen.name + "*"
                fields += isSaved ? 1 : 0
            }
        }
        return pattern
    }
}

/// SplitMix64: the same numbers on every machine and day.
private struct Seeded {
    var state: UInt64

    mutating func below(_ count: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((value ^ (value >> 31)) % UInt64(max(count, 1)))
    }
}

@Suite("The matcher and a naive one")
struct MatcherPropertyTests {
    @Test("agree on whether a random pattern matches and on every field", arguments: 0..<8 as Range<UInt64>)
    func agree(seed: UInt64) {
        var generator = Seeded(state: seed)
        var matches = 0
        for _ in 0..<500 {
            let pattern = NaivePattern.random(&generator)
            for _ in 0..<6 {
                var target = ""
                for _ in 0..<generator.below(10) {
                    target += ["a", "A", "b", "0", "1", "|", "é"][generator.below(7)]
                }
                let expected = pattern.fields(target)
                let actual = fields(pattern.text, target)
                #expect(actual == expected, "pattern \(pattern.text), target \(target)")
                matches += actual == nil ? 0 : 1
            }
        }
        #expect(matches > 300, "the targets are such that many match")
    }

    @Test("address patterns agree with IPAddress on random spellings", arguments: 0..<4 as Range<UInt64>)
    func addresses(seed: UInt64) throws {
        var generator = Seeded(state: seed)
        let networks = [("$(10.0.0.0/7)", "10.0.0.0", 7), ("${1::/13}", "1::", 13), ("${::/0}", "::", 0)]
        var found = 0
        for _ in 0..<4_000 {
            var text = ""
            if generator.below(2) == 0 {
                text = (0..<4).map { _ in String(generator.below(270)) }.joined(separator: ".")
                if generator.below(3) == 0 { text = "::ffff:" + text }
            } else {
                for _ in 0..<generator.below(10) {
                    text += ["0", "1", "a", "F", ":", ":", "::", ".", "1.2.3.4"][generator.below(9)]
                }
            }
            if text == ":" { continue }
            for (pattern, network, length) in networks {
                let base = try #require(IPAddress(network))
                let expected = IPAddress(text)?.isWithin(base, prefixLength: length) ?? false
                #expect((fields(pattern, text) != nil) == expected, "pattern \(pattern), target \(text)")
                found += expected ? 1 : 0
            }
        }
        #expect(found > 20)
    }
}
