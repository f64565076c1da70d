// SPDX-License-Identifier: MIT

internal import Mail

/// What a template asks its user for: `# $Prompt days number min=1 max=60 default=7 : How many days?`
package struct TemplatePrompt: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Any text, several lines too.
        case text
        /// Both bounds included.
        case number(ClosedRange<Int>)
        /// A mail address.
        case address
        /// One of these.
        case choice([String])

        /// As a template names it.
        package var name: String {
            switch self {
            case .text: "text"
            case .number: "number"
            case .address: "address"
            case .choice: "choice"
            }
        }
    }

    package let name: String
    package let kind: Kind
    /// Nil where the user must say something.
    package let standard: String?
    /// What the user is asked, one line.
    package let question: String
    /// From 1.
    package let line: Int

    /// Octets of one value: a long answer of absence has a few thousand.
    package static let valueOctetsMax = 16_384
    /// Values that a choice offers.
    package static let choicesMax = 100
    /// Octets of a prompt's name.
    package static let nameOctetsMax = 32
    /// What a number may be where the template doesn't say: RFC 5228 §2.4.1 obliges nobody to take more.
    static let numbers = 0...2_147_483_647

    /// Why `value` isn't what is asked for; nil where it is.
    package func mistake(in value: String) -> String? {
        if value.utf8.count > Self.valueOctetsMax { return "it has more than \(Self.valueOctetsMax) octets" }
        // In a script that requires variables, or that shares its `require` with one that does, it would
        // stand for something else.
        if value.contains("${") {
            return "it may not hold \"${\", which stands for a variable in some scripts"
        }
        var previous: UInt8 = 0
        for octet in value.utf8 {
            if octet == 0 || octet == 0x7F || octet < 0x20 && ![0x09, 0x0A, 0x0D].contains(octet) {
                return "it holds a control character"
            }
            if previous == 0x0D, octet != 0x0A { return "it holds a carriage return of its own" }
            previous = octet
        }
        if previous == 0x0D { return "it ends in a carriage return" }
        switch kind {
        case .text: return nil
        case .number(let range):
            guard let number = Int(value), value.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                return "it is no number"
            }
            return range.contains(number)
                ? nil : "it must be from \(range.lowerBound) to \(range.upperBound)"
        case .address:
            guard let address = Address(value), !address.domain.isEmpty else {
                return "it is no mail address"
            }
            return nil
        case .choice(let values):
            return values.contains(value)
                ? nil : "it is none of " + values.map { "\"\($0)\"" }.joined(separator: ", ")
        }
    }

    /// A value that would do, to see whether the template is sound.
    var sample: String {
        if let standard { return standard }
        return switch kind {
        case .text: "x"
        case .number(let range): "\(range.lowerBound)"
        case .address: "someone@example.org"
        case .choice(let values): values.first ?? ""
        }
    }
}

extension TemplatePrompt {
    struct Mistake: Error {
        let message: String
        let help: String
    }

    static let usage = "write # $Prompt NAME text|number|address|choice [default=...] : QUESTION"

    /// What stands behind `$Prompt`.
    static func parse(_ text: Substring, line: Int) throws(Mistake) -> TemplatePrompt {
        var rest = text
        let name = Self.word(&rest)
        guard Self.isName(name) else {
            throw Mistake(
                message: "\"\(name)\" can't be the name of a prompt",
                help: "use up to \(nameOctetsMax) letters, digits, \"_\" and \"-\"")
        }
        let kindName = Self.word(&rest)
        var attributes: [String: String] = [:]
        // Each round takes an attribute off.
        while true {
            rest = rest.drop { $0 == " " || $0 == "\t" }
            if rest.first == ":" || rest.isEmpty { break }
            let key = String(rest.prefix { $0 != "=" && $0 != " " })
            rest = rest.dropFirst(key.count)
            guard !key.isEmpty, rest.first == "=" else {
                throw Mistake(message: "\"\(key)\" has no value", help: usage)
            }
            rest = rest.dropFirst()
            attributes[key.lowercased()] = Self.value(&rest)
        }
        let question = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
        guard !question.isEmpty else {
            throw Mistake(message: "prompt \(name) asks nothing", help: usage)
        }
        let kind = try Self.kind(kindName, &attributes)
        let standard = attributes.removeValue(forKey: "default")
        if let unknown = attributes.keys.min() {
            throw Mistake(message: "a prompt of type \(kindName) takes no \"\(unknown)\"", help: usage)
        }
        let prompt = TemplatePrompt(
            name: name, kind: kind, standard: standard, question: String(question), line: line)
        if let standard, let mistake = prompt.mistake(in: standard) {
            throw Mistake(
                message: "the default of prompt \(name) can't be used: \(mistake)", help: "choose another")
        }
        return prompt
    }

    private static func kind(_ name: String, _ attributes: inout [String: String]) throws(Mistake) -> Kind {
        switch name {
        case "text": return .text
        case "address": return .address
        case "number":
            let least = attributes.removeValue(forKey: "min").map { Int($0) } ?? numbers.lowerBound
            let most = attributes.removeValue(forKey: "max").map { Int($0) } ?? numbers.upperBound
            guard let least, let most, least <= most, numbers.contains(least), numbers.contains(most) else {
                throw Mistake(
                    message: "min and max make no range",
                    help: "write two numbers from 0 to \(numbers.upperBound)")
            }
            return .number(least...most)
        case "choice":
            let values = (attributes.removeValue(forKey: "values") ?? "").split(separator: ",").map {
                String($0)
            }
            guard (1...choicesMax).contains(values.count) else {
                throw Mistake(
                    message: "a choice needs 1 to \(choicesMax) values",
                    help: "write values=\"Junk,Trash\" behind the type")
            }
            return .choice(values)
        default:
            throw Mistake(
                message: "\"\(name)\" is no type of prompt",
                help: "types are text, number, address and choice")
        }
    }

    static func isName(_ name: String) -> Bool {
        (1...nameOctetsMax).contains(name.utf8.count)
            && name.utf8.allSatisfy { octet in
                switch octet {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"), UInt8(ascii: "-"): true
                default: false
                }
            }
    }

    private static func word(_ rest: inout Substring) -> String {
        rest = rest.drop { $0 == " " || $0 == "\t" }
        let word = rest.prefix { $0 != " " && $0 != "\t" }
        rest = rest.dropFirst(word.count)
        return String(word)
    }

    /// A word, or what stands between double quotes; `\n` in there is a line end, `\"` a quote.
    private static func value(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else { return word(&rest) }
        rest = rest.dropFirst()
        var value = ""
        while let character = rest.popFirst(), character != "\"" {
            guard character == "\\", let next = rest.popFirst() else {
                value.append(character)
                continue
            }
            value.append(next == "n" ? "\n" : next)
        }
        return value
    }
}
