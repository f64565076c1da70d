// SPDX-License-Identifier: MIT

/// Package.swift as text: which targets there are and what each depends on. Reads the few forms that ours
/// uses.
struct Manifest {
    struct Target: Equatable {
        var name: String
        /// Names of targets and of products, as in the manifest.
        var dependencies: [String]
        var isTest: Bool
    }

    private(set) var targets: [Target] = []

    private static let forms: [(call: String, isTest: Bool)] = [
        ("library(", false), ("tests(", true), (".executableTarget(", false), (".target(", false),
        (".systemLibrary(", false),
    ]

    init(_ text: String) {
        // Comments hold no targets; strings are needed.
        let lines = text.split(separator: "\n").filter {
            !$0.trimmingPrefix(while: \.isWhitespace).hasPrefix("//")
        }
        let text = lines.joined(separator: "\n")
        let products = Self.products(lines)
        guard let start = text.firstRange(of: "\n    targets: [") else { return }
        var rest = text[start.upperBound...]
        while let (call, isTest, range) = Self.next(in: rest) {
            let body = Self.balanced(rest[range.upperBound...], open: "(", close: ")")
            rest = rest[range.upperBound...].dropFirst(body.count)
            guard let name = Self.strings(body).first else { continue }
            var list: Substring?
            if let label = body.firstRange(of: "dependencies:") {
                list = body[label.upperBound...]
            } else if call == "library(" || call == "tests(" {
                list = body
            }
            guard let list, let bracket = list.firstIndex(of: "[") else {
                targets.append(Target(name: name, dependencies: [], isTest: isTest))
                continue
            }
            let items = Self.balanced(list[list.index(after: bracket)...], open: "[", close: "]")
            targets.append(Target(name: name, dependencies: Self.items(items, products), isTest: isTest))
        }
    }

    /// `let nioCore = Target.Dependency.product(name: "NIOCore", ...)`: names by variable.
    private static func products(_ lines: [Substring]) -> [String: String] {
        var products: [String: String] = [:]
        for line in lines where line.contains("Target.Dependency.product(") {
            let words = line.split(separator: " ")
            if words.count > 1, let name = strings(line).first { products[String(words[1])] = name }
        }
        return products
    }

    private static func next(in text: Substring) -> (String, Bool, Range<Substring.Index>)? {
        forms.compactMap { form in
            text.firstRange(of: "        \(form.call)").map { (form.call, form.isTest, $0) }
        }.min { $0.2.lowerBound < $1.2.lowerBound }
    }

    /// Up to the sign that closes what was opened before `text`.
    private static func balanced(_ text: Substring, open: Character, close: Character) -> Substring {
        var depth = 1
        for index in text.indices {
            if text[index] == open { depth += 1 }
            if text[index] == close { depth -= 1 }
            if depth == 0 { return text[..<index] }
        }
        return text
    }

    private static func strings(_ text: some StringProtocol) -> [String] {
        text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .compactMap { $0.offset % 2 == 1 ? String($0.element) : nil }
    }

    private static func items(_ text: Substring, _ products: [String: String]) -> [String] {
        text.split { ", \n".contains($0) }.compactMap { word in
            word.hasPrefix("\"") ? String(word.dropFirst().prefix { $0 != "\"" }) : products[String(word)]
        }
    }
}
