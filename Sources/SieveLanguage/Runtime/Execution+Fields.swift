// SPDX-License-Identifier: MIT

internal import Mail

/// What tests read of the message.
extension Execution {
    /// Whether a field of that name exists.
    mutating func exists(_ name: FieldName) throws(Interruption) -> Bool { try !found(name).isEmpty }

    /// The values of the selected fields of that name: unfolded, encoded words decoded (RFC 2047), in UTF-8,
    /// without white space at either end.
    mutating func values(
        _ name: FieldName, _ selection: FieldSelection = .all
    ) throws(Interruption) -> [FieldValue] {
        if selection == .all, case .slot(let slot) = name, let values = fields[slotsOf][slot].values {
            return values
        }
        var values: [FieldValue] = []
        for line in selection.of(try found(name)) { values.append(try value(of: line)) }
        if selection == .all, case .slot(let slot) = name { fields[slotsOf][slot].values = values }
        return values
    }

    mutating func value(of line: HeaderOverlay.Line) throws(Interruption) -> FieldValue {
        switch line {
        case .received(let field):
            try spend(headerOctets: field.body.count)
            let raw = subject.message.header.unfolded(field, in: subject.message.bytes)
            if Self.isPlain(raw) { return FieldValue(Self.trimmed(raw)) }
            return FieldValue(Self.trimmed(Array(EncodedWord.decode(raw).utf8)))
        case .added(_, let body): return FieldValue(FieldText.unfolded(body))
        }
    }

    /// ASCII without an encoded word (RFC 2047 §2): decoded it is what it is, and most fields are.
    private static func isPlain(_ octets: [UInt8]) -> Bool {
        var seen: UInt8 = 0
        for octet in octets { seen |= octet }
        if seen >= 0x80 { return false }
        var offset = octets.firstOffset(of: UInt8(ascii: "="), from: 0)
        while offset + 1 < octets.count {
            if octets[offset + 1] == UInt8(ascii: "?") { return false }
            offset = octets.firstOffset(of: UInt8(ascii: "="), from: offset + 1)
        }
        return true
    }

    /// The times that the selected fields of that name hold; one without a readable date is left out (RFC
    /// 5260 §4). In trace fields such as Received the date stands behind the last semicolon.
    mutating func times(
        _ name: FieldName, _ selection: FieldSelection
    ) throws(Interruption) -> [CivilTime] {
        if selection == .all, case .slot(let slot) = name, let times = fields[slotsOf][slot].times {
            return times
        }
        var times: [CivilTime] = []
        for octets in try rawValues(name, selection) {
            let date = octets.lastIndex(of: UInt8(ascii: ";")).map { Array(octets[($0 + 1)...]) } ?? octets
            if let time = DateField.parse(date) { times.append(time) }
        }
        if selection == .all, case .slot(let slot) = name { fields[slotsOf][slot].times = times }
        return times
    }

    /// The selected fields of that name as they stand there, unfolded.
    mutating func rawValues(
        _ name: FieldName, _ selection: FieldSelection
    ) throws(Interruption) -> [[UInt8]] {
        var values: [[UInt8]] = []
        for line in selection.of(try found(name)) { values.append(try rawValue(of: line)) }
        return values
    }

    private mutating func rawValue(of line: HeaderOverlay.Line) throws(Interruption) -> [UInt8] {
        switch line {
        case .received(let field):
            try spend(headerOctets: field.body.count)
            return subject.message.header.unfolded(field, in: subject.message.bytes)
        case .added(_, let body): return FieldText.unfolded(body)
        }
    }

    /// The addresses in the selected fields of that name.
    mutating func addresses(
        _ name: FieldName, _ selection: FieldSelection = .all
    ) throws(Interruption) -> [FieldAddress] {
        if selection == .all, case .slot(let slot) = name, let addresses = fields[slotsOf][slot].addresses {
            return addresses
        }
        var addresses: [FieldAddress] = []
        for line in selection.of(try found(name)) {
            addresses += FieldAddress.list(try rawValue(of: line))
        }
        if selection == .all, case .slot(let slot) = name { fields[slotsOf][slot].addresses = addresses }
        return addresses
    }

    /// Changes the header; what was read of it before is read again.
    mutating func exchangeHeader(_ edited: HeaderOverlay) {
        header = edited
        fields = script.programs.map { Array(repeating: FieldSlot(), count: $0.fieldNames.count) }
    }

    /// Nil where the envelope has no such address. The null reverse-path is an address of empty parts.
    mutating func envelopeAddress(_ side: EnvelopeTest.Side) -> FieldAddress? {
        if let known = envelope[side] { return known }
        let address: FieldAddress? =
            switch side {
            case .from: subject.sender.map(FieldAddress.init) ?? .null
            case .to: subject.recipient.map(FieldAddress.init)
            case .auth: subject.authenticated.map(FieldAddress.init)
            default: nil
            }
        envelope[side] = .some(address)
        return address
    }

    private mutating func found(_ name: FieldName) throws(Interruption) -> [HeaderOverlay.Line] {
        switch name {
        case .slot(let slot):
            if let found = fields[slotsOf][slot].found { return found }
            let found = header.indices(named: fieldName(of: slot)).map { header.lines[$0] }
            fields[slotsOf][slot].found = found
            return found
        case .phrase(let phrase):
            let octets = try octets(of: phrase)
            guard Compiler.isFieldName(octets) else { return [] }
            return header.indices(named: String(decoding: octets, as: UTF8.self)).map { header.lines[$0] }
        }
    }

    /// The field name that a slot of the script at hand stands for.
    func fieldName(of slot: Int) -> String { script.programs[slotsOf].fieldNames[slot] }

    /// Whose field slots are meant.
    private var slotsOf: Int { frames[top].program }

    mutating func spend(headerOctets octets: Int) throws(Interruption) {
        headerOctets += octets
        if headerOctets > limits.headerOctetsMax {
            throw .fault("the tests read more than \(limits.headerOctetsMax) octets of header fields")
        }
    }

    static func trimmed(_ octets: [UInt8]) -> [UInt8] {
        func isSpace(_ octet: UInt8) -> Bool { octet == 0x20 || (0x09...0x0D).contains(octet) }
        guard let first = octets.firstIndex(where: { !isSpace($0) }),
            let last = octets.lastIndex(where: { !isSpace($0) })
        else { return [] }
        return first == 0 && last == octets.count - 1 ? octets : Array(octets[first...last])
    }
}
