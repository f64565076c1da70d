// SPDX-License-Identifier: MIT

/// A Swift source: its lines, and its code without comments and strings.
struct SwiftFile {
    /// Relative to the repository.
    let path: String
    let lines: [Substring]
    /// The file's bytes; those of comments and string literals are spaces, line ends stay. So a line of
    /// `code` is a line of the file.
    let code: [UInt8]
    let codeLines: [Substring]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        var blanking = Blanking(Array(text.utf8))
        code = blanking.run()
        codeLines = String(decoding: code, as: UTF8.self).split(
            separator: "\n", omittingEmptySubsequences: false)
    }

    /// The target's name: `Sources/Mail/Address/Address.swift` is of `Mail`.
    var target: String {
        let parts = path.split(separator: "/")
        return parts.count > 1 ? String(parts[1]) : ""
    }

    /// `line` counts from 1.
    func violation(_ line: Int, _ text: String) -> Violation { Violation(path: path, line: line, text: text) }

    /// A violation at each line whose code contains `token` as a whole word or, if it ends in a sign, as it
    /// is.
    func violations(of token: String, _ text: String) -> [Violation] {
        codeLines.enumerated().compactMap { index, line in
            Self.contains(line, token) ? violation(index + 1, text) : nil
        }
    }

    /// Whether `line` has `token` in it, not as part of a longer word.
    static func contains(_ line: Substring, _ token: String) -> Bool {
        let bytes = Array(line.utf8)
        let wanted = Array(token.utf8)
        guard let first = wanted.first, let last = wanted.last, bytes.count >= wanted.count else {
            return false
        }
        for start in 0...(bytes.count - wanted.count)
        where bytes[start..<(start + wanted.count)].elementsEqual(wanted) {
            let end = start + wanted.count
            let isCutBefore = isWord(first) && start > 0 && isWord(bytes[start - 1])
            let isCutAfter = isWord(last) && end < bytes.count && isWord(bytes[end])
            if !isCutBefore, !isCutAfter { return true }
        }
        return false
    }

    static func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}

/// Turns comments and string literals into spaces.
private struct Blanking {
    private var bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func run() -> [UInt8] {
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"): lineComment()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "*"): blockComment()
            case UInt8(ascii: "\""): string(pounds: 0)
            case UInt8(ascii: "#"): rawString()
            default: index += 1
            }
        }
        return bytes
    }

    private func peek(_ distance: Int) -> UInt8? {
        index + distance < bytes.count ? bytes[index + distance] : nil
    }

    private mutating func blank(_ count: Int) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] != 0x0A { bytes[index] = 0x20 }
            index += 1
        }
    }

    private mutating func lineComment() {
        while index < bytes.count, bytes[index] != 0x0A { blank(1) }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if bytes[index] == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "*") {
                depth += 1
                blank(2)
            } else if bytes[index] == UInt8(ascii: "*"), peek(1) == UInt8(ascii: "/") {
                depth -= 1
                blank(2)
            } else {
                blank(1)
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func rawString() {
        var pounds = 0
        while peek(pounds) == UInt8(ascii: "#") { pounds += 1 }
        guard peek(pounds) == UInt8(ascii: "\"") else {
            index += pounds
            return
        }
        blank(pounds)
        string(pounds: pounds)
    }

    /// At the opening quote. What an interpolation holds is blanked with the rest.
    private mutating func string(pounds: Int) {
        let isLong = (1...2).allSatisfy { peek($0) == UInt8(ascii: "\"") } && peek(3) == 0x0A
        let quotes = isLong ? 3 : 1
        blank(quotes)
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "\\"), isFollowed(by: pounds, of: UInt8(ascii: "#"), from: 1) {
                blank(1 + pounds)
                if index < bytes.count, bytes[index] == UInt8(ascii: "(") {
                    interpolation()
                } else {
                    blank(1)
                }
            } else if byte == UInt8(ascii: "\""), isFollowed(by: quotes, of: byte, from: 0),
                isFollowed(by: pounds, of: UInt8(ascii: "#"), from: quotes)
            {
                blank(quotes + pounds)
                return
            } else if byte == 0x0A, !isLong {
                return  // Not a literal after all.
            } else {
                blank(1)
            }
        }
    }

    private mutating func interpolation() {
        var depth = 0
        repeat {
            switch bytes[index] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"): depth -= 1
            case UInt8(ascii: "\""):
                string(pounds: 0)
                continue
            default: break
            }
            blank(1)
        } while depth > 0 && index < bytes.count
    }

    private func isFollowed(by count: Int, of byte: UInt8, from distance: Int) -> Bool {
        (0..<count).allSatisfy { peek(distance + $0) == byte }
    }
}
