// SPDX-License-Identifier: MIT

internal import Mail

extension EnvelopeTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        var values: [FieldValue] = []
        for name in names {
            guard let side = try side(name, &execution) else { continue }
            if side.isAddress {
                // The null reverse-path is there, but it is no address: `:count` doesn't count it
                // (RFC 5231 §4.2).
                guard let address = execution.envelopeAddress(side),
                    let value = address.value(of: part, delimiter: execution.delimiter)
                else { continue }
                if case .count = keys.type, address.isNull { continue }
                values.append(value)
            } else {
                values += try execution.requests(side)
            }
        }
        return try keys.match(values, &execution)
    }

    /// A variable that names no part names nothing.
    private func side(_ name: Name, _ execution: inout Execution) throws(Interruption) -> Side? {
        switch name {
        case .side(let side): return side
        case .phrase(let phrase):
            guard let side = Side(rawValue: try execution.text(of: phrase).lowercased()),
                side.isAddress || !hasPart
            else { return nil }
            if let capability = side.capability, !execution.script.capabilities.contains(capability) {
                return nil
            }
            return side
        }
    }
}

extension Execution {
    /// What the client asked for with the message (RFC 6009 §4, §5).
    fileprivate func requests(_ side: EnvelopeTest.Side) throws(Interruption) -> [FieldValue] {
        let requests = subject.requests
        switch side {
        case .from, .to, .auth: return []
        case .notify: return requests.notify.map { FieldValue($0) }
        case .orcpt: return requests.originalRecipient.map { [FieldValue($0)] } ?? []
        case .ret: return requests.ret.map { [FieldValue($0)] } ?? []
        case .envid: return requests.envelopeID.map { [FieldValue($0)] } ?? []
        case .bymode: return requests.deliverBy.map { [FieldValue($0.mode)] } ?? []
        case .bytrace: return requests.deliverBy.map { [FieldValue($0.isTraced ? "true" : "false")] } ?? []
        case .bytimerelative:
            guard let by = requests.deliverBy else { return [] }
            return [FieldValue(String(by.deadline - (try now())))]
        case .bytimeabsolute:
            guard let by = requests.deliverBy else { return [] }
            return [FieldValue(DatePart.iso8601.text(of: CivilTime(epoch: by.deadline)))]
        }
    }
}
