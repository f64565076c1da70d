// SPDX-License-Identifier: MIT

/// Reads what `FrameWriter` wrote. Nothing is believed: whatever doesn't fit gives nil, and the frame is
/// none.
struct FrameReader {
    private var rest: ArraySlice<UInt8>

    init(_ octets: ArraySlice<UInt8>) { rest = octets }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func octet() -> UInt8? { rest.popFirst() }

    mutating func short() -> UInt16? { take(2).map { $0.reduce(0) { $0 << 8 | UInt16($1) } } }

    mutating func word() -> UInt32? { take(4).map { $0.reduce(0) { $0 << 8 | UInt32($1) } } }

    mutating func number() -> Int64? {
        take(8).map { Int64(bitPattern: $0.reduce(0) { $0 << 8 | UInt64($1) }) }
    }

    mutating func flag() -> Bool? {
        guard let value = octet(), value <= 1 else { return nil }
        return value == 1
    }

    mutating func bytes() -> [UInt8]? { word().flatMap { take(Int($0)) }.map(Array.init) }

    /// What isn't UTF-8 comes out replaced.
    mutating func text() -> String? {
        word().flatMap { take(Int($0)) }.map { String(decoding: $0, as: UTF8.self) }
    }

    /// A text whose length was said otherwise.
    mutating func text(octets count: Int) -> String? {
        take(count).map { String(decoding: $0, as: UTF8.self) }
    }

    mutating func texts() -> [String]? {
        // Each takes four octets at least, so that the count can't ask for more memory than the frame has.
        guard let count = word(), Int(count) <= rest.count / 4 else { return nil }
        var texts: [String] = []
        for _ in 0..<count {
            guard let text = text() else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// Nil where the frame is broken; `.some(nil)` where the value is missing on purpose.
    mutating func optional<Value>(_ read: (inout FrameReader) -> Value?) -> Value?? {
        guard let isThere = flag() else { return nil }
        guard isThere else { return .some(nil) }
        return read(&self).map { .some($0) }
    }

    private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard rest.count >= count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}
