// SPDX-License-Identifier: MIT

internal import Mail

/// The message's header as the script has made it so far (RFC 5293): fields as received, and fields of its
/// own.
struct HeaderOverlay: Sendable {
    enum Line: Sendable {
        case received(HeaderBlock.Field)
        /// A field of the script's: `body` in UTF-8, with the folds that the script gave it.
        case added(name: String, body: [UInt8])

        var name: String {
            switch self {
            case .received(let field): field.name
            case .added(let name, _): name
            }
        }
    }

    private(set) var lines: [Line]
    /// For each line what its name is recognised by without being read.
    private var marks: [UInt64]
    private(set) var isChanged = false

    init(_ header: HeaderBlock) {
        lines = header.fields.map(Line.received)
        marks = header.fields.map { Self.mark(of: $0.name) }
    }

    /// Every field of that name, from top to bottom, as places in `lines`.
    func indices(named name: String) -> [Int] {
        let mark = Self.mark(of: name)
        var indices: [Int] = []
        for index in marks.indices where marks[index] == mark {
            if Self.areEqual(lines[index].name, name) { indices.append(index) }
        }
        return indices
    }

    /// The length of a name, its first letter and its last: what differs here is another name.
    private static func mark(of name: String) -> UInt64 {
        let octets = name.utf8
        let first = Comparator.fold(octets.first ?? 0)
        let last = Comparator.fold(octets.last ?? 0)
        return UInt64(truncatingIfNeeded: octets.count) << 16 | UInt64(first) << 8 | UInt64(last)
    }

    /// Without regard to the case of ASCII letters; of names of the same length.
    private static func areEqual(_ one: String, _ other: String) -> Bool {
        var rest = other.utf8.makeIterator()
        for octet in one.utf8 {
            guard let next = rest.next(), Comparator.fold(octet) == Comparator.fold(next) else {
                return false
            }
        }
        return rest.next() == nil
    }

    mutating func add(name: String, body: [UInt8], atEnd: Bool) {
        isChanged = true
        lines.insert(.added(name: name, body: body), at: atEnd ? lines.count : 0)
        marks.insert(Self.mark(of: name), at: atEnd ? marks.count : 0)
    }

    /// `indices` in rising order.
    mutating func remove(_ indices: [Int]) {
        if !indices.isEmpty { isChanged = true }
        for index in indices.reversed() {
            lines.remove(at: index)
            marks.remove(at: index)
        }
    }

    /// The header's pieces, without the empty line behind it.
    func pieces() -> [Edition.Piece] {
        var pieces: [Edition.Piece] = []
        for line in lines {
            switch line {
            case .received(let field):
                if case .original(let range)? = pieces.last, range.upperBound == field.range.lowerBound {
                    pieces[pieces.count - 1] = .original(range.lowerBound..<field.range.upperBound)
                } else {
                    pieces.append(.original(field.range))
                }
            case .added(let name, let body):
                let text = FieldText.field(name: name, body: body, keepsFolds: true)
                if case .inserted(let before)? = pieces.last {
                    pieces[pieces.count - 1] = .inserted(before + text)
                } else {
                    pieces.append(.inserted(text))
                }
            }
        }
        return pieces
    }
}
