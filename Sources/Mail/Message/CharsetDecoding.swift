// SPDX-License-Identifier: MIT

/// Turns octets in a named charset into text. What can't be converted becomes U+FFFD, so the result is always
/// text; it has at most three octets of UTF-8 for each octet given, or U+FFFD for what is missing at the end.
package enum CharsetDecoding {
    /// Whether we can convert from that charset; the case of ASCII letters doesn't count.
    package static func knows(_ charset: String) -> Bool { Charset.named(charset) != nil }

    /// `octets` as text. A charset that is nil, empty or unknown is taken as UTF-8.
    package static func text(_ octets: some Collection<UInt8>, charset: String?) -> String {
        let charset = charset.flatMap(Charset.named) ?? .utf8
        if charset == .utf8 { return String(decoding: octets, as: UTF8.self) }
        return octets.withContiguousStorageIfAvailable { text(UnsafeRawBufferPointer($0), charset) }
            ?? Array(octets).withUnsafeBytes { text($0, charset) }
    }

    /// Those of the charsets that the C library should convert and, on this machine, can't: its modules are
    /// missing, or out of reach for a confined process. Text in these is taken as UTF-8.
    package static func unavailable() -> [String] {
        Charset.systemNames.filter { SystemConverter.text([65], from: $0) != "A" }
    }

    private static func text(_ octets: UnsafeRawBufferPointer, _ charset: Charset) -> String {
        switch charset {
        case .utf8: return String(decoding: octets, as: UTF8.self)
        case .latin1: return latin1(octets)
        case .latin9: return String(decoding: octets.map(latin9), as: UTF16.self)
        case .windows1252: return String(decoding: octets.map(windows1252), as: UTF16.self)
        case .utf16: return utf16(octets, isLittleEndian: false, obeysMark: true)
        case .utf16BigEndian: return utf16(octets, isLittleEndian: false, obeysMark: false)
        case .utf16LittleEndian: return utf16(octets, isLittleEndian: true, obeysMark: false)
        case .utf32: return utf32(octets, isLittleEndian: false, obeysMark: true)
        case .utf32BigEndian: return utf32(octets, isLittleEndian: false, obeysMark: false)
        case .utf32LittleEndian: return utf32(octets, isLittleEndian: true, obeysMark: false)
        case .utf7: return UTF7Decoding.text(octets)
        case .shiftedJapanese: return text(ShiftedCharset.japanese(octets))
        case .shiftedKorean: return text(ShiftedCharset.korean(octets))
        case .shiftedChinese: return text(ShiftedCharset.chinese(octets))
        case .system(let name):
            return SystemConverter.text(octets, from: name.text) ?? String(decoding: octets, as: UTF8.self)
        }
    }

    private static func text(_ runs: [ShiftedCharset.Run]) -> String {
        runs.map { run in
            run.octets.withUnsafeBytes { SystemConverter.text($0, from: run.charset.text) }
                ?? String(decoding: run.octets, as: UTF8.self)
        }.joined()
    }

    /// Octets above 127 are two in UTF-8.
    private static func latin1(_ octets: UnsafeRawBufferPointer) -> String {
        String(unsafeUninitializedCapacity: octets.count * 2) { output in
            var written = 0
            for octet in octets {
                if octet < 0x80 {
                    output[written] = octet
                    written += 1
                } else {
                    output[written] = 0xC0 | octet >> 6
                    output[written + 1] = 0x80 | octet & 0x3F
                    written += 2
                }
            }
            return written
        }
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
        _ octets: UnsafeRawBufferPointer, isLittleEndian: Bool, obeysMark: Bool
    ) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(octets.count / 2 + 1)
        var isLittleEndian = isLittleEndian
        for index in stride(from: 0, to: octets.count - 1, by: 2) {
            let raw = octets.loadUnaligned(fromByteOffset: index, as: UInt16.self)
            let unit = isLittleEndian ? UInt16(littleEndian: raw) : UInt16(bigEndian: raw)
            if obeysMark, index == 0, unit == 0xFFFE {
                // The mark, read the wrong way round.
                isLittleEndian = true
                units.append(0xFEFF)
            } else {
                units.append(unit)
            }
        }
        if octets.count % 2 != 0 { units.append(0xFFFD) }
        return String(
            decoding: obeysMark && units.first == 0xFEFF ? units.dropFirst() : units[...], as: UTF16.self)
    }

    /// What is no scalar, or incomplete at the end, becomes U+FFFD.
    private static func utf32(
        _ octets: UnsafeRawBufferPointer, isLittleEndian: Bool, obeysMark: Bool
    ) -> String {
        var text = String.UnicodeScalarView()
        var isLittleEndian = isLittleEndian
        for index in stride(from: 0, to: octets.count - 3, by: 4) {
            let raw = octets.loadUnaligned(fromByteOffset: index, as: UInt32.self)
            var value = isLittleEndian ? UInt32(littleEndian: raw) : UInt32(bigEndian: raw)
            if obeysMark, index == 0, value == 0xFFFE_0000 {
                isLittleEndian = true
                value = 0xFEFF
            }
            if obeysMark, index == 0, value == 0xFEFF { continue }
            text.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
        if octets.count % 4 != 0 { text.append("\u{FFFD}") }
        return String(text)
    }
}
