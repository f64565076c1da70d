// SPDX-License-Identifier: MIT

/// The characters that a glob or `$[...]` stands for. ASCII letters are in it in both cases or in neither.
struct ScalarSet: Hashable, Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0
    private var beyondASCII: [ClosedRange<UInt32>] = []

    init() {}

    init(ascii ranges: ClosedRange<UInt8>...) {
        for range in ranges { insert(UInt32(range.lowerBound)...UInt32(range.upperBound)) }
    }

    var isEmpty: Bool { low == 0 && high == 0 && beyondASCII.isEmpty }

    mutating func insert(_ range: ClosedRange<UInt32>) {
        if range.upperBound > 127 { beyondASCII.append(max(range.lowerBound, 128)...range.upperBound) }
        guard range.lowerBound < 128 else { return }
        for value in range.lowerBound...min(range.upperBound, 127) {
            let octet = UInt8(truncatingIfNeeded: value)
            insertASCII(octet.asciiUppercased)
            insertASCII(octet.asciiLowercased)
        }
    }

    private mutating func insertASCII(_ octet: UInt8) {
        if octet < 64 { low |= 1 << UInt64(octet) } else { high |= 1 << UInt64(octet & 63) }
    }

    func contains(_ value: UInt32) -> Bool {
        if value < 64 { return low & (1 << UInt64(value)) != 0 }
        if value < 128 { return high & (1 << UInt64(value & 63)) != 0 }
        return beyondASCII.contains { $0.contains(value) }
    }

    /// Ranges that only several ranges of `other` hold together count as not being in it.
    func isSubset(of other: ScalarSet) -> Bool {
        low & ~other.low == 0 && high & ~other.high == 0
            && beyondASCII.allSatisfy { range in
                other.beyondASCII.contains {
                    $0.lowerBound <= range.lowerBound && range.upperBound <= $0.upperBound
                }
            }
    }

    /// Every character that an IP address may have as text.
    var containsAddresses: Bool { "0123456789abcdef.:".unicodeScalars.allSatisfy { contains($0.value) } }

    /// Octets of the character that begins at `position`, if it is in the set; nil otherwise, and at the end.
    func length(in text: Span<UInt8>, at position: Int) -> Int? {
        guard position < text.count else { return nil }
        let octet = text[position]
        if octet < 64 { return low & (1 << UInt64(octet)) != 0 ? 1 : nil }
        if octet < 128 { return high & (1 << UInt64(octet & 63)) != 0 ? 1 : nil }
        guard !beyondASCII.isEmpty, let (value, length) = UTF8Text.scalar(in: text, at: position) else {
            return nil
        }
        return beyondASCII.contains { $0.contains(value) } ? length : nil
    }
}

/// UTF-8 that was checked before: steps from character to character.
enum UTF8Text {
    /// Octets of the character that begins at `position`; nil at the end and inside a character.
    static func length(in text: Span<UInt8>, at position: Int) -> Int? {
        guard position < text.count else { return nil }
        switch text[position] {
        case 0x00...0x7F: return 1
        case 0x80...0xBF: return nil
        case 0xC0...0xDF: return position + 2 <= text.count ? 2 : nil
        case 0xE0...0xEF: return position + 3 <= text.count ? 3 : nil
        default: return position + 4 <= text.count ? 4 : nil
        }
    }

    static func scalar(in text: Span<UInt8>, at position: Int) -> (value: UInt32, length: Int)? {
        guard let length = length(in: text, at: position) else { return nil }
        if length == 1 { return (UInt32(text[position]), 1) }
        var value = UInt32(text[position]) & (0x7F >> UInt32(length))
        for index in (position + 1)..<(position + length) { value = value << 6 | UInt32(text[index] & 0x3F) }
        return (value, length)
    }

    /// The same of a text that is one already.
    static func excerpt(_ text: String, octetsMax: Int = EvaluationLimits.traceTextOctetsMax) -> String {
        text.utf8.count > octetsMax ? excerpt(Array(text.utf8), octetsMax: octetsMax) : text
    }

    /// Two texts with a space between them, in one piece.
    static func joined(_ first: String, _ second: String) -> String {
        let octets = first.utf8.count + 1 + second.utf8.count
        return String(unsafeUninitializedCapacity: octets) { room in
            var used = room.update(fromContentsOf: first.utf8)
            room[used] = 0x20
            used += 1
            let rest = UnsafeMutableBufferPointer(rebasing: room[used...])
            return used + rest.update(fromContentsOf: second.utf8)
        }
    }

    /// The same of several texts.
    static func excerpts(_ texts: [String]) -> [String] {
        let octetsMax = EvaluationLimits.traceTextOctetsMax
        return texts.allSatisfy { $0.utf8.count <= octetsMax } ? texts : texts.map { excerpt($0) }
    }

    /// `octets` as text for people, cut to `octetsMax` at a character's boundary.
    static func excerpt(_ octets: [UInt8], octetsMax: Int = EvaluationLimits.traceTextOctetsMax) -> String {
        guard octets.count > octetsMax else { return String(decoding: octets, as: UTF8.self) }
        var end = octetsMax
        while end > 0, octets[end].isUTF8Continuation { end -= 1 }
        return String(decoding: octets[..<end], as: UTF8.self) + "…"
    }
}
