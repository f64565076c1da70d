// SPDX-License-Identifier: MIT
internal import Mail

/// A table being gone through: where it is, and what it has come to.
struct TableFrame: Sendable {
    /// What the evaluation does after a piece of work on a frame.
    enum Move: Sendable {
        case goOn
        case ask(TableRequest)
        case enter(table: Int, argument: [UInt8])
        case ended
    }

    /// What a template was waiting for.
    enum Incoming: Sendable {
        /// Text in which nothing has a meaning, such as a nested table's result.
        case text([UInt8])
        /// Template text, such as a callout's answer.
        case template([UInt8])
        /// A percentage that came true.
        case passed
        /// `isTemporary`: whoever was asked can't say now, and `$.text.` may stand in.
        case failure(String, isTemporary: Bool)
    }

    let table: Int
    /// What the table was called with.
    let argument: [UInt8]
    /// What entries are compared with: the argument, then the output of the last entry that gave one.
    var target: Target {
        didSet { candidates = nil }
    }
    /// What the table's index found for `target`; nil until it is asked.
    var candidates: Candidates?
    var nextEntry = 0
    var expansion: TemplateExpansion?
    var incoming: Incoming?

    // The result so far.
    var hasResult: Bool { entry != nil }
    var flags = FlagSet()
    /// Number of the entry that decided.
    var entry: Int?
    /// The text that the deciding entry matched, and where its fields stand in it.
    private var captured: (text: [UInt8], fields: MatchedFields) = ([], MatchedFields())

    // Passes.
    /// `$L` was seen last: after the last entry comes another pass.
    var owesPass = false
    /// Octets of the string that this pass began with.
    var passOctets: Int
    /// Restarts since the string last got shorter.
    var idleRestarts = 0

    init(table: Int, argument: [UInt8]) {
        self.table = table
        self.argument = argument
        target = Target(argument)
        passOctets = argument.count
    }

    /// Notes that `fields` of the target decided.
    mutating func capture(_ fields: MatchedFields) { captured = (target.octets, fields) }

    /// The result as text, once the table has ended.
    var output: String { String(decoding: target.octets, as: UTF8.self) }

    /// The deciding entry's wildcard fields, from `$0`.
    var captures: [String] { captured.fields.texts(of: captured.text) }
}

/// A template being written.
struct TemplateExpansion: Sendable {
    /// Index of its entry in the table.
    let entry: Int
    /// Where the pattern's fields stand in the target.
    let fields: MatchedFields
    private(set) var output: [UInt8] = []
    /// Octets of `output` already counted against the limits.
    var charged = 0
    var flags = FlagSet()
    /// The last one seen.
    var control: Template.Control?
    var mode = Template.Mode.plain
    /// `$.text.`
    var fallback: [Template.Piece]?
    /// The template, or what an answer put in its place.
    private var cursor: Cursor
    /// What goes on once `cursor` is at its end; the last first.
    private var outer: [Cursor] = []

    private struct Cursor: Sendable {
        let pieces: [Template.Piece]
        /// Their text came from elsewhere, so that `$=` quotes it.
        let isSubstituted: Bool
        var next = 0
    }

    init(entry: Int, fields: MatchedFields, pieces: [Template.Piece]) {
        self.entry = entry
        self.fields = fields
        cursor = Cursor(pieces: pieces, isSubstituted: false)
    }

    /// The template was replaced by `pieces`, and nothing is left of what it had written.
    mutating func restart(as pieces: [Template.Piece]) {
        output = []
        charged = 0
        flags = FlagSet()
        control = Dialect.fallbackControl
        mode = .plain
        fallback = nil
        cursor = Cursor(pieces: pieces, isSubstituted: false)
        outer = []
    }

    /// Whether the piece that came last is the template's own.
    var isOwnText: Bool { !cursor.isSubstituted }

    mutating func nextPiece() -> Template.Piece? {
        while cursor.next == cursor.pieces.count {
            guard let next = outer.popLast() else { return nil }
            cursor = next
        }
        defer { cursor.next += 1 }
        return cursor.pieces[cursor.next]
    }

    /// `pieces` come next, then the rest.
    mutating func splice(_ pieces: [Template.Piece]) {
        // One that is at its end is of no more use: text that calls itself would keep them all.
        if cursor.next < cursor.pieces.count { outer.append(cursor) }
        cursor = Cursor(pieces: pieces, isSubstituted: true)
    }

    mutating func write(_ text: some Sequence<UInt8>, isSubstituted: Bool) {
        mode.write(text, isSubstituted: isSubstituted, to: &output)
    }

    /// Nothing for a field that the pattern doesn't save.
    mutating func writeField(_ index: Int, of target: Target) {
        guard index < fields.count else { return }
        write(target.octets[fields[index]], isSubstituted: true)
    }

    /// An argument is written in the mode that holds where it begins; modes within it end with it.
    ///
    /// Where a directory reads it, `quoting` says how fields are written; `$=` then adds nothing.
    func argument(
        _ pieces: [Template.Piece], of target: Target, quoting: DirectoryQuoting? = nil
    ) -> [UInt8] {
        var output: [UInt8] = []
        var mode = mode
        for piece in pieces {
            switch piece {
            case .text(let text): mode.write(text, isSubstituted: false, to: &output)
            case .field(let index):
                guard index < fields.count else { continue }
                let text = target.octets[fields[index]]
                if let quoting {
                    var cased: [UInt8] = []
                    mode.write(text, isSubstituted: false, to: &cased)
                    quoting.write(cased, to: &output)
                } else {
                    mode.write(text, isSubstituted: true, to: &output)
                }
            case .mode(let next): mode = next
            // The compiler refuses these in arguments.
            case .flag, .control, .test, .table, .callout, .database, .directory, .domain, .sequence,
                .chance, .fallback:
                break
            }
        }
        return output
    }
}
