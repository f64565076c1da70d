// SPDX-License-Identifier: MIT

/// A set of flags: ASCII characters, letters without regard to case.
struct FlagSet: Hashable, Sendable {
    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init() {}

    /// Characters that are no ASCII can't be flags and are left out.
    init(_ characters: Set<Character>) {
        guard !characters.isEmpty else { return }
        for character in characters {
            if let octet = character.asciiValue { insert(octet) }
        }
    }

    mutating func insert(_ octet: UInt8) {
        let flag = octet.asciiUppercased
        if flag < 64 { low |= 1 << UInt64(flag) } else if flag < 128 { high |= 1 << UInt64(flag - 64) }
    }

    func contains(_ octet: UInt8) -> Bool {
        let flag = octet.asciiUppercased
        if flag < 64 { return low & (1 << UInt64(flag)) != 0 }
        return flag < 128 && high & (1 << UInt64(flag - 64)) != 0
    }

    mutating func formUnion(_ other: FlagSet) {
        low |= other.low
        high |= other.high
    }

    private static let allNames = (UInt8(0)..<128).map { String(Unicode.Scalar($0)) }

    /// One-character strings, upper case, in ASCII order.
    var names: [String] {
        var names: [String] = []
        names.reserveCapacity(low.nonzeroBitCount + high.nonzeroBitCount)
        for (word, first) in [(low, UInt8(0)), (high, 64)] {
            var left = word
            while left != 0 {
                names.append(Self.allNames[Int(first) + left.trailingZeroBitCount])
                left &= left - 1
            }
        }
        return names
    }
}

extension UInt8 {
    var asciiUppercased: UInt8 { (0x61...0x7A).contains(self) ? self & 0xDF : self }
    var asciiLowercased: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }
    var isASCIILetter: Bool { (0x41...0x5A).contains(self) || (0x61...0x7A).contains(self) }
    var isASCIIDigit: Bool { (0x30...0x39).contains(self) }
    /// Space or tab: what separates the columns of an entry.
    var isColumnSpace: Bool { self == 0x20 || self == 0x09 }
    /// Second, third or fourth octet of a UTF-8 sequence.
    var isUTF8Continuation: Bool { self & 0xC0 == 0x80 }
}
