// SPDX-License-Identifier: MIT

/// Turns octets in a named charset into text. What can't be converted becomes U+FFFD, so the result is always
/// text.
package enum CharsetDecoding {
    private enum Table {
        /// US-ASCII too: where it holds other octets, UTF-8 is the likeliest.
        case utf8
        case latin1
        case latin9
        case windows1252
        /// Big-endian unless a byte order mark says otherwise (RFC 2781 §4.3).
        case utf16
        case utf16BigEndian
        case utf16LittleEndian
    }

    /// Whether we can convert from that charset; the case of ASCII letters doesn't count.
    package static func knows(_ charset: String) -> Bool { table(for: charset) != nil }

    /// `octets` as text. A charset that is nil, empty or unknown is taken as UTF-8.
    package static func text(_ octets: some Collection<UInt8>, charset: String?) -> String {
        switch charset.flatMap(table(for:)) ?? .utf8 {
        case .utf8: String(decoding: octets, as: UTF8.self)
        case .latin1: singleOctets(octets) { UInt16($0) }
        case .latin9: singleOctets(octets, latin9)
        case .windows1252: singleOctets(octets, windows1252)
        case .utf16: utf16(octets, isLittleEndian: false, obeysMark: true)
        case .utf16BigEndian: utf16(octets, isLittleEndian: false, obeysMark: false)
        case .utf16LittleEndian: utf16(octets, isLittleEndian: true, obeysMark: false)
        }
    }

    /// By the names of the IANA registry, and the aliases that mail carries.
    private static func table(for charset: String) -> Table? {
        guard charset.utf8.count <= 40 else { return nil }
        switch ASCII.lowered(charset.utf8) {
        case "utf-8", "utf8", "us-ascii", "ascii", "ansi_x3.4-1968", "ansi_x3.4-1986", "iso646-us", "us",
            "646":
            return .utf8
        case "iso-8859-1", "iso8859-1", "iso_8859-1", "iso_8859-1:1987", "latin1", "latin-1", "l1", "cp819":
            return .latin1
        case "iso-8859-15", "iso8859-15", "iso_8859-15", "latin9", "latin-9":
            return .latin9
        case "windows-1252", "cp1252", "cp-1252", "x-cp1252":
            return .windows1252
        case "utf-16", "utf16": return .utf16
        case "utf-16be": return .utf16BigEndian
        case "utf-16le": return .utf16LittleEndian
        default: return nil
        }
    }

    private static func singleOctets(_ octets: some Collection<UInt8>, _ unit: (UInt8) -> UInt16) -> String {
        String(decoding: octets.map(unit), as: UTF16.self)
    }

    /// ISO-8859-15 is ISO-8859-1 but for eight octets.
    private static func latin9(_ octet: UInt8) -> UInt16 {
        switch octet {
        case 0xA4: 0x20AC
        case 0xA6: 0x0160
        case 0xA8: 0x0161
        case 0xB4: 0x017D
        case 0xB8: 0x017E
        case 0xBC: 0x0152
        case 0xBD: 0x0153
        case 0xBE: 0x0178
        default: UInt16(octet)
        }
    }

    /// What Windows-1252 has at 0x80 to 0x9F; five places are empty.
    private static let windows1252Units: [UInt16] = [
        0x20AC, 0xFFFD, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160, 0x2039,
        0x0152, 0xFFFD,
        0x017D, 0xFFFD, 0xFFFD, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x02DC, 0x2122,
        0x0161, 0x203A,
        0x0153, 0xFFFD, 0x017E, 0x0178,
    ]

    private static func windows1252(_ octet: UInt8) -> UInt16 {
        (0x80...0x9F).contains(octet) ? windows1252Units[Int(octet) - 0x80] : UInt16(octet)
    }

    /// A lone surrogate or a last odd octet becomes U+FFFD.
    private static func utf16(
        _ octets: some Collection<UInt8>, isLittleEndian: Bool, obeysMark: Bool
    ) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(octets.count / 2 + 1)
        var isLittleEndian = isLittleEndian
        var first: UInt8?
        for octet in octets {
            guard let held = first else {
                first = octet
                continue
            }
            first = nil
            let unit = isLittleEndian ? UInt16(octet) << 8 | UInt16(held) : UInt16(held) << 8 | UInt16(octet)
            if obeysMark, units.isEmpty, unit == 0xFFFE {
                // The mark, read the wrong way round.
                isLittleEndian = true
                units.append(0xFEFF)
            } else {
                units.append(unit)
            }
        }
        if first != nil { units.append(0xFFFD) }
        return String(
            decoding: obeysMark && units.first == 0xFEFF ? units.dropFirst() : units[...], as: UTF16.self)
    }
}
