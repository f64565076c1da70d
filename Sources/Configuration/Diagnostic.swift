// SPDX-License-Identifier: MIT

package import Mail

/// A complaint as it is printed: place, text, the line with a caret below, remedy.
package struct Diagnostic: Sendable, CustomStringConvertible {
    package let complaint: Complaint
    /// The line it is about, without its end; nil where the file can't be shown.
    private let line: [Unicode.Scalar]?

    /// Characters of a source line that are shown, at most: a table of one long line must not fill the
    /// screen.
    private static let lineCharactersMax = 160
    /// Characters shown before the place, where a line is cut.
    private static let leadCharacters = 40

    /// `source` is the text of the file that the complaint names, if it is at hand.
    package init(_ complaint: Complaint, source: [UInt8]?) {
        self.complaint = complaint
        line = source.flatMap { Self.line(complaint.line, of: $0) }
    }

    /// `file:line:column: error: message`, the line, the caret, `help:`. No line end at the end.
    package var description: String {
        let place = "\(complaint.file):\(complaint.line):\(complaint.column)"
        var lines = ["\(place): \(complaint.severity.rawValue): \(Self.printable(complaint.message))"]
        if let line { lines += Self.excerpt(line, complaint) }
        if !complaint.help.isEmpty { lines.append("  help: \(Self.printable(complaint.help))") }
        return lines.joined(separator: "\n")
    }

    /// One JSON object on one line, its keys in this order: file, line, column, severity, message, help.
    package var json: String {
        let fields = [
            ("file", Self.quoted(complaint.file)), ("line", "\(complaint.line)"),
            ("column", "\(complaint.column)"),
            ("severity", Self.quoted(complaint.severity.rawValue)),
            ("message", Self.quoted(complaint.message)),
            ("help", Self.quoted(complaint.help)),
        ]
        return "{" + fields.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
    }

    private static func excerpt(_ line: [Unicode.Scalar], _ complaint: Complaint) -> [String] {
        let column = min(max(0, complaint.column - 1), line.count)
        var start = 0
        var end = line.count
        if line.count > lineCharactersMax {
            start = max(0, min(column - leadCharacters, line.count - lineCharactersMax))
            end = start + lineCharactersMax
        }
        let number = "\(complaint.line)"
        let blank = String(repeating: " ", count: number.utf8.count)
        // A tab stays a tab in both lines, so that the caret stands below its character at any width.
        let shown = line[start..<end].map { $0 == "\t" ? $0 : visible($0) }
        let indent = line[start..<max(start, column)].map { $0 == "\t" ? $0 : " " as Unicode.Scalar }
        let carets = max(1, min(complaint.length, end - column))
        return [
            "  \(number) | \(text(shown))",
            "  \(blank) | \(text(indent))\(String(repeating: "^", count: carets))",
        ]
    }

    /// Line `number` (from 1) of `source`, decoded; CRLF and LF end it.
    private static func line(_ number: Int, of source: [UInt8]) -> [Unicode.Scalar]? {
        var start = source.startIndex
        var current = 1
        while current < number {
            guard let end = source[start...].firstIndex(of: 0x0A) else { return nil }
            start = end + 1
            current += 1
        }
        var line = source[start...].prefix { $0 != 0x0A }
        if line.last == 0x0D { line.removeLast() }
        return Array(String(decoding: line, as: UTF8.self).unicodeScalars)
    }

    /// What could steer a terminal is shown as `?`.
    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .privateUse: "?"
        default: scalar
        }
    }

    private static func printable(_ words: String) -> String { text(words.unicodeScalars.map(visible)) }

    private static func text(_ scalars: [Unicode.Scalar]) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    /// A JSON string (RFC 8259 §7).
    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            case "\r": quoted += "\\r"
            case "\t": quoted += "\\t"
            case _ where scalar.value < 0x20:
                let digits = String(scalar.value, radix: 16)
                quoted += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: quoted.unicodeScalars.append(scalar)
            }
        }
        return quoted + "\""
    }
}
