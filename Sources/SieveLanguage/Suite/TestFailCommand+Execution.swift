// SPDX-License-Identifier: MIT

internal import Mail

extension TestFailCommand {
    /// Ends the case at hand. In a script under test it is that script's own failure.
    func perform(_ execution: inout Execution) throws(Interruption) {
        let reason = try execution.text(of: reason)
        guard execution.suite != nil else { throw .fault("test_fail: \(reason)") }
        let place = execution.place
        guard execution.suite?.fail(.fail, "line \(place.line): \(reason)") == true else {
            throw .fault("test_fail outside of a test: \(reason)")
        }
        execution.leaveCase()
    }
}

extension TestSetCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let value = try execution.octets(of: value)
        switch try execution.text(of: object).lowercased() {
        case "message": execution.setMessage(Entity.lines(value))
        case "envelope.from": execution.setEnvelope(sender: SuiteAddress.read(value))
        case "envelope.to":
            let address = SuiteAddress.read(value)
            execution.setEnvelope(recipient: address, original: address)
        case "envelope.orig_to": execution.setEnvelope(original: SuiteAddress.read(value))
        case "envelope.auth": execution.setEnvelope(authenticated: SuiteAddress.read(value))
        case let object: throw .fault("there is no object \(MistakeList.quoted(object)) to set")
        }
    }
}

extension TestResultResetCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        execution.resetResult()
        execution.suite?.sent = []
    }
}

extension TestResultPrintCommand { func perform(_ execution: inout Execution) throws(Interruption) {} }
extension TestMessagePrintCommand { func perform(_ execution: inout Execution) throws(Interruption) {} }

extension TestConfigSetCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let name = try execution.text(of: name)
        let value = try execution.text(of: value)
        execution.suite?.configuration[name] = value
        try execution.configure()
        if name.hasPrefix("sieve_extlists_list/") { try execution.readLists() }
    }
}

extension TestConfigUnsetCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let name = try execution.text(of: name)
        execution.suite?.configuration[name] = nil
        try execution.configure()
    }
}

extension TestConfigReloadCommand {
    func perform(_ execution: inout Execution) throws(Interruption) { try execution.configure() }
}

extension TestMailboxCreateCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let name = MailStore.canonical(try execution.text(of: name))
        if execution.suite?.mailboxes[name] == nil { execution.suite?.mailboxes[name] = [] }
        try execution.configure()
    }
}

extension TestMailboxDeleteCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let name = MailStore.canonical(try execution.text(of: name))
        execution.suite?.mailboxes[name] = nil
        try execution.configure()
    }
}

extension TestBinarySaveCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let name = try execution.text(of: name)
        guard let script = execution.suite?.script else {
            throw .fault("there is no compiled script to save")
        }
        execution.suite?.binaries[name] = script
    }
}

extension TestBinaryLoadCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        let name = try execution.text(of: name)
        guard let script = execution.suite?.binaries[name] else {
            throw .fault("there is no saved script \(MistakeList.quoted(name))")
        }
        execution.suite?.script = script
    }
}

extension TestMessageCommand {
    func perform(_ execution: inout Execution) throws(Interruption) {
        guard try !execution.choose(chosen) else { return }
        let place = execution.place
        guard execution.suite?.fail(.fail, "line \(place.line): there is no such message") == true else {
            throw .fault("there is no such message")
        }
        execution.leaveCase()
    }
}

extension TestMessageTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool { try execution.choose(chosen) }
}

extension TestScriptCompileTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let compiled = try execution.compile(try execution.text(of: file))
        execution.suite?.errors = compiled.errors
        execution.suite?.script = compiled.script
        return compiled.script != nil
    }
}

extension TestScriptRunTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        guard let script = execution.suite?.script else { throw .fault("no script was compiled to be run") }
        // Asked before anything changes: the command begins again once the answer is there.
        let now = try execution.now()
        if !appends { execution.resetResult() }
        return execution.run(script, now: now, flags: []).error == nil
    }
}

extension TestMultiscriptTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        var scripts: [Script] = []
        for file in files {
            let compiled = try execution.compile(try execution.text(of: file))
            guard let script = compiled.script else {
                execution.suite?.errors = compiled.errors
                return false
            }
            scripts.append(script)
        }
        let now = try execution.now()
        execution.resetResult()
        var flags: [String] = []
        for script in scripts {
            let outcome = execution.run(script, now: now, flags: flags)
            guard outcome.error == nil else { return false }
            flags = outcome.flags
            // The next one has a say as long as the message is kept.
            let keeps = outcome.actions.contains { if case .keep = $0.kind { true } else { false } }
            guard outcome.implicitKeep || keeps else { break }
        }
        return try execution.executeResult(now: now)
    }
}

extension TestResultExecuteTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        let now = try execution.now()
        execution.suite?.errors = []
        return try execution.executeResult(now: now)
    }
}

extension TestResultActionTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        try keys.match(execution.pendingActionNames, &execution)
    }
}

extension TestErrorTest {
    func holds(_ execution: inout Execution) throws(Interruption) -> Bool {
        try keys.match(execution.suite?.errors ?? [], &execution)
    }
}
