// SPDX-License-Identifier: MIT

internal import Mail

extension AddheaderCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let name = try execution.octets(of: name)
        guard Compiler.isFieldName(name) else {
            throw .fault("no header field can be named \(MistakeList.quoted(name))")
        }
        let value = try execution.octets(of: value)
        guard FieldText.isValue(value) else {
            throw .fault(
                "the value \(MistakeList.quoted(value)) can't stand in a header field: it isn't UTF-8, "
                    + "or has control characters")
        }
        guard name.count + value.count <= execution.limits.addedHeaderOctetsMax else {
            throw .fault(
                "the header field \(MistakeList.quoted(name)) would have more than "
                    + "\(execution.limits.addedHeaderOctetsMax) octets")
        }
        let text = String(decoding: name, as: UTF8.self)
        // What may not be changed is left alone, without an error (RFC 5293 §6).
        guard !execution.subject.settings.isProtected(text, against: .adding) else { return }
        var header = execution.header
        header.add(name: text, body: FieldText.folded(value), atEnd: isLast)
        execution.exchangeHeader(header)
    }
}

extension DeleteheaderCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let octets = try execution.octets(of: name)
        guard Compiler.isFieldName(octets) else {
            throw .fault("no header field can be named \(MistakeList.quoted(octets))")
        }
        let name = String(decoding: octets, as: UTF8.self)
        guard !execution.subject.settings.isProtected(name, against: .deleting) else { return }
        var doomed: [Int] = []
        let keys = try patterns.map { patterns throws(Interruption) in try patterns.keys(&execution) }
        let candidates = selection.of(execution.header.indices(named: name))
        if case .count? = patterns?.type, let keys {
            if try keys.match(count: candidates.count, &execution) { doomed = candidates }
        } else {
            for index in candidates {
                if let keys {
                    let value = try execution.value(of: execution.header.lines[index])
                    guard try keys.match(value, &execution) else { continue }
                }
                doomed.append(index)
            }
        }
        var header = execution.header
        header.remove(doomed)
        execution.exchangeHeader(header)
    }
}
