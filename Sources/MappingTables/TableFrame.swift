// SPDX-License-Identifier: MIT
internal import Mail

/// A table being gone through: where it is, and what it has come to.
struct TableFrame: Sendable {
    /// What the evaluation does after a piece of work on a frame.
    enum Move: Sendable {
        case goOn
        case ask(Callout)
        case enter(table: Int, argument: [UInt8])
        case ended
    }

    /// What a template was waiting for.
    enum Incoming: Sendable {
        /// A nested table's result: text, in which nothing has a meaning.
        case text([UInt8])
        /// A callout's answer.
        case template([UInt8])
        case failure(String)
    }

    let table: Int
    /// What the table was called with.
    let argument: [UInt8]
    /// What entries are compared with: the argument, then the output of the last entry that gave one.
    var target: Target
    var nextEntry = 0
    var expansion: TemplateExpansion?
    var incoming: Incoming?

    // The result so far.
    var hasResult = false
    var flags = FlagSet()
    var place: RulePlace?
    var captures: [[UInt8]] = []

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
}

/// A template being written.
struct TemplateExpansion: Sendable {
    /// Index of its entry in the table.
    let entry: Int
    /// Where the pattern's fields stand in the target.
    let fields: [Range<Int>]
    private(set) var output: [UInt8] = []
    /// Octets of `output` already counted against the limits.
    var charged = 0
    var flags = FlagSet()
    /// The last one seen.
    var control: Template.Control?
    var mode = Template.Mode.plain
    /// The template, and above it what callouts put in its place.
    private var cursors: [Cursor]

    private struct Cursor: Sendable {
        let pieces: [Template.Piece]
        var next = 0
    }

    init(entry: Int, fields: [Range<Int>], pieces: [Template.Piece]) {
        self.entry = entry
        self.fields = fields
        cursors = [Cursor(pieces: pieces)]
    }

    mutating func nextPiece() -> Template.Piece? {
        while let top = cursors.indices.last {
            let cursor = cursors[top]
            if cursor.next < cursor.pieces.count {
                cursors[top].next += 1
                return cursor.pieces[cursor.next]
            }
            cursors.removeLast()
        }
        return nil
    }

    /// `pieces` come next, then the rest.
    mutating func splice(_ pieces: [Template.Piece]) { cursors.append(Cursor(pieces: pieces)) }

    mutating func write(_ text: some Sequence<UInt8>, isSubstituted: Bool) {
        mode.write(text, isSubstituted: isSubstituted, to: &output)
    }

    /// Nothing for a field that the pattern doesn't save.
    mutating func writeField(_ index: Int, of target: Target) {
        guard index < fields.count else { return }
        write(target.octets[fields[index]], isSubstituted: true)
    }

    /// An argument is written in the mode that holds where it begins; modes within it end with it.
    func argument(_ pieces: [Template.Piece], of target: Target) -> [UInt8] {
        var inner = TemplateExpansion(entry: entry, fields: fields, pieces: [])
        inner.mode = mode
        for piece in pieces {
            switch piece {
            case .text(let text): inner.write(text, isSubstituted: false)
            case .field(let index): inner.writeField(index, of: target)
            case .mode(let mode): inner.mode = mode
            case .flag, .control, .test, .table, .callout: break  // The compiler refuses these in arguments.
            }
        }
        return inner.output
    }
}
