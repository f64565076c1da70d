// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

extension FilterLevels {
    /// A message of our own, or a copy for somebody else, that a script wants sent.
    struct Letter: Sendable {
        var sender: EnvelopeSender
        var recipients: [Address]
        /// Over the message that the first script saw; nil where it is that one.
        var edition: Edition?

        init(sender: EnvelopeSender, recipients: [Address], edition: Edition?) {
            self.sender = sender
            self.recipients = recipients
            self.edition = edition
        }

        /// `message` is about one that is `base` over what the first script saw.
        init(_ message: OwnMessage, over base: Edition?) {
            let edition = Edition(pieces: message.pieces)
            self.init(
                sender: EnvelopeSender(message.sender), recipients: message.recipients,
                edition: base.map { edition.composed(over: $0) } ?? edition)
        }
    }

    /// What goes out besides, once it is settled what becomes of the recipient's copy.
    ///
    /// Nothing where it is refused or put off. Where it is held or dropped for good, what an operator's
    /// script wants: a user must not hear from us of a message that he doesn't get. An answer to the sender
    /// only where the message is relayed or the user's own side dropped it.
    mutating func letters(_ finding: FilterFinding, _ verdict: Verdict) -> [Letter] {
        let isOpen: Bool
        switch verdict {
        case .relay: isOpen = true
        case .discard: isOpen = !finding.isFinal
        case .hold: isOpen = false
        case .reject, .retryLater:
            // Others may take the message, and then what was answered is remembered.
            for level in Level.allCases { drop(.vacation, of: level) }
            return []
        }
        var letters: [Letter] = []
        var context = context
        let id = context.id
        var isSilenced = (vacation: suppressesVacation, notify: false)
        // Nobody is told twice of one message.
        var informed: Set<Address> = []
        for level in ran {
            for action in level.actions {
                context.id = "\(id).\(letters.count + 1)"
                switch action.kind {
                case .novacation: isSilenced.vacation = true
                case .nonotify: isSilenced.notify = true
                case .vacation where isSilenced.vacation || !isOpen:
                    note(
                        action.place,
                        "no answer is sent: \(isOpen ? "novacation" : "the message is not relayed")")
                    drop(.vacation, of: level.level)
                case .notify where isSilenced.notify:
                    note(action.place, "nobody is notified: nonotify")
                case .notify, .report:
                    guard isOpen || level.level.isOperators else {
                        note(action.place, "\(action.kind.name) is left undone: the message is not relayed")
                        continue
                    }
                    fallthrough
                case .vacation, .capture:
                    guard let letter = letter(action, of: level, context, informed: informed) else {
                        note(action.place, "\(action.kind.name): nobody to send it to")
                        continue
                    }
                    if case .notify = action.kind { informed.formUnion(letter.recipients) }
                    letters.append(letter)
                default: continue
                }
            }
        }
        return letters
    }

    /// The effects of all levels, each once.
    var effects: [Effect] {
        var effects: [Effect] = []
        for effect in ran.flatMap(\.effects) where !effects.contains(effect) { effects.append(effect) }
        return effects
    }

    /// What a script wanted before the subject, first to last.
    var subjectTags: [String] {
        ran.flatMap(\.actions).compactMap { if case .addtag(let tag) = $0.kind { tag } else { nil } }
    }

    /// What a script wanted before the text.
    var prefixes: [String] {
        ran.flatMap(\.actions).compactMap { if case .addprefix(let text) = $0.kind { text } else { nil } }
    }

    /// The sender that an operator's script gave every copy (`setenvelopefrom`); the last counts. Nil where
    /// none did: whose mail it is, users don't say.
    var envelopeSender: EnvelopeSender? {
        var sender: EnvelopeSender?
        for level in ran where level.level.isOperators {
            for case .setenvelopefrom(let text) in level.actions.map(\.kind) {
                sender = text.isEmpty ? .null : Address(text).map(EnvelopeSender.address) ?? sender
            }
        }
        return sender
    }

    /// The recipient's conversion tags as the scripts left them; nil where they left them alone.
    func conversionTags(from tags: [String]) -> [String]? {
        var changed: [String]?
        for action in ran.flatMap(\.actions) {
            switch action.kind {
            case .setconversiontag(let set): changed = Self.distinct(set)
            case .addconversiontag(let added): changed = Self.distinct((changed ?? tags) + added)
            default: continue
            }
        }
        return changed
    }

    private static func distinct(_ tags: [String]) -> [String] {
        var distinct: [String] = []
        for tag in tags where !distinct.contains(tag) { distinct.append(tag) }
        return distinct
    }

    /// An answer that isn't sent isn't remembered either.
    private mutating func drop(_ purpose: MemoryQuestion.Purpose, of level: Level) {
        guard let index = ran.firstIndex(where: { $0.level == level }) else { return }
        ran[index].effects.removeAll {
            if case .remember(let question, _) = $0 { question.purpose == purpose } else { false }
        }
    }

    private func letter(
        _ action: SieveAction, of level: Ran, _ context: OwnMessageContext, informed: Set<Address>
    ) -> Letter? {
        guard let subject = level.subject else { return nil }
        let own: OwnMessage?
        switch action.kind {
        case .vacation(let reply): own = VacationMessage.make(reply, to: subject, context)
        case .notify(let notification):
            own = NotificationMessage.make(
                notification, about: subject, context, informed: informed)
        case .report(let report): own = ReportMessage.abuse(report, about: subject, context)
        case .capture(let text, let withEnvelope):
            guard let address = Address(text) else { return nil }
            guard withEnvelope else {
                // As `$M` has it: nobody is told of the copy.
                return Letter(sender: .null, recipients: [address], edition: level.before)
            }
            own = ReportMessage.capture(of: subject, for: address, context)
        default: return nil
        }
        guard let own, !own.recipients.isEmpty else { return nil }
        return Letter(own, over: level.before)
    }
}
