// SPDX-License-Identifier: MIT

/// Puts lines before the text of a part, in its charset and its transfer encoding.
struct PrefixWriter {
    struct Change {
        /// Of the received bytes; empty where only something is inserted.
        var range: Range<Int>
        var octets: [UInt8]
    }

    /// UTF-8, CRLF behind each.
    private let lines: [String]
    private let bytes: MessageBytes
    private let limits: MessageLimits

    /// Octets of a line without its end (RFC 5322 §2.1.1): where one is longer, the part is encoded.
    private static let lineOctetsMax = 998

    init(lines: [String], bytes: MessageBytes, limits: MessageLimits) {
        self.lines = lines
        self.bytes = bytes
        self.limits = limits
    }

    /// The lines of `text`, without control characters; none where nothing is left.
    static func lines(_ text: String) -> [String] {
        var lines: [String] = []
        var line = String.UnicodeScalarView()
        var isAfterCR = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\r", "\n":
                if !(scalar == "\n" && isAfterCR) {
                    lines.append(String(line))
                    line = String.UnicodeScalarView()
                }
            case "\t": line.append(scalar)
            default: if scalar.value >= 0x20, scalar.value != 0x7F { line.append(scalar) }
            }
            isAfterCR = scalar == "\r"
        }
        if !line.isEmpty { lines.append(String(line)) }
        return lines.allSatisfy(\.isEmpty) ? [] : lines
    }

    /// What changes in a text/plain or text/html part; nil where it can't be done.
    func changes(of part: Part, isWholeMessage: Bool) -> [Change]? {
        let isHTML = part.type == "text/html"
        let inserted = isHTML ? html : Array(lines.joined(separator: "\r\n").utf8) + Self.lineEnd
        // Nobody can say what a text would mean there.
        guard !part.defects.contains(.unknownEncoding) else { return nil }
        let isASCII = inserted.allSatisfy { $0 < 0x80 }
        let charset = part.charset ?? "us-ascii"
        let isUTF8 = charset == "utf-8" || charset == "utf8"
        let fitsCharset = isUTF8 || (isASCII && Self.isASCIICompatible(charset))
        let hasLongLine = lines.contains { $0.utf8.count > Self.lineOctetsMax } && !isHTML
        let fitsEncoding: Bool
        switch part.encoding {
        case .sevenBit: fitsEncoding = isASCII && !hasLongLine
        case .eightBit, .binary: fitsEncoding = !hasLongLine
        case .quotedPrintable, .base64: fitsEncoding = true
        }
        guard fitsCharset, fitsEncoding else {
            return rewritten(part, inserting: inserted, isWholeMessage: isWholeMessage)
        }
        if isHTML, !part.encoding.isIdentity {
            return exchanged(part, inserting: inserted, encoding: part.encoding)
        }
        return insertion(inserted, in: part, isHTML: isHTML).map { [$0] }
    }

    // MARK: Put in, the rest left alone

    private func insertion(_ octets: [UInt8], in part: Part, isHTML: Bool) -> Change? {
        var place = part.bodyRange.lowerBound
        var inserted: [UInt8]
        switch part.encoding {
        case .sevenBit, .eightBit, .binary:
            inserted = octets
            if isHTML { place += bytes.withBytes { Self.htmlPlace($0, in: part.bodyRange) } }
        case .quotedPrintable: inserted = TransferEncoder.quotedPrintable(octets)
        case .base64:
            // Whole groups, so that the characters behind them mean what they meant: empty lines fill up.
            var filled = octets
            while filled.count % 3 != 0 { filled += Self.lineEnd }
            inserted = TransferEncoder.base64(filled) + Self.lineEnd
        }
        if place == part.bodyRange.lowerBound, !endsInEmptyLine(part.headerRange) {
            inserted = Self.lineEnd + inserted
        }
        return Change(range: place..<place, octets: inserted)
    }

    /// Whether there is an empty line behind the header, and what stands behind it can be no field.
    private func endsInEmptyLine(_ header: Range<Int>) -> Bool {
        bytes.withBytes { bytes in
            let header = header.clamped(to: 0..<bytes.count)
            var line = 0
            var end = header.upperBound
            guard end > header.lowerBound, bytes[end - 1] == ASCII.lf else { return false }
            end -= 1
            while end > header.lowerBound, bytes[end - 1] != ASCII.lf {
                end -= 1
                if bytes[end] != ASCII.cr { line += 1 }
            }
            return line == 0
        }
    }

    // MARK: Decoded, and encoded anew

    /// The body with `inserted` in it, in another encoding and in UTF-8 where it must be, and the header to
    /// match.
    private func rewritten(_ part: Part, inserting inserted: [UInt8], isWholeMessage: Bool) -> [Change]? {
        let header = part.header
        guard header.fields(named: "Content-Type").count <= 1,
            header.fields(named: "Content-Transfer-Encoding").count <= 1, endsInEmptyLine(part.headerRange)
        else { return nil }
        // What nobody can read can't be converted either.
        guard part.charset.map(CharsetDecoding.knows) ?? true else { return nil }
        let encoding: TransferEncoding = part.encoding == .base64 ? .base64 : .quotedPrintable
        guard var changes = exchanged(part, inserting: inserted, encoding: encoding, becomesUTF8: true)
        else { return nil }
        var parameters = part.contentType.parameters.parameters.map { (name: $0.name, value: $0.value) }
        parameters.removeAll { $0.name == "charset" }
        parameters.insert((name: "charset", value: "utf-8"), at: 0)
        let type = FieldWriter.field("Content-Type", part.type, parameters: parameters)
        let transfer = Array("Content-Transfer-Encoding: \(encoding.rawValue)\r\n".utf8)
        var added: [UInt8] = []
        if isWholeMessage, header.first(named: "MIME-Version") == nil {
            added += Array("MIME-Version: 1.0\r\n".utf8)
        }
        for (name, octets) in [("Content-Type", type), ("Content-Transfer-Encoding", transfer)] {
            if let field = header.first(named: name) {
                changes.append(Change(range: field.range, octets: octets))
            } else {
                added += octets
            }
        }
        if !added.isEmpty {
            let place = header.fields.last?.range.upperBound ?? part.headerRange.lowerBound
            changes.append(Change(range: place..<place, octets: added))
        }
        return changes
    }

    /// The decoded body with `inserted` in it, encoded. Nil where it is too long to be decoded.
    private func exchanged(
        _ part: Part, inserting inserted: [UInt8], encoding: TransferEncoding, becomesUTF8: Bool = false
    ) -> [Change]? {
        let decoding = part.decoding(in: bytes, limits: limits)
        guard !decoding.defects.contains(.decodedTooLong) else { return nil }
        var octets = decoding.octets
        if becomesUTF8 { octets = Array(CharsetDecoding.text(octets, charset: part.charset).utf8) }
        let place =
            part.type == "text/html"
            ? octets.withUnsafeBytes { Self.htmlPlace($0, in: 0..<$0.count) } : 0
        octets.insert(contentsOf: inserted, at: place)
        // The line end before the next delimiter is that of the delimiter.
        let encoded =
            encoding == .base64 ? TransferEncoder.base64(octets) : TransferEncoder.quotedPrintable(octets)
        return [Change(range: part.bodyRange, octets: encoded)]
    }

    private static let lineEnd = [ASCII.cr, ASCII.lf]

    /// Whether octets of ASCII mean in it what they are. Those of the world's charsets that shift begin so.
    private static func isASCIICompatible(_ charset: String) -> Bool {
        let others = [
            "utf-16", "utf16", "utf-32", "utf32", "utf-7", "utf7", "ucs", "iso-10646", "unicode", "csunicode",
            "ebcdic", "cp037", "ibm037", "cp1026", "hz-gb",
        ]
        return !others.contains { charset.hasPrefix($0) }
    }

    // MARK: HTML

    /// Escaped, with numbers for what isn't ASCII: it fits into any charset. A line of markup stays short,
    /// as blanks outside of words may be line ends.
    private var html: [UInt8] {
        var octets = Array("<div>".utf8)
        var column = octets.count
        for (index, line) in lines.enumerated() {
            if index > 0 {
                octets += Array("<br>\r\n".utf8)
                column = 0
            }
            for scalar in line.unicodeScalars {
                let text: [UInt8]
                switch scalar {
                case "&": text = Array("&amp;".utf8)
                case "<": text = Array("&lt;".utf8)
                case ">": text = Array("&gt;".utf8)
                case "\"": text = Array("&quot;".utf8)
                default: text = Array((scalar.isASCII ? String(scalar) : "&#\(scalar.value);").utf8)
                }
                if column > Self.htmlColumnMax, scalar == " " {
                    octets += Self.lineEnd
                    column = 0
                } else if column + text.count > Self.lineOctetsMax {
                    // A word of that length: a break that shows is better than a line that is cut.
                    octets += Self.lineEnd + text
                    column = text.count
                } else {
                    octets += text
                    column += text.count
                }
            }
        }
        return octets + Array("</div>\r\n".utf8)
    }

    /// Where a line of markup may end.
    private static let htmlColumnMax = 76

    /// Octets of a page that are looked through for its beginning: a head with all its styles.
    private static let htmlHeadOctetsMax = 1 << 20

    /// Behind `<body ...>`, else behind the head, `<html ...>` or the document's type, else at the beginning;
    /// counted from the beginning of `range`.
    private static func htmlPlace(_ bytes: UnsafeRawBufferPointer, in range: Range<Int>) -> Int {
        let range = range.clamped(to: 0..<bytes.count)
        let end = min(range.upperBound, range.lowerBound + htmlHeadOctetsMax)
        var best = range.lowerBound
        var position = range.lowerBound
        while let less = LineReader.firstIndex(of: ASCII.less, in: bytes, from: position, upTo: end) {
            if begins("<!--", bytes, less, end) {
                guard let close = commentEnd(bytes, from: less + 4, upTo: end) else { break }
                position = close
                continue
            }
            guard let close = tagEnd(bytes, from: less + 1, upTo: end) else { break }
            position = close
            if isTag("<body", bytes, less, end) { return close - range.lowerBound }
            let leads = ["<!doctype", "<html", "</head"].contains { isTag($0, bytes, less, end) }
            if leads { best = close }
        }
        return best - range.lowerBound
    }

    /// Behind the `>` that is in no quoted value.
    private static func tagEnd(_ bytes: UnsafeRawBufferPointer, from start: Int, upTo end: Int) -> Int? {
        var quote: UInt8?
        for index in start..<max(start, end) {
            let octet = bytes[index]
            if let open = quote {
                if octet == open { quote = nil }
            } else if octet == ASCII.quote || octet == ASCII.apostrophe {
                quote = octet
            } else if octet == ASCII.greater {
                return index + 1
            }
        }
        return nil
    }

    private static func commentEnd(_ bytes: UnsafeRawBufferPointer, from start: Int, upTo end: Int) -> Int? {
        var position = start
        while let dash = LineReader.firstIndex(of: ASCII.dash, in: bytes, from: position, upTo: end) {
            if begins("-->", bytes, dash, end) { return dash + 3 }
            position = dash + 1
        }
        return nil
    }

    private static func isTag(_ tag: String, _ bytes: UnsafeRawBufferPointer, _ at: Int, _ end: Int) -> Bool {
        let behind = at + tag.utf8.count
        guard begins(tag, bytes, at, end), behind < end else { return false }
        return ASCII.isSpace(bytes[behind]) || bytes[behind] == ASCII.greater || bytes[behind] == ASCII.slash
    }

    private static func begins(
        _ text: String, _ bytes: UnsafeRawBufferPointer, _ at: Int, _ end: Int
    ) -> Bool {
        guard at + text.utf8.count <= end else { return false }
        return zip(text.utf8, bytes[at..<end]).allSatisfy { $0 == ASCII.lower($1) }
    }
}
