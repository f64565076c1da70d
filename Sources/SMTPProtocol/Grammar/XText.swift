// SPDX-License-Identifier: MIT

/// `xtext` (RFC 3461 §4): printable ASCII, with `+` and two upper-case hexadecimal digits for what couldn't
/// stand there itself.
package enum XText {
    /// Nil where the text holds a blank, `=`, anything beyond printable ASCII, or a `+` without two digits.
    package static func decode(_ text: String) -> [UInt8]? {
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let octet = rest.popFirst() {
            switch octet {
            case UInt8(ascii: "+"):
                guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value)
                else { return nil }
                octets.append(high << 4 | low)
            case UInt8(ascii: "="): return nil
            case 0x21...0x7E: octets.append(octet)
            default: return nil
            }
        }
        return octets
    }

    package static func encode(_ octets: some Sequence<UInt8>) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var text: [UInt8] = []
        for octet in octets {
            let isPlain =
                (0x21...0x7E).contains(octet) && octet != UInt8(ascii: "+") && octet != UInt8(ascii: "=")
            text += isPlain ? [octet] : [UInt8(ascii: "+"), digits[Int(octet >> 4)], digits[Int(octet & 15)]]
        }
        return String(decoding: text, as: UTF8.self)
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case 0x30...0x39: digit - 0x30
        case 0x41...0x46: digit - 0x41 + 10
        default: nil
        }
    }
}
