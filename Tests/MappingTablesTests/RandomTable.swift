// SPDX-License-Identifier: MIT
import Mail

/// Draws tables with every form of pattern, and probes that have a chance.
struct RandomTable {
    /// Every form, and whether its name is that of a shape that the index knows, or of an element.
    static let forms = [
        "exact", "head", "tail", "inner star", "inner literal", "short literal", "long head", "one of any",
        "any",
        "class, one", "class, many", "set", "range", "back-match", "lazy", "unsaved", "saved again", "quoted",
        "IPv4 prefix", "IPv4 ignoring", "IPv6", "address inside", "address after a wildcard", "two addresses",
        "mixture",
    ]

    private static let classes: [PlainPattern.Members] = [
        ("$A", "abcdefghijklmnopqrstuvwxyz"), ("$b", "01"), ("$D", "0123456789"), ("$H", "0123456789abcdef"),
        ("$x", "0123456789abcdef"), ("$O", "01234567"), ("$S", "0123456789abcdefghijklmnopqrstuvwxyz_$"),
        ("$T", "\t\u{B} "),
    ].map { PlainPattern.Members(name: $0.0, characters: Array($0.1.unicodeScalars)) }
    private static let sets: [PlainPattern.Members] = [
        ("$[a|é]", "a|é"), ("$[-$]0]", "-]0"), ("$[@.]", "@."),
    ].map { PlainPattern.Members(name: $0.0, characters: Array($0.1.unicodeScalars)) }
    private static let ranges: [PlainPattern.Members] = [
        ("$[a-c0-1]", "abc01"), ("$[à-é]", "àáâãäåæçèé"),
    ].map { PlainPattern.Members(name: $0.0, characters: Array($0.1.unicodeScalars)) }
    private static let words = [
        "a", "b", "ab", "user", "user1", "user12", "@host", "@host1.example", ".example", "|25|", "TCP|",
        "é",
        "|",
        "news-", "a b", "x$y", "10.0", "aaaa", "aaaaaaaaaaaa", "longer than eight 1", "longer than eight 12",
    ]

    var lots: Lots

    mutating func table(entries: Int) -> PlainTable {
        var drawn: [PlainTable.Entry] = []
        for _ in 0..<entries {
            let form = lots.one(of: Self.forms)
            let action = lots.below(3) > 0 ? PlainTable.Action.end : lots.one(of: PlainTable.Action.allCases)
            // What one entry writes, later ones are compared with.
            let output = lots.below(2) == 0 ? "r\(lots.below(3))" : Self.words[lots.below(12)]
            drawn.append(PlainTable.Entry(form: form, pattern: pattern(form), action: action, output: output))
        }
        return PlainTable(entries: drawn)
    }

    /// A text that some entry may well match.
    mutating func probe(for table: PlainTable) -> String {
        var probe = sample(lots.one(of: table.entries).pattern)
        switch lots.below(8) {
        case 0: probe += lots.one(of: Self.words)
        case 1: probe = lots.one(of: Self.words) + probe
        case 2: probe = String(probe.dropLast())
        case 3: probe = probe.uppercased()
        default: break
        }
        return probe
    }

    // MARK: Patterns

    private typealias Element = PlainPattern.Element

    private mutating func literal(_ words: Int = 1) -> Element {
        let text = (0..<words).map { _ in lots.one(of: Self.words) }.joined()
        return .literal(PlainPattern.text(text))
    }

    private var star: Element { .run(nil, saved: true, lazy: false) }

    private mutating func pattern(_ form: String) -> PlainPattern {
        let elements: [Element]
        switch form {
        case "exact": elements = [literal(1 + lots.below(3))]
        case "head": elements = [literal(2), star]
        case "tail": elements = [star, literal(2)]
        case "inner star": elements = [literal(), star, literal()]
        case "inner literal": elements = [star, literal(1 + lots.below(2)), star]
        case "short literal": elements = [star, .literal([lots.one(of: ["a", "|", "@"])]), star]
        case "long head":
            let long = String(repeating: "long", count: 20) + lots.one(of: Self.words)
            elements = [.literal(PlainPattern.text(long)), star]
        case "one of any": elements = [literal(), .one(nil, saved: true), literal()]
        case "any": elements = lots.below(4) == 0 ? [star] : [star, literal(), star, literal(2)]
        case "class, one": elements = [literal(), .one(lots.one(of: Self.classes), saved: true)]
        case "class, many":
            elements = [.run(lots.one(of: Self.classes), saved: true, lazy: false), literal()]
        case "set": elements = [.run(lots.one(of: Self.sets), saved: true, lazy: false), literal()]
        case "range": elements = [literal(), .one(lots.one(of: Self.ranges), saved: true), star]
        case "back-match": elements = [star, literal(), .again(0)]
        case "lazy":
            elements = [
                .run(nil, saved: true, lazy: true), literal(), .run(nil, saved: true, lazy: true), literal(),
            ]
        case "unsaved": elements = [.run(nil, saved: false, lazy: false), literal()]
        case "saved again":
            elements = [.one(nil, saved: false), star, .literal(PlainPattern.text("@")), .again(0)]
        case "quoted":
            elements = [.literal(PlainPattern.text(lots.one(of: ["*", "%$", "a b*", "\t"]))), star]
        case "IPv4 prefix", "IPv4 ignoring", "IPv6": elements = [network(form)]
        case "address inside":
            elements = [
                .literal(PlainPattern.text("tcp|")), star, .literal(["|"]), network("IPv4 prefix"), literal(),
            ]
        case "address after a wildcard":
            elements = [star, network(lots.one(of: ["IPv4 prefix", "IPv6"])), star]
        case "two addresses": elements = [network("IPv4 ignoring"), .literal(["|"]), network("IPv6")]
        default: elements = mixture()
        }
        return PlainPattern(elements: elements, text: Self.written(elements, form: form))
    }

    private mutating func mixture() -> [Element] {
        var elements: [Element] = []
        var fields = 0
        for _ in 0..<(1 + lots.below(7)) {
            let members = lots.below(2) == 0 ? nil : lots.one(of: Self.classes + Self.sets + Self.ranges)
            switch lots.below(7) {
            case 0, 1, 2: elements.append(literal())
            case 3: elements.append(.one(members, saved: true))
            case 4 where fields > 0: elements.append(.again(lots.below(fields)))
            case 5:
                elements.append(network(lots.one(of: ["IPv4 prefix", "IPv4 ignoring", "IPv6"])))
            default: elements.append(.run(members, saved: true, lazy: false))
            }
            switch elements.last {
            case .one, .run, .network: fields += 1
            default: break
            }
        }
        return elements
    }

    private mutating func network(_ form: String) -> Element {
        let text =
            form == "IPv6"
            ? "2001:db8:\(lots.below(3))::\(lots.below(3))" : "10.\(lots.below(3)).0.\(lots.below(4))"
        guard let base = IPAddress(text) else { return literal() }
        let bits =
            form == "IPv6" ? lots.one(of: [0, 32, 47, 48, 127, 128]) : lots.one(of: [0, 8, 15, 24, 30, 32])
        return .network(base, bits: bits, saved: true)
    }

    private static func written(_ elements: [Element], form: String) -> String {
        var text = ""
        var isSaving = true
        var isLazy = false
        func state(_ saved: Bool, _ lazy: Bool) {
            if saved != isSaving { text += saved ? "$^" : "$@" }
            if lazy, !isLazy { text += "$_" }
            isSaving = saved
            isLazy = isLazy || lazy
        }
        for element in elements {
            switch element {
            case .literal(let scalars):
                for scalar in scalars {
                    if "*%$ \t".unicodeScalars.contains(scalar) { text += "$" }
                    text.unicodeScalars.append(scalar)
                }
            case .one(let members, let isSaved):
                state(isSaved, false)
                text += (members?.name ?? "") + "%"
            case .run(let members, let isSaved, let isLazyRun):
                state(isSaved, isLazyRun)
                text += (members?.name ?? "") + "*"
            case .again(let field): text += "$\(field)*"
            case .network(let base, let bits, let isSaved):
                state(isSaved, false)
                text +=
                    !base.isIPv4
                    ? "${\(base)/\(bits)}"
                    : form == "IPv4 ignoring" ? "$<\(base)/\(32 - bits)>" : "$(\(base)/\(bits))"
            }
        }
        return text
    }

    // MARK: Texts that a pattern matches, as far as that is simple to say

    private mutating func sample(_ pattern: PlainPattern) -> String {
        var text = ""
        var saved: [String] = []
        for element in pattern.elements {
            var piece = ""
            var isSaved = false
            switch element {
            case .literal(let scalars): piece = PlainPattern.string(scalars)
            case .one(let members, let saved):
                piece = character(members)
                isSaved = saved
            case .run(let members, let saved, _):
                for _ in 0..<lots.below(4) { piece += character(members) }
                isSaved = saved
            case .again(let field): piece = saved[field]
            case .network(let base, let bits, let saved):
                piece = host(base, bits)
                isSaved = saved
            }
            text += piece
            if isSaved { saved.append(piece) }
        }
        return text
    }

    private mutating func character(_ members: PlainPattern.Members?) -> String {
        let scalars = members?.characters ?? Array("aB01|.@é ".unicodeScalars)
        return String(Character(lots.one(of: scalars)))
    }

    private mutating func host(_ base: IPAddress, _ bits: Int) -> String {
        var octets = base.octets
        for bit in bits..<(octets.count * 8) where lots.below(2) == 0 {
            octets[bit / 8] ^= 0x80 >> UInt8(bit % 8)
        }
        let text = IPAddress(octets: octets).map { "\($0)" } ?? ""
        return base.isIPv4 && lots.below(6) == 0 ? "::ffff:" + text : text
    }
}
