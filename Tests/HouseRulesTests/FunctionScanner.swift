// SPDX-License-Identifier: MIT

/// Finds functions, initialisers and computed properties in code, and how long they are.
struct FunctionScanner {
    struct Function: Equatable {
        var name: String
        /// From 1.
        var line: Int
        /// From the declaration's first line to the closing brace, both counted.
        var lines: Int
    }

    private let code: [UInt8]
    private var index = 0
    private var line = 1

    init(_ code: [UInt8]) { self.code = code }

    /// Every one with a body, those inside others included.
    static func functions(in code: [UInt8]) -> [Function] {
        var scanner = FunctionScanner(code)
        var found: [Function] = []
        while let word = scanner.nextWord() {
            switch word.text {
            case "func", "var", "subscript", "deinit": break
            case "init" where !word.isMember: break
            default: continue
            }
            // A look ahead: what stands inside is scanned in its turn.
            var ahead = scanner
            let name = word.text == "func" || word.text == "var" ? ahead.nextWord()?.text ?? "" : word.text
            if let lines = ahead.body(isProperty: word.text == "var", from: word.line) {
                found.append(Function(name: name, line: word.line, lines: lines))
            }
        }
        return found
    }

    private mutating func nextWord() -> (text: String, line: Int, isMember: Bool)? {
        while index < code.count, !SwiftFile.isWord(code[index]) { advance() }
        guard index < code.count else { return nil }
        let start = index
        while index < code.count, SwiftFile.isWord(code[index]) { index += 1 }
        let isMember = start > 0 && code[start - 1] == UInt8(ascii: ".")
        return (String(decoding: code[start..<index], as: UTF8.self), line, isMember)
    }

    private mutating func advance() {
        if code[index] == 0x0A { line += 1 }
        index += 1
    }

    /// The number of lines from `start` to the end of the body; nil where there is none (a requirement, a
    /// stored property).
    private mutating func body(isProperty: Bool, from start: Int) -> Int? {
        var depth = 0
        while index < code.count {
            switch code[index] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: "{") where depth == 0:
                skipBraces()
                return line - start + 1
            case UInt8(ascii: "}") where depth == 0, UInt8(ascii: "=") where isProperty && depth == 0:
                return nil
            case 0x0A where depth == 0 && !goesOn():
                return nil
            default: break
            }
            if depth < 0 { return nil }
            advance()
        }
        return nil
    }

    /// Whether the declaration continues on the next line.
    private func goesOn() -> Bool {
        var next = index
        while next < code.count, code[next] == 0x0A || code[next] == 0x20 { next += 1 }
        let rest = code[next..<min(code.count, next + 8)]
        return ["{", "->", "where", "throws", "async", "rethrows", ":"].contains {
            rest.starts(with: $0.utf8)
        }
    }

    private mutating func skipBraces() {
        var depth = 0
        while index < code.count {
            if code[index] == UInt8(ascii: "{") { depth += 1 }
            if code[index] == UInt8(ascii: "}") { depth -= 1 }
            if depth == 0 { return }
            advance()
        }
    }
}
