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
    private(set) var isChanged = false

    init(_ header: HeaderBlock) { lines = header.fields.map(Line.received) }

    /// Every field of that name, from top to bottom, as places in `lines`.
    func indices(named name: String) -> [Int] {
        let folded = Comparator.fold(Array(name.utf8))
        return lines.indices.filter {
            lines[$0].name.utf8.count == folded.count && Comparator.fold(Array(lines[$0].name.utf8)) == folded
        }
    }

    mutating func add(name: String, body: [UInt8], atEnd: Bool) {
        isChanged = true
        lines.insert(.added(name: name, body: body), at: atEnd ? lines.count : 0)
    }

    /// `indices` in rising order.
    mutating func remove(_ indices: [Int]) {
        if !indices.isEmpty { isChanged = true }
        for index in indices.reversed() { lines.remove(at: index) }
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
