// SPDX-License-Identifier: MIT

package import Mail

/// A script with prompts: whoever fills in their values gets a rule of his own, without having to write
/// Sieve.
///
/// A template is a script. Comments say what it asks, and `%{name}` stands where a value goes: in a string
/// between double quotes, where the value is quoted, or, for a number, anywhere among the commands.
///
///     # $Template Answer while away
///     # $Prompt days number min=1 max=60 default=7 : Days between two answers to one sender
///     # $Prompt reason text : What the answer says
///     require "vacation";
///     vacation :days %{days} "%{reason}";
package struct FilterTemplate: Sendable {
    /// Its file's name without `.sieve-template`.
    package let name: String
    /// One line for a list.
    package let title: String
    /// In the order of the file.
    package let prompts: [TemplatePrompt]
    private let source: [UInt8]
    private let places: [Place]

    private struct Place: Sendable {
        var range: Range<Int>
        var prompt: Int
        var isQuoted: Bool
    }

    /// Prompts of one template: a form that somebody fills in.
    package static let promptsMax = 50
    /// What a template's file ends in.
    package static let suffix = ".sieve-template"

    /// Reads a template; nil if one of the complaints is an error. `file` is its name in them. `limits` and
    /// `withheld` are those of the scripts that are made from it.
    package static func parse(
        name: String, file: String, source: [UInt8], limits: SieveLimits = .init(),
        withheld: Set<String> = []
    ) -> (template: FilterTemplate?, complaints: [Complaint]) {
        var reading = Reading(name: name, file: file, source: source, limits: limits)
        reading.read()
        guard reading.complaints.isEmpty else { return (nil, reading.complaints) }
        let template = FilterTemplate(
            name: name, title: reading.title ?? name, prompts: reading.prompts, source: source,
            places: reading.places)
        // The values leave every line where it is.
        let sample = template.text(template.prompts.map(\.sample))
        let complaints = Script.compile(name: file, source: sample, limits: limits, withheld: withheld)
            .complaints
        return (complaints.contains { $0.severity == .error } ? nil : template, complaints)
    }

    // MARK: Filling in

    /// Why a template can't be filled in: each prompt whose value is missing or wrong.
    package struct Mistakes: Error, Hashable, Sendable {
        /// `days: it is no number`.
        package let texts: [String]
    }

    /// The rule that `values`, by the prompts' names, make of it. Prompts without a value have their default.
    package func rule(_ values: [String: String], order: Int, name: String) throws(Mistakes)
        -> StoredRules.Rule
    {
        var mistakes: [String] = []
        if !(0...RuleInfo.orderMax).contains(order) {
            mistakes.append("order: it must be from 0 to \(RuleInfo.orderMax); 0 switches the rule off")
        }
        if let mistake = RuleInfo.mistake(inName: name) { mistakes.append("name: \(mistake)") }
        for unknown in values.keys.sorted() where !prompts.contains(where: { $0.name == unknown }) {
            let known = prompts.map(\.name).joined(separator: ", ")
            mistakes.append("\(unknown): the template doesn't ask for it; it asks for \(known)")
        }
        var filled: [String] = []
        for prompt in prompts {
            guard let value = values[prompt.name] ?? prompt.standard else {
                mistakes.append("\(prompt.name): a value is missing: \(prompt.question)")
                continue
            }
            if let mistake = prompt.mistake(in: value) { mistakes.append("\(prompt.name): \(mistake)") }
            filled.append(value)
        }
        guard mistakes.isEmpty else { throw Mistakes(texts: mistakes) }
        let whole = StoredRules(String(decoding: text(filled, dropsHeader: true), as: UTF8.self))
        let info = RuleInfo(order: order, template: self.name, name: name)
        // A template has no such comments of its own: it is one rule.
        let requires = whole.rules.flatMap(\.requires)
        return StoredRules.Rule(
            info: info, requires: requires, body: whole.rules.map(\.body).joined(separator: "\n"))
    }

    /// The script with a value for each prompt, in their order.
    private func text(_ values: [String], dropsHeader: Bool = false) -> [UInt8] {
        var text: [UInt8] = []
        var position = 0
        for place in places {
            text += source[position..<place.range.lowerBound]
            let value = values[place.prompt]
            text += Array((place.isQuoted ? StoredRules.quoted(value) : value).utf8)
            position = place.range.upperBound
        }
        text += source[position...]
        return dropsHeader ? Self.withoutHeader(text) : text
    }

    /// Without the comments that say what it asks.
    private static func withoutHeader(_ text: [UInt8]) -> [UInt8] {
        var kept: [UInt8] = []
        var position = 0
        for region in ScriptRegion.all(of: text) where region.kind == .lineComment {
            guard Reading.directive(String(decoding: text[region.range], as: UTF8.self)) != nil else {
                continue
            }
            kept += text[position..<region.range.lowerBound]
            position = min(region.range.upperBound + 1, text.count)
        }
        return kept + text[position...]
    }
}

extension FilterTemplate {
    /// A template being read.
    private struct Reading {
        let name: String
        let file: String
        let source: [UInt8]
        let map: SourceMap
        var complaints: [Complaint] = []
        var title: String?
        var prompts: [TemplatePrompt] = []
        var places: [Place] = []
        private var used: Set<Int> = []

        init(name: String, file: String, source: [UInt8], limits: SieveLimits) {
            self.name = name
            self.file = file
            // What is too long is not looked into: the compiler says so.
            self.source = source.count <= limits.scriptOctetsMax ? source : []
            map = SourceMap(self.source)
            if source.count > limits.scriptOctetsMax {
                complaints.append(
                    Complaint(
                        file: file, line: 1,
                        message: "the template has more than \(limits.scriptOctetsMax) octets",
                        help: "shorten it"))
            }
        }

        mutating func read() {
            let regions = ScriptRegion.all(of: source)
            for region in regions where region.kind == .lineComment { readComment(region.range) }
            for region in regions { readPlaces(region) }
            for (index, prompt) in prompts.enumerated() where !used.contains(index) {
                complain(
                    prompt.line, 1, "prompt \(prompt.name) is asked for and used nowhere",
                    help: "write %{\(prompt.name)} where its value goes, or take the prompt out")
            }
        }

        static func directive(_ comment: String) -> (word: String, rest: Substring)? {
            let text = comment.drop { $0 == "#" || $0 == " " || $0 == "\t" }
            for word in ["$Template", "$Prompt"] where text.hasPrefix(word) {
                let rest = text.dropFirst(word.count)
                guard let next = rest.first, next == " " || next == "\t" else { continue }
                return (word, rest.dropFirst())
            }
            return nil
        }

        private mutating func readComment(_ range: Range<Int>) {
            var text = String(decoding: source[range], as: UTF8.self)
            if text.utf8.last == 0x0D { text.unicodeScalars.removeLast() }
            guard let (word, rest) = Self.directive(text) else { return }
            let line = map.line(of: range.lowerBound)
            if word == "$Template" {
                title = String(rest.drop { $0 == " " })
                return
            }
            do throws(TemplatePrompt.Mistake) {
                let prompt = try TemplatePrompt.parse(rest, line: line)
                if prompts.contains(where: { $0.name == prompt.name }) {
                    complain(line, 1, "there are two prompts \(prompt.name)", help: "rename one of them")
                } else if prompts.count >= FilterTemplate.promptsMax {
                    complain(
                        line, 1, "the template has more than \(FilterTemplate.promptsMax) prompts",
                        help: "ask for less")
                } else {
                    prompts.append(prompt)
                }
            } catch {
                complain(line, 1, error.message, help: error.help)
            }
        }

        private mutating func readPlaces(_ region: ScriptRegion) {
            var position = region.range.lowerBound
            while let start = source[position..<region.range.upperBound].firstRange(of: Array("%{".utf8)) {
                guard let end = source[start.upperBound..<region.range.upperBound].firstIndex(of: 0x7D) else {
                    return
                }
                position = end + 1
                if region.kind == .lineComment || region.kind == .bracketComment { continue }
                let name = String(decoding: source[start.upperBound..<end], as: UTF8.self)
                read(start.lowerBound..<(end + 1), name, region.kind)
            }
        }

        private mutating func read(_ range: Range<Int>, _ name: String, _ kind: ScriptRegion.Kind) {
            let (line, column, length) = map.place(of: range)
            guard let index = prompts.firstIndex(where: { $0.name == name }) else {
                return complain(
                    line, column, length: length, "no prompt asks for \"\(name)\"",
                    help: "add # $Prompt \(name) text : QUESTION at the top")
            }
            used.insert(index)
            switch kind {
            case .quotedString:
                places.append(Place(range: range, prompt: index, isQuoted: true))
            case .code:
                if case .number = prompts[index].kind {
                    places.append(Place(range: range, prompt: index, isQuoted: false))
                } else {
                    complain(
                        line, column, length: length,
                        "the value of \(name) stands outside a string",
                        help: "write \"%{\(name)}\"; only numbers stand by themselves")
                }
            case .multiLineString:
                complain(
                    line, column, length: length, "a value can't stand in a multi-line string",
                    help: "write the text between double quotes, where it may have several lines too")
            case .lineComment, .bracketComment: break
            }
        }

        private mutating func complain(
            _ line: Int, _ column: Int, length: Int = 1, _ message: String, help: String
        ) {
            complaints.append(
                Complaint(
                    file: file, line: line, column: column, length: length, message: message, help: help))
        }
    }
}
