// SPDX-License-Identifier: MIT

/// A key to be found inside values: linear in the value whatever either holds (Knuth, Morris and Pratt).
struct SubstringPattern: Sendable {
    let key: [UInt8]
    /// For each length of a matched prefix, the length of its longest proper prefix that is also its
    /// suffix.
    private let fallback: [Int32]

    init(_ key: [UInt8]) {
        self.key = key
        var fallback = [Int32](repeating: 0, count: key.count + 1)
        var length = 0
        for index in key.indices.dropFirst() {
            while length > 0, key[length] != key[index] { length = Int(fallback[length]) }
            if key[length] == key[index] { length += 1 }
            fallback[index + 1] = Int32(truncatingIfNeeded: length)
        }
        self.fallback = fallback
    }

    /// Where it begins first in `value` at or behind `start`; nil where it doesn't occur.
    func firstOffset(in value: [UInt8], from start: Int) -> Int? {
        guard let first = key.first else { return start }
        guard value.count - start >= key.count else { return nil }
        var offset = start
        var matched = 0
        while offset < value.count {
            let octet = value[offset]
            if matched == 0, octet != first {
                offset += 1
                continue
            }
            while matched > 0, key[matched] != octet { matched = Int(fallback[matched]) }
            if key[matched] == octet { matched += 1 }
            offset += 1
            if matched == key.count { return offset - matched }
        }
        return nil
    }
}
