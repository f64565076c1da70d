// SPDX-License-Identifier: MIT

import Foundation
import Mail

/// Writes a value as cases record it and reads it back with a decoder that isn't ours.
enum JSONRoundTrip {
    static func of<Value: Codable>(_ value: Value) throws -> Value {
        try JSONDecoder().decode(Value.self, from: Data(FactsEncoder().encode(value)))
    }

    static func read<Value: Decodable>(_ type: Value.Type, from text: String) throws -> Value {
        try JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
