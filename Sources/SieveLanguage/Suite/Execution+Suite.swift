// SPDX-License-Identifier: MIT

internal import Mail

/// Scripts under test, and what they decide.
extension Execution {
    // MARK: Scripts under test

    /// Compiles a file beside the test file, with the scripts that it may include. What it complains of, as
    /// the test language counts it: each mistake, and a line that says that it was no use.
    mutating func compile(_ file: String) throws(Interruption) -> (script: Script?, errors: [String]) {
        guard let source = try contents(of: file) else {
            return (nil, ["there is no script \(MistakeList.quoted(file))"])
        }
        let compiled = Script.compile(
            name: file, source: source, limits: suiteLimits, library: try library(), isSuite: true)
        let mistakes = compiled.complaints.filter { $0.severity == .error }
        guard !mistakes.isEmpty else { return (compiled.script, []) }
        return (
            nil, mistakes.map { "\($0.file):\($0.line): \($0.message)" } + ["\(file): compilation failed"]
        )
    }

    /// The scripts in the folders beside the test file.
    private func library() throws(Interruption) -> ScriptLibrary {
        var library = ScriptLibrary()
        for folder in SuiteFiles.libraries {
            guard case .database(.value(let list)) = try answer(to: SuiteFiles.names(in: folder)) else {
                continue
            }
            for name in SuiteFiles.names(list) {
                guard let included = try contents(of: "\(folder)/\(name).sieve") else { continue }
                SuiteFiles.add(name, included, of: folder, to: &library)
            }
        }
        return library
    }

    /// The octets of a file beside the test file; nil where there is none.
    func contents(of file: String) throws(Interruption) -> [UInt8]? {
        SuiteFiles.contents(try answer(to: SuiteFiles.contents(of: file)))
    }

    /// The message as the test file's own commands edited it.
    private var editedBytes: [UInt8] {
        let bytes = subject.message.bytes
        return edition?.bytes(of: bytes) ?? bytes.bytes(in: 0..<bytes.count)
    }

    /// Runs a script on the message as the scripts before it left it; what it decides comes on top of what
    /// was decided before.
    mutating func run(_ script: Script, now: Int64, flags: [String]) -> ScriptOutcome {
        let bytes = resultBytes ?? editedBytes
        var about = SieveSubject(
            message: Message(parsing: MessageBytes(bytes)), sender: subject.sender,
            recipient: subject.recipient,
            originalRecipient: subject.originalRecipient, settings: subject.settings)
        about.environment = subject.environment
        about.authenticated = subject.authenticated
        var evaluation = ScriptEvaluation(script: script, subject: about, limits: suiteLimits, flags: flags)
        var answers: [Answer] = []
        // The evaluation limits how often it asks.
        while true {
            switch evaluation.next(answers) {
            case .ask(let questions):
                answers = questions.map { question in
                    if case .time = question { return .time(now) }
                    return suiteAnswer(question) ?? .unavailable("nobody to ask")
                }
            case .done(let outcome, _):
                suite?.errors = (outcome.error.map { [$0] } ?? []) + outcome.remarks
                if outcome.error == nil { append(outcome, about: about.message.bytes) }
                return outcome
            }
        }
    }

    // MARK: Results

    /// Forgets what was decided so far.
    mutating func resetResult() {
        actions = []
        decisions = []
        effects = []
        implicitKeep = true
        decidedBy = nil
        resultBytes = nil
        suite?.executedActions = 0
        suite?.didKeep = false
    }

    /// Puts the outcome of a script under test on top of what was decided. What another script decided
    /// stands: a refusal of what was delivered or refused gives way, unless all of that is done and over.
    private mutating func append(_ outcome: ScriptOutcome, about bytes: MessageBytes) {
        let earlier = actions.count
        let executed = suite?.executedActions ?? 0
        for action in outcome.actions {
            let isRefusal = ActionInteraction.isRefusal(action.kind)
            let conflicts = actions.prefix(earlier).enumerated().contains {
                ActionInteraction.conflict($0.element.kind, action.kind)
                    && (ActionInteraction.isRefusal($0.element.kind) || $0.offset >= executed)
            }
            if isRefusal, conflicts { continue }
            if let index = actions.firstIndex(where: { ActionInteraction.same($0.kind, action.kind) }) {
                actions[index].kind = ActionInteraction.merged(actions[index].kind, action.kind)
                continue
            }
            var action = action
            // Of a message of its own, which the test file's commands know nothing of.
            let whole = action.edition?.bytes(of: bytes) ?? bytes.bytes(in: 0..<bytes.count)
            action.edition = Edition(pieces: [.inserted(whole)])
            actions.append(action)
        }
        if implicitKeep, !outcome.implicitKeep { implicitKeep = false }
        if !outcome.flags.isEmpty { flags = FlagList(outcome.flags.map { Array($0.utf8) }) }
        resultBytes = outcome.edition?.bytes(of: bytes) ?? bytes.bytes(in: 0..<bytes.count)
    }

    /// Names as test files know them. The implicit keep isn't decided yet.
    var pendingActionNames: [String] {
        actions.map { action in
            switch action.kind {
            case .fileinto: "store"
            case .ereject, .refuse: "reject"
            default: action.kind.name
            }
        }
    }

    /// Carries out what of the pending result wasn't yet. False where an action fails: then the message is
    /// kept as it came (RFC 5228 §2.10.6).
    mutating func executeResult(now: Int64) throws(Interruption) -> Bool {
        let bytes = resultBytes ?? editedBytes
        var isGood = true
        if implicitKeep, suite?.didKeep == false {
            store(bytes, in: "INBOX", creating: false, flags: flags.texts, &isGood)
            suite?.didKeep = true
        }
        var informed: Set<Address> = []
        for action in actions.dropFirst(suite?.executedActions ?? 0) {
            let message = subject.message.bytes
            let bytes = action.edition?.bytes(of: message) ?? message.bytes(in: 0..<message.count)
            switch action.kind {
            case .keep(let flags): store(bytes, in: "INBOX", creating: false, flags: flags, &isGood)
            case .hold: store(bytes, in: "INBOX", creating: false, flags: [], &isGood)
            case .fileinto(let filing):
                store(bytes, in: filing.folder, creating: filing.create, flags: filing.flags, &isGood)
            case .redirect(let redirection):
                guard let address = RedirectCommand.address(Array(redirection.address.utf8)) else { continue }
                suite?.written += 1
                let resent = RedirectedMessage.resentFields(
                    of: redirection, by: subject.recipient ?? SuiteSettings.postmaster, context(now: now))
                let sender = RedirectedMessage.sender(for: subject, postmaster: SuiteSettings.postmaster)
                suite?.sent.append(
                    .init(
                        sender: sender, recipient: address,
                        bytes: RedirectedMessage.field(for: subject) + resent + bytes))
            default: send(action.kind, now: now, &informed)
            }
        }
        suite?.executedActions = actions.count
        if !isGood {
            var ignored = true
            store(suite?.original ?? bytes, in: "INBOX", creating: false, flags: [], &ignored)
        }
        // Mailboxes may have been made.
        try configure()
        return isGood
    }

    private func context(now: Int64) -> OwnMessageContext {
        OwnMessageContext(
            hostname: "gate.example.org", now: now, id: "suite.\(suite?.written ?? 0)",
            postmaster: SuiteSettings.postmaster)
    }

    private mutating func send(_ kind: SieveAction.Kind, now: Int64, _ informed: inout Set<Address>) {
        suite?.written += 1
        let context = context(now: now)
        var message: OwnMessage?
        switch kind {
        case .vacation(let reply): message = VacationMessage.make(reply, to: subject, context)
        case .notify(let notification):
            message = NotificationMessage.make(notification, about: subject, context, informed: informed)
            informed.formUnion(message?.recipients ?? [])
        case .report(let report): message = ReportMessage.abuse(report, about: subject, context)
        case .reject(let reason), .ereject(let reason), .refuse(let reason):
            message = ReportMessage.rejection(reason: reason, of: subject, context)
        case .capture(let address, _):
            message = Address(address).map {
                OwnMessage(sender: subject.sender, recipients: [$0], bytes: suite?.original ?? [])
            }
        default: return
        }
        guard let message else { return }
        let bytes = message.bytes(of: subject.message.bytes)
        for recipient in message.recipients {
            suite?.sent.append(.init(sender: message.sender, recipient: recipient, bytes: bytes))
        }
    }

    private mutating func store(
        _ bytes: [UInt8], in folder: String, creating: Bool, flags: [String], _ isGood: inout Bool
    ) {
        let name = MailStore.canonical(folder)
        guard MailStore.takes(name) else {
            suite?.errors.append("the mail store has no such mailbox name as \(MistakeList.quoted(folder))")
            isGood = false
            return
        }
        if suite?.mailboxes[name] == nil, creating { suite?.mailboxes[name] = [] }
        guard suite?.mailboxes[name] != nil else {
            suite?.errors.append("the mail store has no mailbox \(MistakeList.quoted(folder))")
            isGood = false
            return
        }
        let marks = MailStore.keywords(of: Message(parsing: MessageBytes(bytes)))
        suite?.mailboxes[name]?.append(.init(bytes: bytes, flags: flags + marks))
    }
}
