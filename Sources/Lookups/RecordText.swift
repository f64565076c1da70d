// SPDX-License-Identifier: MIT

internal import Mail

/// Record data as it comes off the wire, in presentation form. The bytes are whoever's answered: nothing here
/// trusts a length, and what is not printable ASCII comes out escaped as `\DDD` (RFC 1035 §5.1).
enum RecordText {
    /// Nil where the data doesn't have the form of its type.
    static func text(_ data: UnsafeRawBufferPointer, type: DNSQuestion.RecordType) -> String? {
        let bytes = Array(data.prefix(65_535))
        switch type {
        case .a: return bytes.count == 4 ? IPAddress(octets: bytes)?.description : nil
        case .aaaa: return bytes.count == 16 ? IPAddress(octets: bytes)?.description : nil
        case .txt: return strings(bytes)
        case .mx:
            guard bytes.count > 2, let name = name(bytes[2...]) else { return nil }
            return "\(Int(bytes[0]) << 8 | Int(bytes[1])) \(name)"
        case .ptr, .cname: return name(bytes[...])
        case .tlsa:
            guard bytes.count > 3 else { return nil }
            let hex = bytes[3...].map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            return "\(bytes[0]) \(bytes[1]) \(bytes[2]) \(hex)"
        }
    }

    /// At least one character-string (RFC 1035 §3.3.14).
    private static func strings(_ bytes: [UInt8]) -> String? {
        guard !bytes.isEmpty else { return nil }
        var text = ""
        var index = 0
        while index < bytes.count {
            let length = Int(bytes[index])
            guard index + 1 + length <= bytes.count else { return nil }
            text += escaped(bytes[(index + 1)..<(index + 1 + length)])
            index += 1 + length
        }
        return text
    }

    /// An uncompressed name (libunbound hands out no other) and nothing behind it; without the trailing dot,
    /// `.` for the root. A dot within a label is escaped, so that it can't pass for the end of one.
    private static func name(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.count <= nameOctetsMax else { return nil }
        var labels: [String] = []
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let length = Int(bytes[index])
            if length == 0 {
                guard index + 1 == bytes.endIndex else { return nil }
                return labels.isEmpty ? "." : labels.joined(separator: ".").lowercased()
            }
            guard length <= 63, index + 1 + length <= bytes.endIndex else { return nil }
            labels.append(
                escaped(bytes[(index + 1)..<(index + 1 + length)], also: UInt8(ascii: ".")))
            index += 1 + length
        }
        return nil
    }

    /// RFC 1035 §2.3.4.
    private static let nameOctetsMax = 255

    private static func escaped(_ bytes: ArraySlice<UInt8>, also special: UInt8? = nil) -> String {
        var text: [UInt8] = []
        for byte in bytes {
            if (0x20...0x7E).contains(byte), byte != UInt8(ascii: "\\"), byte != special {
                text.append(byte)
            } else {
                text.append(UInt8(ascii: "\\"))
                for place in [100, 10, 1] { text.append(0x30 + UInt8(Int(byte) / place % 10)) }
            }
        }
        return String(decoding: text, as: UTF8.self)
    }
}
