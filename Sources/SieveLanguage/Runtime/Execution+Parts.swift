// SPDX-License-Identifier: MIT

internal import Mail

/// The parts of the message (RFC 5703), found when the first command asks for them.
extension Execution {
    /// The part of the innermost loop; the whole message outside of loops.
    var currentPart: Part? { partLoops.last.map { $0.parts[$0.index] } }

    mutating func tree() -> PartTree {
        if let knownTree { return knownTree }
        let tree = subject.tree ?? subject.message.parts()
        knownTree = tree
        return tree
    }

    /// The part at hand, or the message as a part.
    mutating func part() -> Part { currentPart ?? tree().root }

    // MARK: Loops (RFC 5703 §3)

    /// Every part below the one at hand, each before those inside it; of the message, itself first.
    mutating func enterParts() throws(Interruption) -> Bool {
        guard partLoops.count < limits.partLoopsMax else {
            throw .fault("more than \(limits.partLoopsMax) foreverypart loops run inside one another")
        }
        let parts: [Part]
        if let currentPart {
            parts = Array(Self.descendants(of: currentPart).dropFirst())
        } else {
            parts = tree().all
        }
        guard !parts.isEmpty else { return false }
        partLoops.append(PartCursor(parts: parts))
        return true
    }

    /// False behind the last part; the loop is left then.
    mutating func nextPart() -> Bool {
        guard let last = partLoops.indices.last else { return false }
        partLoops[last].index += 1
        if partLoops[last].index < partLoops[last].parts.count { return true }
        partLoops.removeLast()
        return false
    }

    /// The part itself and all below it, each before those inside it.
    static func descendants(of part: Part) -> [Part] {
        var found: [Part] = []
        var waiting = [part]
        while let next = waiting.popLast() {
            found.append(next)
            waiting += next.children.reversed()
        }
        return found
    }

    // MARK: Fields of parts (RFC 5703 §4)

    private mutating func chosen(_ mime: MIMESelection) -> [Part] {
        let part = part()
        return mime.isAnyChild ? Self.descendants(of: part) : [part]
    }

    mutating func values(
        _ name: FieldName, _ selection: FieldSelection, _ mime: MIMESelection
    ) throws(Interruption) -> [FieldValue] {
        var values: [FieldValue] = []
        for part in chosen(mime) {
            for field in selection.of(try fields(name, of: part)) {
                try spend(headerOctets: field.body.count)
                values += try aspects(mime.aspect, of: field, in: part)
            }
        }
        return values
    }

    mutating func addresses(
        _ name: FieldName, _ selection: FieldSelection, _ mime: MIMESelection
    ) throws(Interruption) -> [FieldAddress] {
        var addresses: [FieldAddress] = []
        for part in chosen(mime) {
            for field in selection.of(try fields(name, of: part)) {
                try spend(headerOctets: field.body.count)
                addresses += FieldAddress.list(part.header.unfolded(field, in: subject.message.bytes))
            }
        }
        return addresses
    }

    private mutating func fields(
        _ name: FieldName, of part: Part
    ) throws(Interruption) -> [HeaderBlock.Field] {
        let octets: [UInt8]
        switch name {
        case .slot(let slot): octets = Array(fieldName(of: slot).utf8)
        case .phrase(let phrase): octets = try self.octets(of: phrase)
        }
        guard Compiler.isFieldName(octets) else { return [] }
        return part.header.fields(named: String(decoding: octets, as: UTF8.self))
    }

    private func aspects(
        _ aspect: MIMESelection.Aspect, of field: HeaderBlock.Field, in part: Part
    ) throws(Interruption) -> [FieldValue] {
        if case .body = aspect {
            let text = part.header.decoded(field, in: subject.message.bytes)
            return [FieldValue(Self.trimmed(Array(text.utf8)))]
        }
        let body = part.header.unfolded(field, in: subject.message.bytes)
        let isType = Comparator.fold(Array(field.name.utf8)) == Array("CONTENT-TYPE".utf8)
        if isType {
            let type = ContentType.parse(body).type
            switch aspect {
            case .type: return [FieldValue(type.type)]
            case .subtype: return [FieldValue(type.subtype)]
            case .contentType: return [FieldValue(type.name)]
            case .parameters(let names): return try values(of: names, in: type.parameters)
            case .body: return []
            }
        }
        let disposition = ContentDisposition.parse(body).disposition
        switch aspect {
        case .type: return [FieldValue(disposition.kind)]
        // RFC 5703 §4.2: there is none, and this is the empty string.
        case .subtype: return [FieldValue([])]
        case .body: return []
        case .contentType: return [FieldValue(disposition.kind)]
        case .parameters(let names): return try values(of: names, in: disposition.parameters)
        }
    }

    private func values(
        of names: [Phrase], in parameters: ParameterList
    ) throws(Interruption) -> [FieldValue] {
        var values: [FieldValue] = []
        for name in names {
            if let value = parameters[try text(of: name).lowercased()] { values.append(FieldValue(value)) }
        }
        return values
    }

    // MARK: Bodies

    /// A part's body with its encoding undone; of text, in UTF-8 with whatever isn't replaced.
    mutating func decodedBody(of part: Part) throws(Interruption) -> [UInt8] {
        if let known = knownBodies[part.bodyRange.lowerBound] { return known }
        bodyOctets += part.bodyRange.count
        guard bodyOctets <= limits.bodyOctetsMax else {
            throw .fault("the script reads more than \(limits.bodyOctetsMax) octets of bodies")
        }
        var octets = part.decodedBody(in: subject.message.bytes)
        if part.contentType.type == "text", let charset = part.charset, charset != "utf-8",
            charset != "us-ascii"
        {
            octets = Array(CharsetDecoding.text(octets, charset: charset).utf8)
        }
        knownBodies[part.bodyRange.lowerBound] = octets
        return octets
    }
}

/// Where a `foreverypart` is.
struct PartCursor: Sendable {
    let parts: [Part]
    var index = 0
}
