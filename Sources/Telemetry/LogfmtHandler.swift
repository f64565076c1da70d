// SPDX-License-Identifier: MIT

internal import Glibc
package import Logging

/// Writes each log entry as one logfmt line to standard error: `level=info role=inbound-0
/// event=message.settled ...`.
///
/// A line is one `write`, so that lines of several processes don't mix. Values from outside can't end a line,
/// forge a
/// field or move a terminal's cursor: everything but printable ASCII is escaped, and long values are cut.
package struct LogfmtHandler: LogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level = .info
    private let role: String

    /// Octets of one value, at most; the rest is cut and marked.
    package static let valueOctetsMax = 1_024
    /// The metadata key under which ready-made fields of an event travel.
    static let fieldsKey = "\u{1}fields"

    /// `role` is the process's name: `inbound-0`.
    package init(role: String) { self.role = role }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let (level, message, entry) = (event.level, event.message, event.metadata)
        var text = "level=\(level.rawValue) role=\(role) event=\(Self.escape(message.description))"
        var fields = metadata.merging(entry ?? [:]) { $1 }
        let ready = fields.removeValue(forKey: Self.fieldsKey)
        for (key, value) in fields.sorted(by: { $0.key < $1.key }) {
            text += " \(key)=\(Self.escape(value.description))"
        }
        if case .string(let fields) = ready, !fields.isEmpty { text += " " + fields }
        text += "\n"
        var bytes = Array(text.utf8)
        bytes.withUnsafeMutableBytes { buffer in
            // A lost log line must not stop mail: there is nobody to tell.
            _ = write(2, buffer.baseAddress, buffer.count)
        }
    }

    static func line(_ fields: [(String, String)]) -> String {
        fields.map { "\($0)=\(escape($1))" }.joined(separator: " ")
    }

    /// `value` as a logfmt value: bare where that is safe, else quoted with `\"`, `\\` and `\xNN`.
    package static func escape(_ value: String) -> String {
        var isBare = !value.isEmpty
        var out: [UInt8] = []
        var isCut = false
        for byte in value.utf8 {
            if out.count >= valueOctetsMax {
                isCut = true
                break
            }
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"):
                out += [UInt8(ascii: "\\"), byte]
                isBare = false
            case UInt8(ascii: " "), UInt8(ascii: "="):
                out.append(byte)
                isBare = false
            case 0x21...0x7E:
                out.append(byte)
            default:
                out += Array("\\x".utf8) + [hexDigit(byte >> 4), hexDigit(byte & 0xF)]
                isBare = false
            }
        }
        let text = String(decoding: out, as: UTF8.self) + (isCut ? "..." : "")
        return isBare ? text : "\"\(text)\""
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : UInt8(ascii: "a") + value - 10
    }
}
