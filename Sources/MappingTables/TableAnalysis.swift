// SPDX-License-Identifier: MIT
package import Mail

/// What can be told of tables without a probe: entries that can never do anything, and those that do
/// something else than was meant.
///
/// Nothing here is a guess: where a `$C` hands a changed string to the entries below, or a routine's answer
/// is a template of its own, the entries concerned are left alone.
package struct TableAnalysis {
    private let tables: TableSet
    private let shapes: [String: TableShape]
    private var complaints: [Complaint] = []

    /// Complaints of one table, at most: nobody mends more at once.
    package static let complaintsMax = 200

    /// `shapes` by table name, letters in upper case, for the tables whose reader is known.
    private init(tables: TableSet, shapes: [String: TableShape]) {
        self.tables = tables
        self.shapes = shapes
    }

    /// Every finding, table by table. Errors are entries that can't work; warnings those that do nothing.
    package static func complaints(of tables: TableSet, shapes: [String: TableShape]) -> [Complaint] {
        var analysis = TableAnalysis(tables: tables, shapes: shapes)
        var reach = ReachAnalysis()
        var found: [Complaint] = []
        for table in tables.tables {
            analysis.complaints = []
            analysis.check(table)
            analysis.complaints += reach.complaints(of: table)
            found += analysis.complaints.prefix(complaintsMax)
        }
        return found + NestingAnalysis.complaints(of: tables)
    }

    private mutating func check(_ table: Table) {
        guard let shape = shapes[TableName.folded(table.name.utf8)] else { return }
        let flow = TableFlow(table)
        for (index, entry) in table.entries.enumerated() {
            checkTests(entry, shape, table)
            guard flow.seesProbe(index), complaints.count < Self.complaintsMax else { continue }
            checkProbe(table.patterns[index], entry, shape, table)
            guard flow.isLast(index), !flow.facts[index].isOpen else { continue }
            checkArguments(table.patterns[index], entry, shape)
        }
    }

    // MARK: Probes

    /// A probe has so many fields; a pattern that wants another number of them never matches.
    private mutating func checkProbe(
        _ pattern: Pattern, _ entry: Table.Entry, _ shape: TableShape, _ table: Table
    ) {
        let (least, most) = Self.bars(of: pattern)
        if least <= shape.bars.upperBound, most ?? Int.max >= shape.bars.lowerBound { return }
        let isLong = least > shape.bars.upperBound
        let said = (isLong ? least : most ?? least) + 1
        let wanted =
            shape.bars.lowerBound == shape.bars.upperBound
            ? "\(shape.fields.count)" : "\(shape.bars.lowerBound + 1) to \(shape.fields.count)"
        complain(
            entry.patternPlace, 0..<entry.patternText.utf8.count, entry.patternText, entry,
            "this pattern wants \(isLong ? "at least" : "at most") \(Self.fields(said)), "
                + "and a probe of \(table.name) has \(wanted): it never matches",
            help: "a probe is \(shape.fields.joined(separator: " | "))")
    }

    private static func fields(_ count: Int) -> String { count == 1 ? "1 field" : "\(count) fields" }

    /// How many `|` a string that matches can have; nil is any number.
    static func bars(of pattern: Pattern) -> (least: Int, most: Int?) {
        var least = 0
        var most: Int? = 0
        for element in pattern.elements {
            let set = element.index.map { pattern.sets.indices.contains($0) ? pattern.sets[$0] : ScalarSet() }
            let mayBeBar = set?.contains(UInt32(UInt8(ascii: "|"))) ?? true
            switch element.kind {
            case .literal:
                let bars = pattern.literals[element.pool].count { $0 == UInt8(ascii: "|") }
                least += bars
                most = most.map { $0 + bars }
            case .one: if mayBeBar { most = most.map { $0 + 1 } }
            case .run: if mayBeBar { most = nil }
            case .backMatch: most = nil
            case .network: break
            }
        }
        return (least, most)
    }

    /// A test of a flag that nobody sets always comes out the same.
    private mutating func checkTests(_ entry: Table.Entry, _ shape: TableShape, _ table: Table) {
        for (index, piece) in entry.template.pieces.enumerated() {
            guard case .test(let flag, let mustBeSet) = piece,
                !shape.inputFlags.contains(Character(Unicode.Scalar(flag)))
            else { continue }
            let known = shape.inputFlags.sorted().map { "$:\($0)" }.joined(separator: ", ")
            let range = compiled(entry).ranges.dropFirst(index).first
            complain(
                entry.templatePlace, range ?? 0..<0, entry.templateText, entry,
                "nobody sets input flag \(Unicode.Scalar(flag)) of \(table.name): this "
                    + (mustBeSet ? "always fails" : "never fails"),
                help: known.isEmpty
                    ? "remove it: this table has no input flags" : "this table's input flags are \(known)",
                severity: .warning)
        }
    }

    // MARK: Arguments

    private mutating func checkArguments(
        _ pattern: Pattern, _ entry: Table.Entry, _ shape: TableShape
    ) {
        // A field can't hold a bar where the pattern spells out every bar that a probe has.
        let fieldsHoldBars = Self.bars(of: pattern).least < shape.bars.upperBound
        let text = TemplateArguments(entry.template, fieldsHoldBars: fieldsHoldBars)
        let taking = shape.arguments.filter { text.flags.contains($0.flag.asciiValue ?? 0) }
        let texts = taking.filter { FlagArguments.textFlags.contains($0.flag) }
        let others = taking.filter { !FlagArguments.textFlags.contains($0.flag) }
        var next = 0
        for argument in others {
            guard next + argument.width <= text.parts.count else {
                if !text.isOpen { complainOfMissing(argument, others, text, entry, shape) }
                return
            }
            if argument.width == 1, text.isKnown(next) {
                checkForm(text.parts[next], of: argument, isRejection: !texts.isEmpty, entry)
            }
            next += argument.width
        }
        if let rejection = texts.first, next < text.parts.count {
            checkCode(text.parts[next], of: rejection, entry)
        } else if texts.isEmpty, !others.isEmpty, !shape.usesRest, !text.isOpen, text.parts.count > next {
            let names = others.map { "$\($0.flag)" }.joined(separator: ", ")
            complainOfTemplate(
                entry, "what follows the arguments of \(names) in the text is used by nobody",
                help: "remove it, or set the flag that it belongs to", severity: .warning)
        }
    }

    private mutating func complainOfMissing(
        _ argument: TableShape.Argument, _ others: [TableShape.Argument], _ text: TemplateArguments,
        _ entry: Table.Entry, _ shape: TableShape
    ) {
        let names = others.map { "$\($0.flag)" }.joined(separator: ", ")
        let wanted = others.reduce(0) { $0 + $1.width }
        let order = shape.arguments.map { "$\($0.flag)" }.joined(separator: " ")
        complainOfTemplate(
            entry,
            "there is no argument for $\(argument.flag): \(names) want \(wanted), and the text has "
                + "\(text.parts.count)",
            help: "divide them by |, in the order \(order), wherever in the template the flags stand")
    }

    private mutating func checkForm(
        _ part: TemplateArguments.Part, of argument: TableShape.Argument, isRejection: Bool,
        _ entry: Table.Entry
    ) {
        guard let value = part.literal else { return }
        let said = UTF8Text.excerpt(Array(value.utf8), octetsMax: 60)
        if argument.form == .status, isRejection, value.hasPrefix("2."), Self.isStatus(value) {
            complainOfTemplate(
                entry, "this entry rejects, and the code \(said) of $\(argument.flag) means success",
                help: "write a code that begins with 4 (try again later) or 5 (never)")
            return
        }
        let isRight =
            switch argument.form {
            case .word, .text, .reply: true
            case .number: Int(value) != nil && !value.hasPrefix("+")
            case .numbers:
                value.utf8.allSatisfy { $0.isASCIIDigit || $0 == UInt8(ascii: ",") }
                    && (1...3).contains(value.utf8.split(separator: UInt8(ascii: ",")).count)
            case .status: Self.isStatus(value)
            }
        if isRight { return }
        let example =
            switch argument.form {
            case .number: "a number, such as 30"
            case .numbers: "one to three numbers, such as 100000,20,50"
            default: "a code, such as 5.7.1"
            }
        complainOfTemplate(
            entry, "the argument of $\(argument.flag) is \"\(said)\", and should be \(example)",
            help: "is a | missing after it, or an argument before it?")
    }

    private static func isStatus(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 3 && ["2", "4", "5"].contains { parts[0].elementsEqual($0.utf8) }
            && parts.allSatisfy { (1...3).contains($0.count) && $0.allSatisfy(\.isASCIIDigit) }
    }

    /// The text of a rejection must not begin with the code of a success.
    private mutating func checkCode(
        _ part: TemplateArguments.Part, of argument: TableShape.Argument, _ entry: Table.Entry
    ) {
        let digits = part.head.prefix(3)
        let after = part.head.dropFirst(3).first
        guard digits.count == 3, digits.first == UInt8(ascii: "2"), digits.allSatisfy(\.isASCIIDigit),
            after == nil || after == UInt8(ascii: " ") || after == UInt8(ascii: "-")
        else { return }
        let code = String(decoding: digits, as: UTF8.self)
        complainOfTemplate(
            entry, "this entry rejects, and its text begins with \(code), which means success",
            help: argument.form == .reply
                ? "begin the text with a code from 400 to 599, as in $N554$ 5.7.1$ text"
                : "leave the code out: the text follows the code that $X chooses")
    }

    // MARK: Complaining

    private func compiled(_ entry: Table.Entry) -> TemplateCompiler.Compiled {
        TemplateCompiler.compile(
            Array(entry.templateText.utf8), fieldCount: Pattern.fieldsMax, context: tables.context)
    }

    private mutating func complainOfTemplate(
        _ entry: Table.Entry, _ message: String, help: String, severity: Complaint.Severity = .error
    ) {
        complain(
            entry.templatePlace, 0..<entry.templateText.utf8.count, entry.templateText, entry, message,
            help: help, severity: severity)
    }

    private mutating func complain(
        _ place: TextPlace, _ range: Range<Int>, _ text: String, _ entry: Table.Entry, _ message: String,
        help: String, severity: Complaint.Severity = .error
    ) {
        complaints.append(
            place.complaint(
                range, of: text, in: entry.place.file, message, help: help, severity: severity))
    }
}
