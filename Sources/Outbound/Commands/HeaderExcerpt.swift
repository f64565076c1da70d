// SPDX-License-Identifier: MIT

internal import Mail

/// The start of a message's header as people may see it on a terminal.
enum HeaderExcerpt {
    /// At most `octetsMax` octets of the edition, up to the empty line. Line ends become LF, a backslash
    /// `\\`, and whatever else isn't printable ASCII or a tab `\xNN`: nothing in it moves a cursor or ends a
    /// line by stealth.
    static func text(_ edition: Edition, of body: MessageBytes, octetsMax: Int) -> String {
        var out: [UInt8] = []
        for byte in header(octets(edition, of: body, octetsMax: octetsMax)) {
            switch byte {
            case UInt8(ascii: "\\"): out += [byte, byte]
            case 0x20...0x7E, 0x09, 0x0A: out.append(byte)
            default: out += [UInt8(ascii: "\\"), UInt8(ascii: "x"), digit(byte >> 4), digit(byte & 0xF)]
            }
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func octets(_ edition: Edition, of body: MessageBytes, octetsMax: Int) -> [UInt8] {
        var octets: [UInt8] = []
        for piece in edition.pieces where octets.count < octetsMax {
            switch piece {
            case .inserted(let bytes): octets += bytes.prefix(octetsMax - octets.count)
            case .original(let range):
                let range = range.clamped(to: 0..<body.count)
                octets += body.bytes(in: range.prefix(octetsMax - octets.count))
            }
        }
        return octets
    }

    /// Lines up to the first empty one, CRLF as LF.
    private static func header(_ octets: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var at = 0
        while at < octets.count {
            if octets[at] == 0x0D, at + 1 < octets.count, octets[at + 1] == 0x0A {
                if out.last == 0x0A || out.isEmpty { break }
                out.append(0x0A)
                at += 2
            } else {
                out.append(octets[at])
                at += 1
            }
        }
        return out
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}
