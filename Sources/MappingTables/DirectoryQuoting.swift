// SPDX-License-Identifier: MIT

/// How text from outside is written so that it stays a value where a directory reads it.
enum DirectoryQuoting: Equatable, Sendable {
    /// An assertion value of a search filter (RFC 4515 §3).
    case filter
    /// An attribute value of a distinguished name (RFC 4514 §2.4).
    case name

    func write(_ text: some Sequence<UInt8>, to output: inout [UInt8]) {
        switch self {
        case .filter:
            for octet in text {
                switch octet {
                case UInt8(ascii: "*"), UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: "\\"), 0:
                    Self.escape(octet, to: &output)
                default: output.append(octet)
                }
            }
        case .name:
            let octets = Array(text)
            for (index, octet) in octets.enumerated() {
                switch octet {
                case UInt8(ascii: "\""), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: ";"),
                    UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\\"), UInt8(ascii: "="), 0..<0x20,
                    0x7F:
                    Self.escape(octet, to: &output)
                case UInt8(ascii: "#") where index == 0: Self.escape(octet, to: &output)
                case UInt8(ascii: " ") where index == 0 || index == octets.count - 1:
                    Self.escape(octet, to: &output)
                default: output.append(octet)
                }
            }
        }
    }

    /// A backslash and two hexadecimal digits: right in both grammars for any octet.
    private static func escape(_ octet: UInt8, to output: inout [UInt8]) {
        let digits = Array("0123456789abcdef".utf8)
        output += [UInt8(ascii: "\\"), digits[Int(octet >> 4)], digits[Int(octet & 0xF)]]
    }
}
