// SPDX-License-Identifier: MIT

internal import Mail

/// Strings and variables (RFC 5229).
extension Execution {
    /// Whether what wildcards stand for is kept.
    var keepsMatches: Bool { script.programs[frames[top].program].keepsMatches && !forgetsMatches }

    /// What parts a local part into user and detail.
    var delimiter: String { subject.settings.recipientDelimiters }

    /// A string as it is now.
    func octets(of phrase: Phrase) throws(Interruption) -> [UInt8] {
        guard case .composed(let pieces) = phrase else { return phrase.constant ?? [] }
        var octets: [UInt8] = []
        for piece in pieces {
            switch piece {
            case .text(let text): octets += text
            case .variable(let slot): octets += frames[top].variables[slot]
            case .global(let name): octets += globals[name] ?? []
            case .match(let number):
                let values = frames[top].matchValues
                if number < values.count { octets += values[number] }
            case .item(let namespace, let name): octets += try item(name, of: namespace)
            }
            if octets.count > limits.expandedOctetsMax {
                throw .fault("a string has more than \(limits.expandedOctetsMax) octets")
            }
        }
        return octets
    }

    /// A string as text; what isn't UTF-8 in it is replaced.
    func text(of phrase: Phrase) throws(Interruption) -> String {
        String(decoding: try octets(of: phrase), as: UTF8.self)
    }

    /// The value of `${namespace.name}`; empty where there is none.
    private func item(_ name: String, of namespace: String) throws(Interruption) -> [UInt8] {
        switch namespace {
        case "tst": return Array((name == "path" ? suite?.path ?? "" : "").utf8)
        // Names of items have hyphens, and names of variables underscores in their place.
        case "env":
            let item = String(name.map { $0 == "_" ? "-" : $0 })
            return Array((subject.environment[item] ?? subject.environment[name] ?? "").utf8)
        default: return []
        }
    }

    /// What a variable holds.
    func value(of variable: Phrase.Piece) -> [UInt8] {
        switch variable {
        case .variable(let slot): frames[top].variables[slot]
        case .global(let name): globals[name] ?? []
        case .text, .match, .item: []
        }
    }

    /// Sets a variable; a value that is too long is cut, between two characters.
    mutating func set(_ variable: Phrase.Piece, to value: [UInt8]) {
        var value = value
        if value.count > limits.variableValueOctetsMax {
            var end = limits.variableValueOctetsMax
            // The rest of a UTF-8 character; three octets at most.
            while end > limits.variableValueOctetsMax - 3, value[end] & 0xC0 == 0x80 { end -= 1 }
            value.removeSubrange(end...)
        }
        switch variable {
        case .variable(let slot): frames[top].variables[slot] = value
        case .global(let name): globals[name] = value
        case .text, .match, .item: break
        }
    }

    /// Keeps what a regular expression matched, and its groups.
    mutating func keep(groups: [Range<Int>], of value: FieldValue) {
        frames[top].matchValues = groups.prefix(SieveLimits.matchValueMax + 1).map { Array(value.octets[$0]) }
    }

    /// Whether a value is in a list (RFC 6134 §2.2).
    func holds(list name: String, _ value: [UInt8]) throws(Interruption) -> Bool {
        guard let database = subject.settings.database(ofList: name) else {
            throw .fault("there is no list \(MistakeList.quoted(name))")
        }
        // A value that is no text is in no list, and a text without bound is none either.
        guard value.count <= limits.listValueOctetsMax, let key = String(validating: value, as: UTF8.self)
        else { return false }
        switch try answer(to: .database(DatabaseQuestion(database: database, key: key))) {
        case .database(.value): return true
        case .database(.none): return false
        case .database(.failed(let reason)), .unavailable(let reason):
            throw .fault("the list \(MistakeList.quoted(name)) can't be read: \(reason)")
        default: throw .fault("the list \(MistakeList.quoted(name)) can't be read")
        }
    }

    /// Keeps what a match captured: the whole value, then each wildcard (RFC 5229 §3.2).
    mutating func keep(match value: FieldValue, captures: [Range<Int>]) {
        var values = [value.octets]
        for range in captures.prefix(SieveLimits.matchValueMax) where range.upperBound <= value.octets.count {
            values.append(Array(value.octets[range]))
        }
        frames[top].matchValues = values
    }
}
