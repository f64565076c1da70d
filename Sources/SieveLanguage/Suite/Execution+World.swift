// SPDX-License-Identifier: MIT

internal import Mail

/// The world of a test file: the test at hand, the message, its envelope, the configuration.
extension Execution {
    /// Goes to the end of the test at hand.
    mutating func leaveCase() {
        guard let end = suite?.caseEnd else { return }
        frames.removeSubrange(1...)
        partLoops = []
        // One before, where a command that ends normally goes on.
        frames[0].position = end - (isStepping ? 1 : 0)
    }

    // MARK: The message

    /// Another message; sender and recipient are read out of it.
    mutating func setMessage(_ bytes: [UInt8]) {
        let message = Message(parsing: MessageBytes(bytes))
        let sender = Self.firstAddress(["return-path", "sender", "from"], of: message)
        let recipient = Self.firstAddress(["envelope-to", "to"], of: message)
        exchange(
            message: message, sender: sender ?? Address("sender@example.com"),
            recipient: recipient ?? Address("recipient@example.org"), flags: [])
    }

    private static func firstAddress(_ names: [String], of message: Message) -> Address? {
        for name in names {
            guard let field = message.header.first(named: name) else { continue }
            let list = AddressList.parse(message.header.unfolded(field, in: message.bytes))
            if let first = list.addresses.first, let address = Address("\(first.localPart)@\(first.domain)") {
                return address
            }
        }
        return nil
    }

    /// A message that was stored or sent becomes the one under test. False where there is none.
    mutating func choose(_ chosen: ChosenMessage) throws(Interruption) -> Bool {
        if let folder = chosen.folder {
            let name = MailStore.canonical(try text(of: folder))
            guard let stored = suite?.mailboxes[name], chosen.number < stored.count else { return false }
            exchange(
                message: Message(parsing: MessageBytes(stored[chosen.number].bytes)), sender: subject.sender,
                recipient: subject.recipient, flags: stored[chosen.number].flags)
            return true
        }
        guard let sent = suite?.sent, chosen.number < sent.count else { return false }
        let mail = sent[chosen.number]
        exchange(
            message: Message(parsing: MessageBytes(mail.bytes)), sender: mail.sender,
            recipient: mail.recipient, flags: [])
        return true
    }

    /// Another message to be tested, in the same world.
    private mutating func exchange(message: Message, sender: Address?, recipient: Address?, flags: [String]) {
        rebuildSubject(message: message, sender: sender, recipient: recipient, original: recipient)
        suite?.original = message.bytes.bytes(in: 0..<message.bytes.count)
        resultBytes = nil
        self.flags = FlagList(flags.map { Array($0.utf8) })
        header = HeaderOverlay(message.header)
        fields = script.programs.map { Array(repeating: FieldSlot(), count: $0.fieldNames.count) }
        knownTree = nil
        knownParts = nil
        knownBodies = [:]
        knownSections = [:]
        knownTexts = nil
        knownSpam = nil
        bodyOctets = 0
        replacements = []
        content = nil
        enclosures = []
    }

    // MARK: The envelope

    mutating func setEnvelope(sender: Address?) { rebuildSubject(sender: .some(sender)) }
    mutating func setEnvelope(recipient: Address?, original: Address?) {
        rebuildSubject(recipient: .some(recipient), original: .some(original))
    }
    mutating func setEnvelope(original: Address?) { rebuildSubject(original: .some(original)) }
    mutating func setEnvelope(authenticated: Address?) {
        subject.authenticated = authenticated
        envelope = [:]
    }

    private mutating func rebuildSubject(
        message: Message? = nil, sender: Address?? = nil, recipient: Address?? = nil,
        original: Address?? = nil,
        settings: SieveSettings? = nil, environment: [String: String]? = nil
    ) {
        var next = SieveSubject(
            message: message ?? subject.message, sender: sender ?? subject.sender,
            recipient: recipient ?? subject.recipient,
            originalRecipient: original ?? subject.originalRecipient, settings: settings ?? subject.settings)
        next.environment = environment ?? subject.environment
        next.authenticated = subject.authenticated
        subject = next
        envelope = [:]
    }

    // MARK: The configuration

    /// Takes the configuration of the test file over.
    mutating func configure() throws(Interruption) {
        guard let suite else { return }
        let (settings, limits) = SuiteSettings.settings(suite.configuration, mailboxes: suite.mailboxes.keys)
        rebuildSubject(settings: settings, environment: SuiteSettings.environment(suite.configuration))
        suiteLimits = limits
        // What the file's own commands notice of it.
        self.limits.variableValueOctetsMax = limits.variableValueOctetsMax
        self.limits.addedHeaderOctetsMax = limits.addedHeaderOctetsMax
        knownSpam = nil
    }

    /// Reads the lists that the configuration names: files of pairs of lines, a path that ends in the entry
    /// and its value. A list without a file is empty.
    mutating func readLists() throws(Interruption) {
        var lists: [String: Set<String>] = [:]
        for (name, file) in SuiteSettings.listFiles(suite?.configuration ?? [:]) {
            guard let file else {
                lists[name] = []
                continue
            }
            // Without its file a list is there and can't be read, which who looks into it learns.
            guard let octets = try contents(of: file) else { continue }
            let lines = String(decoding: octets, as: UTF8.self).split(
                separator: "\n", omittingEmptySubsequences: false)
            let entries = stride(from: 0, to: lines.count, by: 2).compactMap {
                lines[$0].split(separator: "/").last
            }
            lists[name] = Set(entries.map { $0.lowercased() })
        }
        suite?.lists = lists
    }

    /// What the world of the test file answers by itself; nil for what only the outside knows.
    func suiteAnswer(_ question: Question) -> Answer? {
        switch question {
        // Nothing is remembered from one run to the next.
        case .memory: return .memory(expires: nil)
        case .database(let asked)
        where asked.database != SuiteFiles.contents && asked.database != SuiteFiles.scripts:
            guard let list = suite?.lists[asked.database] else {
                return .database(.failed("there is no list \(asked.database)"))
            }
            if asked.wantsKeys { return .database(.keys(list.sorted())) }
            return .database(list.contains(asked.key.lowercased()) ? .value("") : .none)
        default: return nil
        }
    }
}
