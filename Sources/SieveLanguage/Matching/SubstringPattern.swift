// SPDX-License-Identifier: MIT

/// A key to be found inside values: linear in the value whatever either holds.
///
/// The C library looks for the octet of the key that mail has most seldom, and only where it stands is the
/// key compared. Where that turns out wrong too often, as an attacker can bring about, the rest of the value
/// is searched as Knuth, Morris and Pratt do.
struct SubstringPattern: Sendable {
    let key: [UInt8]
    /// The place of the key's rarest octet.
    private let rarest: Int

    /// Wrong places at which the key may be compared before the rest is searched steadily: few enough that a
    /// value made to mislead costs little more than one that isn't.
    private static let missesMax = 16
    /// Each so many octets of the value allow one wrong place more.
    private static let octetsPerMiss = 16

    /// The commonest octets of mail in English, the commonest first; letters stand for both cases.
    private static let commonest = Array(" etaoinsrhldcumfpgwybv.,\r\nkx-0123:/jqz\"".utf8)
    /// For each octet how common it is; above 0 only those.
    private static let commonness: [UInt8] = {
        var ranks = [UInt8](repeating: 0, count: 256)
        for (place, octet) in commonest.enumerated() {
            let rank = UInt8(commonest.count - place)
            ranks[Int(octet)] = rank
            ranks[Int(Comparator.fold(octet))] = rank
        }
        return ranks
    }()

    init(_ key: [UInt8]) {
        self.key = key
        let ranks = Self.commonness
        rarest = key.indices.min { ranks[Int(key[$0])] < ranks[Int(key[$1])] } ?? 0
    }

    /// Where it begins first in `value` at or behind `start`; nil where it doesn't occur.
    func firstOffset(in value: [UInt8], from start: Int) -> Int? {
        guard !key.isEmpty else { return start }
        guard value.count - start >= key.count else { return nil }
        return value.withUnsafeBufferPointer { value in
            key.withUnsafeBufferPointer { key in Self.search(key, value, from: start, rarest: rarest) }
        }
    }

    private static func search(
        _ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, from start: Int, rarest: Int
    ) -> Int? {
        var offset = start
        let last = value.count - key.count
        var misses = 0
        while offset <= last {
            let places = offset + rarest..<last + rarest + 1
            guard let found = OctetSearch.first(key[rarest], in: value, places) else { return nil }
            offset = found - rarest
            if OctetSearch.stands(key, at: offset, in: value) { return offset }
            offset += 1
            misses += 1
            if misses > missesMax + (offset - start) / octetsPerMiss {
                return steadily(key, value, from: offset)
            }
        }
        return nil
    }

    /// Looks at each octet once, and goes back in the key instead of in the value.
    private static func steadily(
        _ key: UnsafeBufferPointer<UInt8>, _ value: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int? {
        let fallback = fallback(of: key)
        var offset = start
        var matched = 0
        while offset < value.count {
            let octet = value[offset]
            while matched > 0, key[matched] != octet { matched = fallback[matched] }
            if key[matched] == octet { matched += 1 }
            offset += 1
            if matched == key.count { return offset - matched }
        }
        return nil
    }

    /// For each length of a matched prefix, the length of its longest proper prefix that is also its suffix.
    private static func fallback(of key: UnsafeBufferPointer<UInt8>) -> [Int] {
        var fallback = [Int](repeating: 0, count: key.count + 1)
        var length = 0
        for index in key.indices.dropFirst() {
            while length > 0, key[length] != key[index] { length = fallback[length] }
            if key[length] == key[index] { length += 1 }
            fallback[index + 1] = length
        }
        return fallback
    }
}
