// SPDX-License-Identifier: MIT

/// A stretch of a script that is all of one kind. For those who put something into a script's text: whether
/// it would stand in a string, in a comment or among the commands.
package struct ScriptRegion: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Commands, tests, tags, numbers, and what stands between them.
        case code
        /// From `#` up to the line's end.
        case lineComment
        /// With its `/*` and `*/`.
        case bracketComment
        /// Between the double quotes, without them.
        case quotedString
        /// From `text:` to the dot that ends it (RFC 5228 §2.4.2).
        case multiLineString
    }

    package let kind: Kind
    /// Offsets in the script.
    package let range: Range<Int>

    /// All of `source`, in its order, whatever it holds; an unclosed string or comment goes to the end. The
    /// quotes of a string belong to the code around it.
    package static func all(of source: [UInt8]) -> [ScriptRegion] {
        var scan = Scan(source: source)
        scan.run()
        return scan.regions
    }

    private struct Scan {
        let source: [UInt8]
        var regions: [ScriptRegion] = []
        private var position = 0
        private var codeStart = 0

        init(source: [UInt8]) { self.source = source }

        private func byte(_ offset: Int) -> UInt8? { offset < source.count ? source[offset] : nil }

        /// One pass: each step goes on by one octet at least.
        mutating func run() {
            while let byte = byte(position) {
                switch byte {
                case UInt8(ascii: "#"):
                    take(.lineComment, from: position, to: lineEnd(from: position))
                case UInt8(ascii: "/") where self.byte(position + 1) == UInt8(ascii: "*"):
                    take(.bracketComment, from: position, to: bracketEnd())
                case UInt8(ascii: "\""):
                    take(.quotedString, from: position + 1, to: quoteEnd())
                    // The closing quote.
                    position = min(position + 1, source.count)
                case UInt8(ascii: ":") where isText(before: position):
                    take(.multiLineString, from: position, to: textEnd())
                default:
                    position += 1
                }
            }
            close(at: source.count)
        }

        private mutating func take(_ kind: Kind, from start: Int, to end: Int) {
            close(at: start)
            regions.append(ScriptRegion(kind: kind, range: start..<end))
            position = end
            codeStart = end
        }

        private mutating func close(at end: Int) {
            guard codeStart < end else { return }
            regions.append(ScriptRegion(kind: .code, range: codeStart..<end))
        }

        private func lineEnd(from start: Int) -> Int {
            source[start...].firstIndex(of: 0x0A) ?? source.count
        }

        private func bracketEnd() -> Int {
            var offset = position + 2
            while offset + 1 < source.count {
                if source[offset] == UInt8(ascii: "*"), source[offset + 1] == UInt8(ascii: "/") {
                    return offset + 2
                }
                offset += 1
            }
            return source.count
        }

        private func quoteEnd() -> Int {
            var offset = position + 1
            while let byte = byte(offset), byte != UInt8(ascii: "\"") {
                offset += byte == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(offset, source.count)
        }

        /// Whether the word before the colon is `text`, and the line ends behind it but for a comment.
        private func isText(before colon: Int) -> Bool {
            guard colon >= 4, source[(colon - 4)..<colon].elementsEqual("text".utf8, by: { $0 | 0x20 == $1 }),
                colon == 4 || !Self.isWord(source[colon - 5])
            else { return false }
            var offset = colon + 1
            while let byte = byte(offset), byte == 0x20 || byte == 0x09 { offset += 1 }
            return byte(offset) == UInt8(ascii: "#") || byte(offset) == 0x0A
                || byte(offset) == 0x0D && byte(offset + 1) == 0x0A
        }

        private static func isWord(_ byte: UInt8) -> Bool {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: ":"): true
            default: false
            }
        }

        private func textEnd() -> Int {
            var start = lineEnd(from: position) + 1
            while start < source.count {
                let end = lineEnd(from: start)
                let line = source[start..<end]
                if line.elementsEqual([UInt8(ascii: ".")]) || line.elementsEqual([UInt8(ascii: "."), 0x0D]) {
                    return end
                }
                start = end + 1
            }
            return source.count
        }
    }
}
