// SPDX-License-Identifier: MIT
internal import Mail

/// Reads mapping source into tables.
///
///     ! comment             in the first column
///     TABLE_NAME            in the first column
///                           one blank line
///       pattern  template   indented, until the next blank line; "\" at the end goes on in the next line
///     <file                 in the first column: that file's lines
///
/// A mistake never stops the parser: whoever mends one line and reloads should not learn of the next only
/// then.
struct TableParser {
    private enum Place {
        case outside
        case underName(Int)
        case inside(Int)
    }

    private let sources: [String: [UInt8]]
    private let context: TemplateContext
    private let limits: TableLimits

    private var tables: [Table] = []
    /// Where each name was first defined, by folded name.
    private var definitions: [String: RulePlace] = [:]
    /// Index of the tables that double another: their entries are checked, and not kept.
    private var doubles: Set<Int> = []
    private var mentions: [Mention] = []
    private var place = Place.outside
    private var file = ""
    /// The first file.
    private var main = ""
    /// Files in the order in which they were first read.
    private var fileOrder: [String: Int] = [:]
    private var octetsRead = 0
    private var entryCount = 0
    private var complaints: [Complaint] = []
    private var complaintsLeftOut = 0

    /// A nested table in a template: it may be defined further down, so it is looked for at the end.
    private struct Mention {
        var name: String
        var file: String
        var line: Int
        var column: Int
        var length: Int
    }

    init(sources: [String: [UInt8]], context: TemplateContext, limits: TableLimits) {
        self.sources = sources
        self.context = context
        self.limits = limits
    }

    mutating func parse(_ main: String) -> (tables: TableSet, complaints: [Complaint]) {
        self.main = main
        if let source = sources[main] {
            read(source, named: main, within: [])
        } else {
            complain(
                Complaint(
                    file: main, line: 1, message: "there is no file \"\(main)\"",
                    help: "create it in the rules folder, or name another"))
        }
        for mention in mentions where definitions[mention.name] == nil {
            complain(
                Complaint(
                    file: mention.file, line: mention.line, column: mention.column, length: mention.length,
                    message: "there is no table \(mention.name)",
                    help: "define it, or correct the name: where it is missing, the entry always fails"))
        }
        sortComplaints()
        if complaintsLeftOut > 0 {
            complaints.append(
                Complaint(
                    file: main, line: 1, message: "\(complaintsLeftOut) more mistakes are not shown",
                    help: "mend those shown, and check again"))
        }
        let kept = tables.indices.filter { !doubles.contains($0) }.map { tables[$0] }
        return (TableSet(tables: kept, context: context), complaints)
    }

    /// File by file, from top to bottom, as people mend them.
    private mutating func sortComplaints() {
        let order = fileOrder
        complaints.sort {
            (order[$0.file] ?? 0, $0.line, $0.column) < (order[$1.file] ?? 0, $1.line, $1.column)
        }
    }

    private mutating func complain(_ complaint: Complaint) {
        if complaints.count < limits.complaintsMax {
            complaints.append(complaint)
        } else {
            complaintsLeftOut += 1
        }
    }

    private mutating func complain(
        _ line: SourceLine, _ range: Range<Int>, _ message: String, help: String,
        severity: Complaint.Severity = .error
    ) {
        complain(Complaint(Fault(range, message, help: help, severity: severity), in: file, at: line))
    }

    /// `outer` are the files that this one is included by, from the first.
    private mutating func read(_ source: [UInt8], named name: String, within outer: [String]) {
        let before = file
        file = name
        if fileOrder[name] == nil { fileOrder[name] = fileOrder.count }
        defer { file = before }
        guard source.count <= limits.fileOctetsMax, octetsRead + source.count <= limits.sourceOctetsMax else {
            complain(
                Complaint(
                    file: name, line: 1,
                    message:
                        "the file has \(source.count) octets, more than the \(limits.fileOctetsMax) for one "
                        + "file or the \(limits.sourceOctetsMax) for all",
                    help: "split the file, or include it less often"))
            return
        }
        octetsRead += source.count
        let files = outer + [name]
        for line in SourceLines(source) { take(line, within: files) }
    }

    private mutating func take(_ line: SourceLine, within files: [String]) {
        if line.kind == .comment { return }
        guard isReadable(line) else { return }
        switch (line.kind, place) {
        case (.comment, _), (.blank, .outside): break
        case (.blank, .underName(let table)): place = .inside(table)
        case (.blank, .inside): place = .outside
        case (.include, _): include(line, within: files)
        case (.name, _): openTable(line)
        case (.entry, .outside):
            complain(
                line, content(of: line), "this entry belongs to no table",
                help: "a blank line ends a table: remove it, or begin a table with a name in the first column"
            )
            addEntry(line, to: nil)
        case (.entry, .underName(let table)):
            complain(
                line, content(of: line),
                "the blank line between the name \(tables[table].name) and its first entry is missing",
                help: "put one blank line under the name")
            place = .inside(table)
            addEntry(line, to: table)
        case (.entry, .inside(let table)): addEntry(line, to: table)
        case (.stray, _):
            complain(
                line, content(of: line), "this line is no name, entry, comment or include",
                help:
                    "a name begins with a letter, an entry with a space, a comment with !, an include with <"
            )
        }
    }

    /// What no line of any kind may have.
    private mutating func isReadable(_ line: SourceLine) -> Bool {
        if line.octets.count > limits.lineOctetsMax {
            complain(
                line, 0..<1, "this line has \(line.octets.count) octets, more than \(limits.lineOctetsMax)",
                help: "split the entry; is a line end missing?")
            return false
        }
        if String(validating: line.octets, as: UTF8.self) == nil {
            let octet = line.octets.firstIndex { $0 >= 0x80 } ?? 0
            complain(
                line, octet..<(octet + 1), "this line is not UTF-8",
                help: "save the file as UTF-8; in comments any octets may stand")
            return false
        }
        if let index = line.octets.firstIndex(where: { $0 < 0x20 && $0 != 0x09 || $0 == 0x7F }) {
            complain(
                line, index..<(index + 1), "there is a control character in this line",
                help: "remove it; lines end in LF or CRLF")
            return false
        }
        return true
    }

    /// Without the blanks before and after.
    private func content(of line: SourceLine) -> Range<Int> {
        let start = line.octets.firstIndex { !$0.isColumnSpace } ?? 0
        let end = line.octets.lastIndex { !$0.isColumnSpace } ?? 0
        return start..<max(start, end + 1)
    }

    private mutating func openTable(_ line: SourceLine) {
        if case .inside(let table) = place, !tables[table].entries.isEmpty {
            complain(
                line, content(of: line),
                "the blank line between table \(tables[table].name) and this name is missing",
                help: "put a blank line before the name; if this is an entry, begin it with a space")
        }
        let range = content(of: line)
        let octets = line.octets[range]
        if !TableName.isName(octets) {
            complain(
                line, range, "this is no name of a table",
                help: "a name is letters, digits, _, - and . alone on its line; an entry begins with a space")
        }
        let folded = TableName.folded(octets)
        if let first = definitions[folded] {
            complain(
                line, range, "table \(folded) is defined twice; the first time at \(first)",
                help: "rename one, or put all entries under one name")
            doubles.insert(tables.count)
        } else {
            definitions[folded] = RulePlace(file: file, line: line.number)
        }
        tables.append(Table(name: String(decoding: octets, as: UTF8.self)))
        place = .underName(tables.count - 1)
    }

    private mutating func include(_ line: SourceLine, within files: [String]) {
        let range = content(of: line)
        guard let name = IncludeName.resolve(line.octets) else {
            complain(
                line, range, "this include names no file of the rules folder",
                help: "write < and the file's name relative to the rules folder, without \"..\"")
            return
        }
        guard !files.contains(name) else {
            complain(line, range, "\(name) includes itself", help: "remove this line")
            return
        }
        guard files.count <= limits.includeDepthMax else {
            complain(
                line, range, "includes are nested deeper than \(limits.includeDepthMax)",
                help: "include this file from \(files.first ?? "the first file") instead")
            return
        }
        guard let source = sources[name] else {
            complain(
                line, range, "there is no file \"\(name)\" to include",
                help: "the name is relative to the rules folder; the file must be there and readable")
            return
        }
        read(source, named: name, within: files)
    }

    /// `table` is nil for an entry that belongs to none: it is checked all the same.
    private mutating func addEntry(_ line: SourceLine, to table: Int?) {
        let columns = EntryColumns(line.octets)
        let owner = table.map { "in table \(tables[$0].name), " } ?? ""
        if line.isUnfinished {
            complain(
                line, (line.octets.count - 1)..<line.octets.count, "the file ends where this entry goes on",
                help: "remove the \\ at the end of the line, or add the rest")
            return
        }
        if line.isCutOff, file != main {
            complain(
                line, line.octets.count..<line.octets.count, "the file ends within this entry",
                help: "wait until the file is written whole; the last line of an included file needs its end")
        }
        if columns.template.isEmpty {
            complain(
                line, columns.pattern, "\(owner)this entry has a pattern but no template",
                help: "write \"pattern  template\"; a space inside either half is written \"$ \"")
        }
        let patternText = Array(line.octets[columns.pattern])
        let (pattern, faults) = PatternCompiler.compile(patternText)
        for fault in faults {
            complain(Complaint(fault, in: file, at: line, offset: columns.pattern.lowerBound))
        }
        if columns.template.isEmpty { return }

        let templateText = Array(line.octets[columns.template])
        let compiled = TemplateCompiler.compile(
            templateText, fieldCount: pattern.fieldCount, context: context)
        for fault in compiled.faults {
            complain(Complaint(fault, in: file, at: line, offset: columns.template.lowerBound))
        }
        warnOfLength(line, columns)
        if !columns.rest.isEmpty {
            complain(
                line, columns.rest, "the template ends at the space before this text, which is ignored",
                help:
                    "write \"$ \" for a space inside a template; a continuation begins in the first column",
                severity: .warning)
        }
        for (name, range) in compiled.tableNames {
            let offset = columns.template.lowerBound
            let at = line.place(of: (range.lowerBound + offset)..<(range.upperBound + offset))
            mentions.append(
                Mention(name: name, file: file, line: at.line, column: at.column, length: at.length))
        }
        let isSound = !(faults + compiled.faults).contains { $0.severity == .error }
        guard let table, isSound, hasRoom(line) else { return }
        tables[table].append(
            pattern,
            Table.Entry(
                template: compiled.template,
                patternText: String(decoding: patternText, as: UTF8.self),
                templateText: String(decoding: templateText, as: UTF8.self),
                place: RulePlace(file: file, line: line.number),
                patternPlace: TextPlace(of: columns.pattern, in: line),
                templatePlace: TextPlace(of: columns.template, in: line)))
    }

    private mutating func hasRoom(_ line: SourceLine) -> Bool {
        entryCount += 1
        if entryCount == limits.entriesMax + 1 {
            complain(
                line, content(of: line),
                "this is entry \(entryCount), and tables may have \(limits.entriesMax) in all",
                help: "join entries by wildcards or networks, or remove some")
        }
        return entryCount <= limits.entriesMax
    }

    private mutating func warnOfLength(_ line: SourceLine, _ columns: EntryColumns) {
        let promises = [
            ("pattern", columns.pattern, TableLimits.patternOctetsPromised),
            ("template", columns.template, TableLimits.templateOctetsPromised),
            ("line", 0..<line.octets.count, TableLimits.lineOctetsPromised),
        ]
        for (name, range, octets) in promises where range.count > octets {
            complain(
                line, range, "this \(name) has \(range.count) octets; other servers read \(octets)",
                help: "it is read whole here; split the entry if the file is shared", severity: .warning)
        }
    }
}

/// Where the two halves of an entry stand. They end at the first space or tab without a `$` before it.
struct EntryColumns: Equatable {
    let pattern: Range<Int>
    let template: Range<Int>
    /// What follows the template and its blanks; empty in a good entry.
    let rest: Range<Int>

    init(_ line: [UInt8]) {
        var position = 0
        func skipBlanks() { while position < line.count, line[position].isColumnSpace { position += 1 } }
        func column() -> Range<Int> {
            skipBlanks()
            let start = position
            while position < line.count, !line[position].isColumnSpace {
                position += line[position] == UInt8(ascii: "$") && position + 1 < line.count ? 2 : 1
            }
            return start..<position
        }
        pattern = column()
        template = column()
        skipBlanks()
        let end = line.lastIndex { !$0.isColumnSpace } ?? 0
        rest = position..<max(position, end + 1)
    }
}
