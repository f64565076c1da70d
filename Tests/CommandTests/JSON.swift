// SPDX-License-Identifier: MIT

/// A JSON value to look into.
enum JSON: Decodable, Equatable {
    case null
    case flag(Bool)
    case number(Int)
    case text(String)
    case list([JSON])
    case object([String: JSON])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .text(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    /// Nil where there is no such key.
    subscript(_ key: String) -> JSON? {
        if case .object(let values) = self { values[key] } else { nil }
    }

    subscript(_ index: Int) -> JSON? {
        if case .list(let values) = self, values.indices.contains(index) { values[index] } else { nil }
    }

    var keys: [String] {
        if case .object(let values) = self { values.keys.sorted() } else { [] }
    }

    var texts: [String] {
        guard case .list(let values) = self else { return [] }
        return values.compactMap { if case .text(let text) = $0 { text } else { nil } }
    }
}
