// SPDX-License-Identifier: MIT

internal import Mail

extension NotifyCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let uri = try execution.octets(of: method)
        switch MailtoMethod.read(uri) {
        case .success: break
        case .failure(let problem): throw .fault(problem.text)
        }
        var level = 2
        if let importance {
            let octets = try execution.octets(of: importance)
            guard let found = Self.importance(octets) else {
                throw .fault("\(MistakeList.quoted(octets)) is no importance")
            }
            level = found
        }
        let from = try from.map { phrase throws(Interruption) in try execution.text(of: phrase) }
        if let from, RedirectCommand.address(Array(from.utf8)) == nil {
            throw .fault("\(MistakeList.quoted(from)) is not an address that mail can come from")
        }
        let message = try message.map { phrase throws(Interruption) in try execution.text(of: phrase) }
        let given = try execution.texts(options)
        for option in given where !Self.isOption(option) {
            throw .fault("\(MistakeList.quoted(option)) is no option of a notification")
        }
        let options = given.map { String(decoding: $0, as: UTF8.self) }
        // RFC 5436 §2.7.1: what a machine sent is told nobody, or two machines tell each other for ever.
        for value in try execution.values(.phrase(.constant(Array("auto-submitted".utf8)))) {
            if value.folded.prefix(2) != Array("NO".utf8)[...] { return execution.noteUnanswered() }
        }
        guard execution.subject.sender != nil || !execution.subject.settings.notifiesRealSendersOnly else {
            return execution.noteUnanswered()
        }
        try execution.take(
            .notify(
                .init(
                    method: String(decoding: uri, as: UTF8.self), from: from, importance: level,
                    options: options, message: message)))
    }
}

extension ValidNotifyMethodTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        for method in methods {
            guard case .success = MailtoMethod.read(try execution.octets(of: method)) else { return false }
        }
        return true
    }
}

extension NotifyMethodCapabilityTest {
    /// RFC 5435 §5: whether somebody is there to read it now, which mail never knows.
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        guard case .success = MailtoMethod.read(try execution.octets(of: method)),
            try execution.text(of: capability).lowercased() == "online"
        else { return false }
        return try keys.match([FieldValue("maybe")], &execution)
    }
}
