// SPDX-License-Identifier: MIT

/// Writes octets in a transfer encoding, as RFC 2045 §6.7 and §6.8 say, in lines of 76 with CRLF.
enum TransferEncoder {
    private static let letters = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let digits = Array("0123456789ABCDEF".utf8)

    /// Octets of a line (RFC 2045 §6.7 rule 5, §6.8).
    private static let lineOctetsMax = 76

    /// In lines, the last one without a line end; or in one line, for encoded words.
    static func base64(_ octets: some Collection<UInt8>, isFolded: Bool = true) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(octets.count / 3 * 4 + octets.count / 28 + 8)
        var column = 0
        var group: UInt32 = 0
        var held = 0
        func put(_ group: UInt32, characters: Int) {
            if isFolded, column == lineOctetsMax {
                text += [ASCII.cr, ASCII.lf]
                column = 0
            }
            for place in 0..<4 {
                let sextet = Int(group >> UInt32(18 - 6 * place)) & 0x3F
                text.append(place < characters ? letters[sextet] : ASCII.equals)
            }
            column += 4
        }
        for octet in octets {
            group = group << 8 | UInt32(octet)
            held += 1
            guard held == 3 else { continue }
            put(group, characters: 4)
            group = 0
            held = 0
        }
        if held > 0 { put(group << UInt32(8 * (3 - held)), characters: held + 1) }
        return text
    }

    /// CRLF stays a line end; every other control character is encoded, so that decoding gives the same
    /// octets.
    static func quotedPrintable(_ octets: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(octets.count + octets.count / 8)
        var column = 0
        func makeRoom(_ count: Int) {
            if column + count > lineOctetsMax - 1 {
                text.append(ASCII.equals)
                text.append(ASCII.cr)
                text.append(ASCII.lf)
                column = 0
            }
            column += count
        }
        var index = 0
        while index < octets.count {
            let octet = octets[index]
            let isLineEnd = octet == ASCII.cr && index + 1 < octets.count && octets[index + 1] == ASCII.lf
            if isLineEnd {
                text.append(ASCII.cr)
                text.append(ASCII.lf)
                column = 0
                index += 2
                continue
            }
            let next = index + 1 < octets.count ? octets[index + 1] : ASCII.cr
            let isPlain =
                octet > 0x20 && octet < 0x7F && octet != ASCII.equals
                || ASCII.isBlank(octet) && next != ASCII.cr && next != ASCII.lf
            makeRoom(isPlain ? 1 : 3)
            if isPlain {
                text.append(octet)
            } else {
                text.append(ASCII.equals)
                text.append(digits[Int(octet >> 4)])
                text.append(digits[Int(octet & 0x0F)])
            }
            index += 1
        }
        return text
    }

    /// `%XX` for everything but what RFC 2231 §7 allows as it is.
    static func percent(_ scalar: Unicode.Scalar) -> [UInt8] {
        if scalar.isASCII, let octet = UInt8(exactly: scalar.value), isAttributeCharacter(octet) {
            return [octet]
        }
        return UTF8.encode(scalar).map { encoded in
            encoded.flatMap { [ASCII.percent, digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] }
        } ?? []
    }

    private static func isAttributeCharacter(_ octet: UInt8) -> Bool {
        ASCII.isToken(octet) && octet != ASCII.asterisk && octet != ASCII.apostrophe && octet != ASCII.percent
    }
}
