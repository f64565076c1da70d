// SPDX-License-Identifier: MIT

/// The rules of one script, each with what it requires: several templates that were filled in, or the values
/// of a directory's attribute, which have a rule each.
package struct StoredRules: Hashable, Sendable {
    package struct Rule: Hashable, Sendable {
        /// Nil for what stands in a script without such a comment.
        package var info: RuleInfo?
        /// In the order in which they were first required.
        package var requires: [String]
        /// Without `require` and without the comment that says what it is.
        package var body: String

        package init(info: RuleInfo?, requires: [String], body: String) {
            self.info = info
            self.requires = requires
            self.body = body
        }

        /// Whether it is switched off.
        package var isDisabled: Bool { info?.order == 0 }
    }

    package var rules: [Rule]

    /// Rules of one script: what somebody keeps an overview of, and more.
    package static let rulesMax = 500
    /// Begins each line of a rule that is switched off, so that it stays in the file and does nothing.
    private static let disabledMark = "#| "

    package init(_ rules: [Rule] = []) { self.rules = rules }

    /// Takes `source` apart at the comments that say what a rule is. Whatever it holds, nothing of it is
    /// lost; a script without such a comment is one rule. Beyond `rulesMax` the rest belongs to the last.
    package init(_ source: String) {
        let octets = Array(source.utf8)
        var starts: [(offset: Int, end: Int, info: RuleInfo)] = []
        var depth = 0
        for region in ScriptRegion.all(of: octets) where starts.count < Self.rulesMax {
            switch region.kind {
            case .code:
                for byte in octets[region.range] {
                    if byte == UInt8(ascii: "{") { depth += 1 }
                    if byte == UInt8(ascii: "}") { depth -= 1 }
                }
            case .lineComment where depth <= 0:
                let text = String(decoding: octets[region.range], as: UTF8.self)
                guard let info = RuleInfo(comment: text) else { continue }
                starts.append((region.range.lowerBound, region.range.upperBound, info))
            case .lineComment, .bracketComment, .quotedString, .multiLineString: break
            }
        }
        rules = []
        let head = Self.rule(octets[..<(starts.first?.offset ?? octets.count)], nil)
        let isBlank = head.body.isEmpty
        if !isBlank || starts.isEmpty && !head.requires.isEmpty { rules.append(head) }
        for (index, start) in starts.enumerated() {
            let end = index + 1 < starts.count ? starts[index + 1].offset : octets.count
            var rule = Self.rule(octets[start.end..<end], start.info)
            // What the whole script requires, each of its rules may need.
            if !rule.isDisabled { rule.requires = Self.union(head.requires, rule.requires) }
            rules.append(rule)
        }
    }

    /// The rules of several scripts one behind the other.
    package init(joining sources: [String]) {
        rules = sources.flatMap { StoredRules($0).rules }
    }

    /// One rule's text, its `require`s taken out.
    private static func rule(_ octets: ArraySlice<UInt8>, _ info: RuleInfo?) -> Rule {
        var text = Array(octets)
        if info?.order == 0 { text = enabled(text) }
        var requires: [String] = []
        var lexer = Lexer(text, limits: SieveLimits())
        var removed: [Range<Int>] = []
        // A token each round, up to the first command that is no `require`.
        while true {
            let first = lexer.next()
            guard first.kind == .identifier("require") else { break }
            var names: [String] = []
            var token = lexer.next()
            while token.kind != .semicolon, token.kind != .end {
                if case .string(let name) = token.kind { names.append(String(decoding: name, as: UTF8.self)) }
                if case .identifier = token.kind { break }
                token = lexer.next()
            }
            guard token.kind == .semicolon else { break }
            requires = union(requires, names)
            removed.append(first.range.lowerBound..<token.range.upperBound)
        }
        for range in removed.reversed() { text.removeSubrange(range) }
        return Rule(info: info, requires: requires, body: trimmed(text))
    }

    /// Text of a rule that is switched off, without the marks of its lines.
    private static func enabled(_ text: [UInt8]) -> [UInt8] {
        let mark = Array(disabledMark.utf8.dropLast())
        let lines = text.split(separator: 0x0A, omittingEmptySubsequences: false)
        guard lines.contains(where: { $0.starts(with: mark) }) else { return text }
        return Array(
            lines.filter { $0.starts(with: mark) }
                .map { $0.dropFirst($0.starts(with: disabledMark.utf8) ? mark.count + 1 : mark.count) }
                .joined(separator: [0x0A]))
    }

    private static func trimmed(_ text: [UInt8]) -> String {
        let blanks: Set<UInt8> = [0x20, 0x09, 0x0A, 0x0D]
        let start = text.firstIndex { !blanks.contains($0) } ?? text.endIndex
        let end = text.lastIndex { !blanks.contains($0) } ?? start - 1
        return start > end ? "" : String(decoding: text[start...end], as: UTF8.self)
    }

    private static func union(_ one: [String], _ other: [String]) -> [String] {
        one + other.filter { !one.contains($0) }
    }

    // MARK: Changing and writing

    /// Adds `rule`, or puts it in the place of the one that has its name.
    package mutating func put(_ rule: Rule) {
        let place = rules.firstIndex { $0.info != nil && $0.info?.name == rule.info?.name }
        if let place { rules[place] = rule } else { rules.append(rule) }
    }

    /// By order, those that are switched off last; equal ones, and those without a comment, which come behind
    /// the others, keep their places.
    private var sorted: [Rule] {
        let keyed = rules.enumerated().map { index, rule in
            let order = rule.info.map { $0.order == 0 ? Int.max : $0.order } ?? RuleInfo.orderMax + 1
            return (order, index, rule)
        }
        return keyed.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map { $0.2 }
    }

    /// The script as it is stored: one `require` for all, the rules by their order, those that are switched
    /// off as comments.
    package var stored: String { text(of: sorted) }

    /// The script as it is run: without those that are switched off.
    package var runnable: String { text(of: sorted.filter { !$0.isDisabled }) }

    private func text(of rules: [Rule]) -> String {
        var text = Self.require(rules.filter { !$0.isDisabled }.reduce([]) { Self.union($0, $1.requires) })
        for rule in rules {
            if !text.isEmpty { text += "\n" }
            if let info = rule.info { text += info.comment + "\n" }
            if rule.isDisabled {
                let whole = Self.require(rule.requires) + rule.body
                // By octets: a carriage return and its line feed are one character.
                for line in whole.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
                    text += Self.disabledMark + String(Substring(line)) + "\n"
                }
            } else if !rule.body.isEmpty {
                text += rule.body + "\n"
            }
        }
        return text
    }

    private static func require(_ names: [String]) -> String {
        guard !names.isEmpty else { return "" }
        return "require [" + names.map { "\"\(quoted($0))\"" }.joined(separator: ", ") + "];\n"
    }

    /// `text` as it stands between the quotes of a string (RFC 5228 §2.4.2).
    package static func quoted(_ text: String) -> String {
        var quoted: [UInt8] = []
        for octet in text.utf8 {
            if octet == UInt8(ascii: "\"") || octet == UInt8(ascii: "\\") {
                quoted.append(UInt8(ascii: "\\"))
            }
            quoted.append(octet)
        }
        return String(decoding: quoted, as: UTF8.self)
    }
}
