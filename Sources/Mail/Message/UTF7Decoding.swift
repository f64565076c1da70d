// SPDX-License-Identifier: MIT

/// UTF-7 (RFC 2152): ASCII, and UTF-16 in base64 between `+` and whatever is no base64.
enum UTF7Decoding {
    /// Octets above 127, lone surrogates and bits that make no unit become U+FFFD.
    static func text(_ octets: UnsafeRawBufferPointer) -> String {
        var units: [UInt16] = []
        units.reserveCapacity(octets.count)
        var isShifted = false
        var bits: UInt32 = 0
        var bitCount = 0
        var justShifted = false
        for octet in octets {
            guard isShifted else {
                if octet == UInt8(ascii: "+") {
                    isShifted = true
                    justShifted = true
                    bits = 0
                    bitCount = 0
                } else {
                    units.append(octet < 0x80 ? UInt16(octet) : 0xFFFD)
                }
                continue
            }
            if let sextet = sextet(octet) {
                justShifted = false
                bits = bits << 6 | UInt32(sextet)
                bitCount += 6
                if bitCount >= 16 {
                    bitCount -= 16
                    units.append(UInt16(truncatingIfNeeded: bits >> UInt32(bitCount)))
                    bits &= (1 << UInt32(bitCount)) - 1
                }
                continue
            }
            isShifted = false
            // Fewer than six bits, all zero, fill the last sextet up.
            if bitCount >= 6 || bits != 0 { units.append(0xFFFD) }
            if octet == ASCII.dash {
                if justShifted { units.append(UInt16(UInt8(ascii: "+"))) }
            } else {
                units.append(octet < 0x80 ? UInt16(octet) : 0xFFFD)
            }
        }
        if isShifted, bitCount >= 6 || bits != 0 || justShifted { units.append(0xFFFD) }
        return String(decoding: units, as: UTF16.self)
    }

    private static func sextet(_ octet: UInt8) -> UInt8? {
        switch octet {
        case 0x41...0x5A: octet - 0x41
        case 0x61...0x7A: octet - 0x61 + 26
        case 0x30...0x39: octet - 0x30 + 52
        case UInt8(ascii: "+"): 62
        case ASCII.slash: 63
        default: nil
        }
    }
}
