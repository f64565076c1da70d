// SPDX-License-Identifier: MIT

/// Octets with a meaning in SMTP lines.
enum Octet {
    static let carriageReturn: UInt8 = 0x0D
    static let lineFeed: UInt8 = 0x0A
    static let space: UInt8 = 0x20
    static let dot: UInt8 = 0x2E
}

extension UInt8 {
    var upperCased: UInt8 { isLowerCaseLetter ? self &- 0x20 : self }
    var isLowerCaseLetter: Bool { (0x61...0x7A).contains(self) }
    var isLetter: Bool { isLowerCaseLetter || (0x41...0x5A).contains(self) }
    var isDigit: Bool { (0x30...0x39).contains(self) }
    var isLetterOrDigit: Bool { isLetter || isDigit }

    /// `atext` of RFC 5322 §3.2.3, which RFC 5321 §4.1.2 uses.
    var isAtomText: Bool {
        if isLetterOrDigit { return true }
        switch self {
        case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
            UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "/"),
            UInt8(ascii: "="), UInt8(ascii: "?"), UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"),
            UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: "}"), UInt8(ascii: "~"):
            return true
        default:
            return false
        }
    }
}
