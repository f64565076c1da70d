// SPDX-License-Identifier: MIT
internal import Mail

/// Reads a template.
///
///     $0 ... $9                 a field           $$ $<space> $<tab>   the character
///     $C $E $L $R               what comes next   $\ $^ $_ $=          case and quoting
///     $:x $;x                   flag tests        $|table;argument|    another table
///     $[image,routine,argument] a callout         $ and another letter or sign: an output flag
struct TemplateCompiler {
    private let text: [UInt8]
    /// Fields that the entry's pattern saves.
    private let fieldCount: Int
    /// `image,routine` of each callout that can be answered.
    private let callouts: Set<String>
    private var position = 0
    private var faults: [Fault] = []
    /// Where nested tables are named, so that the parser can check that they exist.
    private var tableNames: [(name: String, range: Range<Int>)] = []

    private init(_ text: [UInt8], fieldCount: Int, callouts: Set<String>) {
        self.text = text
        self.fieldCount = fieldCount
        self.callouts = callouts
    }

    struct Compiled {
        var template: Template
        var faults: [Fault]
        var tableNames: [(name: String, range: Range<Int>)]
    }

    static func compile(_ text: [UInt8], fieldCount: Int, callouts: Set<String>) -> Compiled {
        var compiler = TemplateCompiler(text, fieldCount: fieldCount, callouts: callouts)
        let pieces = compiler.pieces(until: nil)
        return Compiled(
            template: Template(pieces: pieces), faults: compiler.faults, tableNames: compiler.tableNames)
    }

    /// `close` ends an argument; in one, only text, fields and modes may stand.
    private mutating func pieces(until close: UInt8?) -> [Template.Piece] {
        var pieces: [Template.Piece] = []
        var literal: [UInt8] = []
        while position < text.count, text[position] != close {
            let octet = text[position]
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
            if sign == UInt8(ascii: "$") || sign.isColumnSpace {
                literal.append(sign)
                continue
            }
            guard let piece = close == nil ? sequence(sign, from: start) : argumentSequence(sign, from: start)
            else { continue }
            if !literal.isEmpty {
                pieces.append(.text(literal))
                literal = []
            }
            pieces.append(piece)
        }
        if !literal.isEmpty { pieces.append(.text(literal)) }
        return pieces
    }

    private mutating func argumentSequence(_ sign: UInt8, from start: Int) -> Template.Piece? {
        if sign.isASCIIDigit { return field(sign, from: start) }
        if let mode = Self.mode(sign) { return .mode(mode) }
        skipCharacter()
        let name = String(decoding: text[start..<position], as: UTF8.self)
        faults.append(
            Fault(
                start..<position, "\"\(name)\" can't stand in an argument",
                help:
                    "an argument holds text, $0 to $9, quoting and case modes; write $\(name) where a "
                    + "callout's answer is to contain \(name)"))
        return nil
    }

    private mutating func sequence(_ sign: UInt8, from start: Int) -> Template.Piece? {
        if sign.isASCIIDigit { return field(sign, from: start) }
        if let mode = Self.mode(sign) { return .mode(mode) }
        switch sign.asciiUppercased {
        case UInt8(ascii: "C"): return .control(.next)
        case UInt8(ascii: "E"): return .control(.end)
        case UInt8(ascii: "L"): return .control(.nextThenAgain)
        case UInt8(ascii: "R"): return .control(.restart)
        case UInt8(ascii: ":"), UInt8(ascii: ";"): return flagTest(sign, from: start)
        case UInt8(ascii: "|"): return nestedTable(from: start)
        case UInt8(ascii: "["): return callout(from: start)
        case UInt8(ascii: "{"), UInt8(ascii: "]"), UInt8(ascii: "#"), UInt8(ascii: "?"), UInt8(ascii: "}"),
            UInt8(ascii: "."):
            refuse(sign, from: start)
            return nil
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
        let argument = pieces(until: UInt8(ascii: "|"))
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
        let argument = pieces(until: UInt8(ascii: "]"))
        guard position < text.count else {
            faults.append(
                Fault(
                    start..<text.count, "the callout that begins here has no end",
                    help: "close it with ]; a space in its argument is written \"$ \""))
            return nil
        }
        position += 1
        let base = Self.baseName(image)
        guard callouts.contains("\(base),\(routine)") else {
            let known = callouts.sorted().map { "$[\($0),...]" }.joined(separator: " ")
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

    private mutating func skipPast(_ close: UInt8) {
        while position < text.count, text[position] != close { position += 1 }
        position = min(position + 1, text.count)
    }

    /// What the language has and this gateway doesn't.
    private mutating func refuse(_ sign: UInt8, from start: Int) {
        let (close, message, help): (Character, String, String) =
            switch sign {
            case UInt8(ascii: "{"):
                (
                    "}", "look-ups in a text database, ${...}, are not available",
                    "list the keys as patterns of a table of their own and write $|TABLE;key|"
                )
            case UInt8(ascii: "]"):
                (
                    "[", "directory look-ups, $]...[, are not available",
                    "list what the directory would answer in a table of its own and write $|TABLE;key|"
                )
            case UInt8(ascii: "#"):
                ("#", "sequence numbers, $#...#, are not available", "remove the sequence")
            case UInt8(ascii: "?"):
                (
                    "?", "entries that succeed only sometimes, $?...?, are not available",
                    "remove the percentage: the entry then always succeeds"
                )
            case UInt8(ascii: "}"):
                (
                    "{", "directory attributes of a domain, $}...{, are not available",
                    "list the domains in a table of their own and write $|TABLE;domain|"
                )
            default:
                (
                    ".", "texts for failed directory look-ups, $.…., are not available",
                    "remove the text: there are no directory look-ups"
                )
            }
        if let octet = close.asciiValue { skipPast(octet) }
        faults.append(Fault(start..<position, message, help: help))
    }
}
