// SPDX-License-Identifier: MIT

/// How octets compare (RFC 5228 §2.7.3, RFC 4790 §9).
enum Comparator: String, CaseIterable, Sendable {
    case octet = "i;octet"
    case asciiCasemap = "i;ascii-casemap"

    /// What holds when a test names none.
    static let standard = Comparator.asciiCasemap

    /// These two may be used without `require` (§2.7.3).
    var needsRequire: Bool { false }

    /// A letter of ASCII in upper case, as RFC 4790 §9.2 folds; any other octet as it is.
    static func fold(_ octet: UInt8) -> UInt8 {
        octet &- UInt8(ascii: "a") < 26 ? octet & 0xDF : octet
    }

    static func fold(_ octets: [UInt8]) -> [UInt8] {
        guard octets.contains(where: { $0 &- UInt8(ascii: "a") < 26 }) else { return octets }
        return octets.map(fold)
    }

    /// `key` in the form in which this comparator compares.
    func prepare(_ key: [UInt8]) -> [UInt8] {
        switch self {
        case .octet: key
        case .asciiCasemap: Self.fold(key)
        }
    }
}
