// SPDX-License-Identifier: MIT
internal import Mail

/// Reads a template.
///
///     $0 ... $9                 a field           $$ $<space> $<tab>   the character
///     $C $E $L $R               what comes next   $\ $^ $_ $=          case and quoting
///     $:x $;x                   flag tests        $|table;argument|    another table
///     $[image,routine,argument] a callout         ${key} $]ldap-url[ $}domain,attribute{  look-ups
///     $#file|radix|width|m#     a sequence number  $?x? a percentage  $.text. if a directory is gone
///     $ and another letter or sign: an output flag
struct TemplateCompiler {
    let text: [UInt8]
    /// Fields that the entry's pattern saves.
    private let fieldCount: Int
    let context: TemplateContext
    var position = 0
    var faults: [Fault] = []
    /// Where nested tables are named, so that the parser can check that they exist.
    private var tableNames: [(name: String, range: Range<Int>)] = []
    /// Where each piece of the template itself stands.
    private var ranges: [Range<Int>] = []

    private init(_ text: [UInt8], fieldCount: Int, context: TemplateContext) {
        self.text = text
        self.fieldCount = fieldCount
        self.context = context
    }

    struct Compiled {
        var template: Template
        var faults: [Fault]
        var tableNames: [(name: String, range: Range<Int>)]
        /// Where each of the template's pieces stands in the text.
        var ranges: [Range<Int>]
    }

    static func compile(_ text: [UInt8], fieldCount: Int, context: TemplateContext) -> Compiled {
        var compiler = TemplateCompiler(text, fieldCount: fieldCount, context: context)
        let pieces = compiler.pieces(until: nil, in: .template)
        return Compiled(
            template: Template(pieces: pieces), faults: compiler.faults, tableNames: compiler.tableNames,
            ranges: compiler.ranges)
    }

    /// What may stand where.
    enum Place: Equatable {
        /// Anything.
        case template
        /// Text, fields and modes.
        case argument
        /// Text, fields, modes, flags and controls.
        case fallback
    }

    /// `close` ends an argument or fallback; in a fallback, `$` before it makes it an ordinary sign.
    mutating func pieces(until close: UInt8?, in place: Place) -> [Template.Piece] {
        var pieces: [Template.Piece] = []
        var literal: [UInt8] = []
        var literalStart = position
        while position < text.count, text[position] != close {
            let octet = text[position]
            if literal.isEmpty { literalStart = position }
            guard octet == UInt8(ascii: "$") else {
                literal.append(octet)
                position += 1
                continue
            }
            let start = position
            guard position + 1 < text.count else {
                faults.append(.loneDollar(start, in: "template"))
                position = text.count
                break
            }
            let sign = text[position + 1]
            position += 2
            if sign == UInt8(ascii: "$") || sign.isColumnSpace || place == .fallback && sign == close {
                literal.append(sign)
                continue
            }
            guard let piece = sequence(sign, from: start, in: place) else { continue }
            if !literal.isEmpty {
                add(.text(literal), literalStart..<start, in: place, to: &pieces)
                literal = []
            }
            add(piece, start..<position, in: place, to: &pieces)
        }
        if !literal.isEmpty { add(.text(literal), literalStart..<position, in: place, to: &pieces) }
        return pieces
    }

    private mutating func add(
        _ piece: Template.Piece, _ range: Range<Int>, in place: Place, to pieces: inout [Template.Piece]
    ) {
        pieces.append(piece)
        if place == .template { ranges.append(range) }
    }

    private mutating func sequence(
        _ sign: UInt8, from start: Int, in place: Place
    ) -> Template.Piece? {
        if sign.isASCIIDigit { return field(sign, from: start) }
        if let mode = Self.mode(sign) { return .mode(mode) }
        switch place {
        case .template: return sequence(sign, from: start)
        case .fallback:
            if let control = Self.control(sign) { return .control(control) }
            if Self.isFlag(sign) { return .flag(sign) }
        case .argument: break
        }
        skipCharacter()
        let name = String(decoding: text[start..<position], as: UTF8.self)
        faults.append(
            Fault(
                start..<position,
                "\"\(name)\" can't stand in \(place == .fallback ? "a text for failures" : "an argument")",
                help: place == .fallback
                    ? "between $. and . stand text, $0 to $9, flags, $C $E $L $R and modes; write $. for a dot"
                    : "an argument holds text, $0 to $9, quoting and case modes; write $\(name) where a "
                        + "callout's answer is to contain \(name)"))
        return nil
    }

    private mutating func sequence(_ sign: UInt8, from start: Int) -> Template.Piece? {
        if let control = Self.control(sign) { return .control(control) }
        switch sign {
        case UInt8(ascii: ":"), UInt8(ascii: ";"): return flagTest(sign, from: start)
        case UInt8(ascii: "|"): return nestedTable(from: start)
        case UInt8(ascii: "["): return callout(from: start)
        case UInt8(ascii: "{"): return database(from: start)
        case UInt8(ascii: "]"): return directory(from: start)
        case UInt8(ascii: "}"): return domain(from: start)
        case UInt8(ascii: "#"): return number(from: start)
        case UInt8(ascii: "?"): return chance(from: start)
        case UInt8(ascii: "."): return fallback(from: start)
        case 0x21...0x7E: return .flag(sign)
        default:
            skipCharacter()
            let name = String(decoding: text[start..<position], as: UTF8.self)
            faults.append(
                Fault(
                    start..<position, "\"\(name)\" has no meaning in a template",
                    help: "write $$ for a dollar sign; flags are ASCII letters and signs"))
            return nil
        }
    }

    private static func control(_ sign: UInt8) -> Template.Control? {
        switch sign.asciiUppercased {
        case UInt8(ascii: "C"): .next
        case UInt8(ascii: "E"): .end
        case UInt8(ascii: "L"): .nextThenAgain
        case UInt8(ascii: "R"): .restart
        default: nil
        }
    }

    /// What is left over for whoever reads the table.
    private static func isFlag(_ sign: UInt8) -> Bool {
        (0x21...0x7E).contains(sign) && !":;|[{]}#?.".utf8.contains(sign)
    }

    private static func mode(_ sign: UInt8) -> Template.Mode? {
        switch sign {
        case UInt8(ascii: "\\"): .lower
        case UInt8(ascii: "^"): .upper
        case UInt8(ascii: "_"): .plain
        case UInt8(ascii: "="): .filter
        default: nil
        }
    }

    /// Goes to the end of a character whose first octet was taken.
    private mutating func skipCharacter() {
        while position < text.count, text[position].isUTF8Continuation { position += 1 }
    }

    private mutating func field(_ sign: UInt8, from start: Int) -> Template.Piece {
        let index = Int(sign - 0x30)
        if index >= fieldCount {
            let saved =
                switch fieldCount {
                case 0: "no field"
                case 1: "only $0"
                default: "only $0 to $\(fieldCount - 1)"
                }
            faults.append(
                Fault(
                    start..<position, "the template names $\(index), but the pattern saves \(saved)",
                    help: "count the wildcards of the pattern from 0; $\(index) is empty here",
                    severity: .warning))
        }
        return .field(index)
    }

    private mutating func flagTest(_ sign: UInt8, from start: Int) -> Template.Piece? {
        guard position < text.count, (0x21...0x7E).contains(text[position]) else {
            faults.append(
                Fault(
                    start..<position, "\"$\(Unicode.Scalar(sign))\" needs the flag to test after it",
                    help: "write $:A for \"flag A is set\", $;A for \"flag A is clear\""))
            return nil
        }
        defer { position += 1 }
        return .test(flag: text[position].asciiUppercased, mustBeSet: sign == UInt8(ascii: ":"))
    }

    /// `$|table;argument|`: what follows the name, whatever it is, sets it apart from the argument.
    private mutating func nestedTable(from start: Int) -> Template.Piece? {
        let nameStart = position
        while position < text.count, TableName.isOctet(text[position]) { position += 1 }
        let name = TableName.folded(text[nameStart..<position])
        let range = nameStart..<position
        guard !range.isEmpty, position < text.count, text[position] != UInt8(ascii: "|") else {
            skipPast(UInt8(ascii: "|"))
            faults.append(
                Fault(
                    start..<position, "the nested table has no name or no argument",
                    help: "write $|TABLE;argument|"))
            return nil
        }
        position += 1
        let argument = pieces(until: UInt8(ascii: "|"), in: .argument)
        guard position < text.count else {
            faults.append(
                Fault(
                    start..<text.count, "the nested table that begins here has no end",
                    help: "write $|TABLE;argument| and close it with |"))
            return nil
        }
        position += 1
        tableNames.append((name, range))
        return .table(name: name, argument: argument)
    }

    private mutating func callout(from start: Int) -> Template.Piece? {
        let image = word(before: UInt8(ascii: ","), orNot: UInt8(ascii: "]"))
        let routine = image == nil ? nil : word(before: UInt8(ascii: ","), orNot: UInt8(ascii: "]"))
        guard let image, let routine else {
            skipPast(UInt8(ascii: "]"))
            faults.append(
                Fault(
                    start..<position, "the callout doesn't name image, routine and argument",
                    help: "write $[image,routine,argument], as in $[dns_verify.so,dns_verify,$1|$$Y|$$N]"))
            return nil
        }
        let argument = pieces(until: UInt8(ascii: "]"), in: .argument)
        guard position < text.count else {
            faults.append(
                Fault(
                    start..<text.count, "the callout that begins here has no end",
                    help: "close it with ]; a space in its argument is written \"$ \""))
            return nil
        }
        position += 1
        let base = Self.baseName(image)
        guard context.callouts.contains("\(base),\(routine)") else {
            let known = context.callouts.sorted().map { "$[\($0),...]" }.joined(separator: " ")
            faults.append(
                Fault(
                    start..<position, "there is no routine \"\(routine)\" in image \"\(base)\"",
                    help: known.isEmpty
                        ? "no callout can be answered here: remove it" : "the callouts are \(known)"))
            return nil
        }
        return .callout(image: base, routine: routine, argument: argument)
    }

    /// The text up to `end`, which is taken too; nil if `stop`, a `$` or the end of the template comes first.
    private mutating func word(before end: UInt8, orNot stop: UInt8) -> String? {
        let start = position
        while position < text.count, text[position] != end {
            if text[position] == stop || text[position] == UInt8(ascii: "$") { return nil }
            position += 1
        }
        guard position < text.count, position > start else { return nil }
        defer { position += 1 }
        return String(decoding: text[start..<position], as: UTF8.self)
    }

    /// Without folder, without a logical name such as `IMTA_LIB:`, without `.so`.
    private static func baseName(_ image: String) -> String {
        let last = image.utf8.split(whereSeparator: { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") })
            .last
        let name = Array(last ?? image.utf8[...])
        let suffix = Array(".so".utf8)
        let base =
            name.count > suffix.count && name.suffix(suffix.count) == suffix[...]
            ? name.dropLast(3) : name[...]
        return String(decoding: base, as: UTF8.self)
    }

    mutating func skipPast(_ close: UInt8) {
        while position < text.count, text[position] != close { position += 1 }
        position = min(position + 1, text.count)
    }
}
