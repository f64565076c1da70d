// SPDX-License-Identifier: MIT

/// A header field's name in a test.
enum FieldName: Sendable, Hashable {
    /// Known when the script was compiled: its place in `Program.fieldNames`.
    case slot(Int)
    /// With variables in it. What it comes to may be no field's name; then there is no such field.
    case phrase(Phrase)
}

/// Which of the fields of one name a test looks at (RFC 5260 §6). Numbers count from 1.
enum FieldSelection: Sendable, Hashable {
    case all
    case fromFirst(Int)
    case fromLast(Int)

    func of<Element>(_ elements: [Element]) -> [Element] {
        switch self {
        case .all: elements
        case .fromFirst(let number): number <= elements.count ? [elements[number - 1]] : []
        case .fromLast(let number): number <= elements.count ? [elements[elements.count - number]] : []
        }
    }
}
