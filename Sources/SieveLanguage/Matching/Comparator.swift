// SPDX-License-Identifier: MIT

/// How octets compare (RFC 5228 §2.7.3, RFC 4790 §9).
enum Comparator: String, CaseIterable, Sendable {
    case octet = "i;octet"
    case asciiCasemap = "i;ascii-casemap"
    case asciiNumeric = "i;ascii-numeric"
    /// RFC 5051.
    case unicodeCasemap = "i;unicode-casemap"

    /// What holds when a test names none.
    static let standard = Comparator.asciiCasemap

    /// The first two may be used without `require` (§2.7.3), and here one more.
    var needsRequire: Bool {
        switch self {
        // RFC 5051 says nothing of it, and other servers take i;unicode-casemap without.
        case .octet, .asciiCasemap, .unicodeCasemap: false
        case .asciiNumeric: true
        }
    }

    /// Whether it compares parts of values (RFC 4790 §4.3).
    var hasSubstrings: Bool { self != .asciiNumeric }

    /// A letter of ASCII in upper case, as RFC 4790 §9.2 folds; any other octet as it is.
    static func fold(_ octet: UInt8) -> UInt8 {
        octet &- UInt8(ascii: "a") < 26 ? octet & 0xDF : octet
    }

    static func fold(_ octets: [UInt8]) -> [UInt8] {
        guard octets.contains(where: { $0 &- UInt8(ascii: "a") < 26 }) else { return octets }
        guard octets.count > 64 else { return octets.map(fold) }
        // Without a branch and with a room of known size, so that the compiler makes it many octets at once.
        return octets.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: source.count) { room, count in
                for index in 0..<source.count {
                    let octet = source[index]
                    room[index] = octet &- (octet &- UInt8(ascii: "a") < 26 ? 0x20 : 0)
                }
                count = source.count
            }
        }
    }

    /// A copy, folded: in one pass, as keys are short.
    private static func folded(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        octets.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: source.count) { room, count in
                for index in 0..<source.count { room[index] = fold(source[index]) }
                count = source.count
            }
        }
    }

    /// `key` in the form in which this comparator compares: equal forms are equal, and forms order as octets.
    func prepare(_ key: ArraySlice<UInt8>) -> [UInt8] {
        switch self {
        case .octet: Array(key)
        case .asciiCasemap: Self.folded(key)
        case .asciiNumeric: Self.number(key)
        case .unicodeCasemap: UnicodeCasemap.form(Array(key))
        }
    }

    /// A value in that form; itself where it is in it already.
    func prepare(_ value: [UInt8]) -> [UInt8] {
        switch self {
        case .octet: value
        case .asciiCasemap: Self.fold(value)
        case .asciiNumeric: Self.number(value[...])
        case .unicodeCasemap: UnicodeCasemap.form(value)
        }
    }

    /// Ranges of a value's form as ranges of the value itself.
    func captures(_ captures: [Range<Int>], of value: FieldValue) -> [Range<Int>] {
        guard self == .unicodeCasemap else { return captures }
        let origins = UnicodeCasemap.origins(value.octets)
        return captures.map { range in
            let end = min(range.upperBound, origins.count - 1)
            return origins[min(range.lowerBound, end)]..<origins[end]
        }
    }

    /// RFC 4790 §9.1: the digits that a value begins with, as a number of any length; a value that begins
    /// with none is greater than every number. Leading zeros go, and the count of digits comes first, so that
    /// numbers order as octets.
    private static func number(_ octets: ArraySlice<UInt8>) -> [UInt8] {
        let digits = octets.prefix { (0x30...0x39).contains($0) }
        guard !digits.isEmpty else { return [0xFF] }
        let significant = digits.drop { $0 == 0x30 }
        let count = UInt32(clamping: significant.count)
        // Below 0xFF, since no value has 2^24 digits.
        return [
            UInt8(truncatingIfNeeded: min(count >> 16, 0xFE)), UInt8(truncatingIfNeeded: count >> 8),
            UInt8(truncatingIfNeeded: count),
        ] + significant
    }
}
