// SPDX-License-Identifier: MIT

/// Why a request is refused. It may quote the request, so neither a terminal nor a log gets it as it is: the
/// log's writer escapes it, and its client is told `text`.
struct Refusal: Sendable {
    /// Octets of it, at most, but for the mark that it was cut.
    static let octetsMax = 512

    let reason: String
    /// Whatever isn't printable ASCII is written `\xNN`, a backslash `\\`, and a long text is cut.
    let text: String

    init(_ reason: String) {
        self.reason = reason
        var out: [UInt8] = []
        for byte in reason.utf8 {
            guard out.count < Self.octetsMax else {
                out += Array("...".utf8)
                break
            }
            switch byte {
            case UInt8(ascii: "\\"): out += [byte, byte]
            case 0x20...0x7E: out.append(byte)
            default:
                out += [UInt8(ascii: "\\"), UInt8(ascii: "x")]
                out += [Self.digit(byte >> 4), Self.digit(byte & 0xF)]
            }
        }
        text = String(decoding: out, as: UTF8.self)
    }

    private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x61 + value - 10 }
}
