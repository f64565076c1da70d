// SPDX-License-Identifier: MIT

/// Finds what sources say of RFCs: `RFC 5321 §4.1.4`, `RFC 3720 appendix B.4`, `RFC 2920`.
enum Citations {
    /// Each section, as it would be looked up, with the line (from 1) on which its RFC stands.
    static func sections(in lines: [Substring]) -> [(section: String, line: Int)] {
        // One stream of words; a comment that goes on in the next line goes on here.
        var words: [(text: Substring, line: Int)] = []
        for (index, line) in lines.enumerated() where line.contains("RFC") || index > 0 {
            let text = line.trimmingPrefix { $0 == " " }.trimmingPrefix { $0 == "/" }
            words += text.split { " \t\"".contains($0) }.map { ($0, index + 1) }
        }
        var found: [(section: String, line: Int)] = []
        var index = 0
        while index < words.count {
            guard words[index].text.hasSuffix("RFC"), index + 1 < words.count,
                let number = number(words[index + 1].text)
            else {
                index += 1
                continue
            }
            let line = words[index].line
            let isEnded = !words[index + 1].text.allSatisfy(\.isNumber)
            index += 2
            let sections = isEnded ? [] : sections(words, &index)
            if sections.isEmpty { found.append(("RFC \(number)", line)) }
            found += sections.map { ("RFC \(number) \($0)", line) }
        }
        return found
    }

    private static func number(_ word: Substring) -> Int? {
        let digits = word.prefix(while: \.isNumber)
        return (3...5).contains(digits.count) ? Int(digits) : nil
    }

    /// `§1.2`, `§1.2 and §3`, `§1.2, §3`, `appendix B.4`.
    private static func sections(_ words: [(text: Substring, line: Int)], _ index: inout Int) -> [String] {
        var sections: [String] = []
        while index < words.count {
            let word = words[index].text
            if word.hasPrefix("§") {
                sections.append("§" + numbers(word.dropFirst()))
            } else if word == "appendix", index + 1 < words.count, sections.isEmpty {
                index += 1
                sections.append("appendix " + numbers(words[index].text))
            } else if sections.isEmpty || !["and", "or", "to"].contains(word)
                || index + 1 >= words.count || !words[index + 1].text.hasPrefix("§")
            {
                break
            }
            index += 1
        }
        return sections
    }

    /// Letters, digits and dots, without a full stop at the end.
    private static func numbers(_ text: Substring) -> String {
        let head = text.prefix { $0.isLetter || $0.isNumber || $0 == "." }
        return String(head.hasSuffix(".") ? head.dropLast() : head)
    }
}
