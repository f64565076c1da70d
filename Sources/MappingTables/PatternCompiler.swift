// SPDX-License-Identifier: MIT
internal import Mail

/// Reads a pattern.
///
///     %  *            one character; any number
///     $A% $A* ...     the same of A letters, B binary, D decimal, H X hex, O octal, S symbol, T blank
///     $[a-z_]%        the same of listed characters
///     $0*             what field 0 matched, again
///     $_  $@  $^      from here: match as little as possible; don't save; save
///     $(192.0.2.0/24) $<192.0.2.0/8> ${2001:db8::/32}
///     $% $* $$ $<sp>  the character itself
struct PatternCompiler {
    private let text: [UInt8]
    private var position = 0
    private var elements: [Pattern.Element] = []
    private var literals: [UInt8] = []
    private var sets: [ScalarSet] = []
    private var networks: [Network] = []
    private var fieldCount = 0
    private var unsavedFields = 0
    private var isSaving = true
    private var isLazy = false
    private(set) var faults: [Fault] = []

    private init(_ text: [UInt8]) { self.text = text }

    /// Every mistake is in `faults`; the pattern is then what could be understood.
    static func compile(_ text: [UInt8]) -> (pattern: Pattern, faults: [Fault]) {
        var compiler = PatternCompiler(text)
        while let octet = compiler.take() {
            switch octet {
            case UInt8(ascii: "%"): compiler.add(.one)
            case UInt8(ascii: "*"): compiler.add(.run)
            case UInt8(ascii: "$"): compiler.dollar()
            default: compiler.addLiteral(octet)
            }
        }
        if compiler.unsavedFields > 0 {
            compiler.faults.append(
                Fault(
                    0..<text.count,
                    "the pattern saves \(Pattern.fieldsMax + compiler.unsavedFields) wildcards, and only "
                        + "the first \(Pattern.fieldsMax) have a number",
                    help: "write $@ before wildcards whose text no template needs, and $^ after them",
                    severity: .warning))
        }
        let pattern = Pattern(
            elements: compiler.elements, literals: compiler.literals, sets: compiler.sets,
            networks: compiler.networks, fieldCount: compiler.fieldCount)
        return (pattern, compiler.faults)
    }

    private mutating func take() -> UInt8? {
        guard position < text.count else { return nil }
        defer { position += 1 }
        return text[position]
    }

    private mutating func dollar() {
        let start = position - 1
        guard let octet = take() else {
            faults.append(.loneDollar(start, in: "pattern"))
            return
        }
        switch octet {
        case UInt8(ascii: "%"), UInt8(ascii: "*"), UInt8(ascii: "$"), 0x20, 0x09: addLiteral(octet)
        case UInt8(ascii: "_"): isLazy = true
        case UInt8(ascii: "@"): isSaving = false
        case UInt8(ascii: "^"): isSaving = true
        case UInt8(ascii: "["): bracketSet(from: start)
        case UInt8(ascii: "("): network(from: start, until: UInt8(ascii: ")"))
        case UInt8(ascii: "<"): network(from: start, until: UInt8(ascii: ">"))
        case UInt8(ascii: "{"): network(from: start, until: UInt8(ascii: "}"))
        case 0x30...0x39: backMatch(Int(octet - 0x30), from: start)
        default:
            if let set = Self.glob(octet) {
                addQuantified(set, from: start)
            } else {
                while position < text.count, text[position].isUTF8Continuation { position += 1 }
                let name = String(decoding: text[start..<position], as: UTF8.self)
                faults.append(
                    Fault(
                        start..<position, "\"\(name)\" has no meaning in a pattern",
                        help:
                            "write $$ for a dollar sign; other characters than % and * need no $ before them")
                )
            }
        }
    }

    private static func glob(_ octet: UInt8) -> ScalarSet? {
        switch octet.asciiUppercased {
        case UInt8(ascii: "A"): ScalarSet(ascii: 0x41...0x5A)
        case UInt8(ascii: "B"): ScalarSet(ascii: 0x30...0x31)
        case UInt8(ascii: "D"): ScalarSet(ascii: 0x30...0x39)
        case UInt8(ascii: "H"), UInt8(ascii: "X"): ScalarSet(ascii: 0x30...0x39, 0x41...0x46)
        case UInt8(ascii: "O"): ScalarSet(ascii: 0x30...0x37)
        case UInt8(ascii: "S"): ScalarSet(ascii: 0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x24...0x24)
        case UInt8(ascii: "T"): ScalarSet(ascii: 0x09...0x09, 0x0B...0x0B, 0x20...0x20)
        default: nil
        }
    }

    /// `%` or `*` after a class.
    private mutating func addQuantified(_ set: ScalarSet, from start: Int) {
        let isOne = position < text.count && text[position] == UInt8(ascii: "%")
        guard isOne || position < text.count && text[position] == UInt8(ascii: "*") else {
            let name = String(decoding: text[start..<position], as: UTF8.self)
            faults.append(
                Fault(
                    start..<position, "\"\(name)\" needs % or * after it",
                    help: "write \(name)% for one such character, \(name)* for any number of them"))
            return
        }
        position += 1
        sets.append(set)
        add(isOne ? .one : .run, index: sets.count - 1)
    }

    private mutating func bracketSet(from start: Int) {
        var set = ScalarSet()
        var last: UInt32?
        while position < text.count, text[position] != UInt8(ascii: "]") {
            if text[position] == UInt8(ascii: "-"), let low = last, position + 1 < text.count,
                text[position + 1] != UInt8(ascii: "]")
            {
                position += 1
                guard let high = setMember() else { break }
                if low <= high {
                    set.insert(low...high)
                } else {
                    faults.append(
                        Fault(
                            start..<position, "a range in this set runs backwards",
                            help: "write the lower character first; a - that is no range stands first or last"
                        ))
                }
                last = nil
            } else if let member = setMember() {
                set.insert(member...member)
                last = member
            } else {
                break
            }
        }
        guard position < text.count else {
            faults.append(
                Fault(
                    start..<text.count, "the set that begins here has no end",
                    help: "close it with ]; inside it, a space is written \"$ \" and a bracket \"$]\""))
            return
        }
        position += 1
        if set.isEmpty {
            faults.append(
                Fault(start..<position, "the set is empty", help: "list the characters between $[ and ]"))
        }
        addQuantified(set, from: start)
    }

    /// One character of a set; `$` takes the next one as it is.
    private mutating func setMember() -> UInt32? {
        if position < text.count, text[position] == UInt8(ascii: "$") { position += 1 }
        guard let (value, length) = UTF8Text.scalar(in: text.span, at: position) else { return nil }
        position += length
        return value
    }

    private mutating func backMatch(_ field: Int, from start: Int) {
        guard position < text.count, text[position] == UInt8(ascii: "*") else {
            faults.append(
                Fault(
                    start..<position, "\"$\(field)\" needs * after it",
                    help: "write $\(field)* for what field \(field) matched, $$\(field) for a dollar sign"))
            return
        }
        position += 1
        guard field < fieldCount else {
            faults.append(
                Fault(
                    start..<position, "\"$\(field)*\" names a field that nothing to its left saves",
                    help: "fields count from 0; the wildcard must stand left of $\(field)*, after no $@"))
            return
        }
        elements.append(Pattern.Element(kind: .backMatch, index: field))
    }

    private mutating func network(from start: Int, until close: UInt8) {
        guard let end = text[position...].firstIndex(of: close) else {
            faults.append(
                Fault(
                    start..<text.count, "the address that begins here has no end",
                    help: "close it with \(Unicode.Scalar(close)), as in \(Self.example(close))"))
            position = text.count
            return
        }
        let parts = text[position..<end].split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        position = end + 1
        let wantsIPv4 = close != UInt8(ascii: "}")
        guard parts.count <= 2, let address = IPAddress(String(decoding: parts[0], as: UTF8.self)),
            parts[0].contains(UInt8(ascii: ":")) != wantsIPv4
        else {
            faults.append(
                Fault(
                    start..<position, "this is no IPv\(wantsIPv4 ? 4 : 6) address or network",
                    help: "write it as in \(Self.example(close))"))
            return
        }
        let width = wantsIPv4 ? 32 : 128
        let isIgnoring = close == UInt8(ascii: ">")
        let given = parts.count == 2 ? parts[1] : ArraySlice((isIgnoring ? "0" : String(width)).utf8)
        let isNumber = given.allSatisfy(\.isASCIIDigit) && (1...3).contains(given.count)
        // An IPv4 address in IPv6 form is read as the IPv4 address: the first 96 bits say no more than that.
        let mapped = !wantsIPv4 && address.isIPv4 ? 96 : 0
        guard isNumber, let bits = Int(String(decoding: given, as: UTF8.self)), bits <= width, bits >= mapped
        else {
            faults.append(
                Fault(
                    start..<position, "the number of bits must be \(mapped) to \(width)",
                    help: "write it as in \(Self.example(close))"))
            return
        }
        networks.append(Network(address, prefixLength: isIgnoring ? width - bits : bits - mapped))
        add(.network, index: networks.count - 1, mayBeSaved: Dialect.savesAddresses)
    }

    private static func example(_ close: UInt8) -> String {
        switch close {
        case UInt8(ascii: ")"): "$(192.0.2.0/24), 24 being the significant bits"
        case UInt8(ascii: ">"): "$<192.0.2.0/8>, 8 being the low bits to ignore"
        default: "${2001:db8::/32}, 32 being the significant bits"
        }
    }

    private mutating func add(
        _ kind: Pattern.Element.Kind, index: Int? = nil, mayBeSaved: Bool = true
    ) {
        var element = Pattern.Element(kind: kind, index: index, isLazy: isLazy)
        if isSaving, mayBeSaved {
            if fieldCount < Pattern.fieldsMax {
                element.field = fieldCount
                fieldCount += 1
            } else {
                unsavedFields += 1
            }
        }
        elements.append(element)
    }

    private mutating func addLiteral(_ octet: UInt8) {
        literals.append(octet.asciiLowercased)
        if let last = elements.indices.last, elements[last].kind == .literal {
            elements[last].pool = elements[last].pool.lowerBound..<literals.count
        } else {
            elements.append(Pattern.Element(kind: .literal, pool: (literals.count - 1)..<literals.count))
        }
    }
}

extension Fault {
    static func loneDollar(_ offset: Int, in half: String) -> Fault {
        Fault(
            offset..<(offset + 1), "the \(half) ends in a $ that quotes nothing",
            help: "write $$ for a dollar sign; if \"$ \" was meant, the space was lost at the end of the line"
        )
    }
}
