// SPDX-License-Identifier: MIT

import Mail

extension StandardOutput {
    /// One JSON object on one line, its keys in the order of declaration. Every control character in it is
    /// escaped.
    static func print(json answer: some Encodable) throws {
        print(String(decoding: try FactsEncoder().encode(answer), as: UTF8.self))
    }
}

/// A value that is written as `null` where there is none. An optional's key would be left out.
struct Nullable<Value: Encodable>: Encodable {
    var value: Value?

    init(_ value: Value?) { self.value = value }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let value { try container.encode(value) } else { try container.encodeNil() }
    }
}
