// SPDX-License-Identifier: MIT

package import Mail
internal import SieveLanguage

/// The content is here: scanners, then Sieve for each recipient, then one settlement.
///
/// First everything that needs the world is asked at once: the time, and every scanner on the received bytes.
/// Then `AUTH_REWRITE` compares header and client. Then the scripts run, level by level, for each recipient.
/// What comes out, and what the tables marked the recipient with, is folded by `Settlement`.
package struct ContentGate: Evaluation {
    private enum Stage: Sendable {
        case beginning
        case askingWorld
        case rewriting(AuthRewriteRun, Message)
        case filtering(Filtering)
    }

    /// Scripts still to run, and what those that ran decided.
    private struct Filtering: Sendable {
        var message: Message
        var recipient = 0
        var level = 0
        var running: ScriptEvaluation?
        var levels: FilterLevels
        var judged: [Settlement.Judged] = []
    }

    /// What a scanner, a limit or a script leads to, and where that rule stands.
    private struct Ruling: Sendable {
        var verdict: Verdict
        var rule: String?
    }

    private let ruleset: Ruleset
    private let policy: Policy
    private let facts: ContentFacts
    private let bytes: MessageBytes
    private var stage = Stage.beginning
    private var time: Int64 = 0
    private var virusStatus: [String] = []
    /// Parsed once, and not at all where the message is held unread.
    private var message: Message?
    /// What `AUTH_REWRITE` made of it; nil where it wasn't consulted.
    private var rewrite: AuthRewriteRun.Result?
    /// The forms of the message that recipients get, each once.
    private var forms: [EditionForm] = []
    /// What some recipient's table wants for all recipients: the strongest of `$V` and `$Z`.
    private let disposalOfAll: (disposal: Marks.Disposal, rule: String?)?
    /// What scripts want remembered once the message is committed.
    private var effects: [Effect] = []
    private var trail = Trail()

    /// Forms of one message, at most: each is kept in the queue with what differs. Recipients beyond are
    /// held.
    static let formsMax = 200

    /// `facts.recipients` is never empty: no order of commands reaches content without one (promise P4).
    package init(ruleset: Ruleset, facts: ContentFacts, bytes: MessageBytes) {
        self.ruleset = ruleset
        policy = ruleset.policy
        self.facts = facts
        self.bytes = bytes
        let forAll = facts.recipients.compactMap { recipient -> (Marks.Disposal, String?)? in
            guard let disposal = recipient.marks.disposal, disposal != .bitbucket else { return nil }
            return (disposal, recipient.marks.disposalRule)
        }
        disposalOfAll = forAll.first { $0.0 == .jettison } ?? forAll.first
    }

    package mutating func next(_ answers: [Answer]) -> Step<Settlement> {
        switch stage {
        case .beginning:
            guard !facts.recipients.isEmpty else { return settle([]) }
            stage = .askingWorld
            let scans = facts.poison == nil ? policy.scanners.map { Question.scan(scanner: $0.name) } : []
            return .ask([.time] + scans)
        case .askingWorld:
            if case .time(let seconds)? = answers.first { time = seconds }
            if let poison = facts.poison { return holdUnread("\(poison); held without looking inside") }
            let ruling = scanned(answers.dropFirst())
            let message = Message(parsing: bytes)
            self.message = message
            if let ruling { return settleAll(ruling) }
            if let ruling = unreadable(message.header) { return settleAll(ruling) }
            guard AuthRewriteRun.isWanted(ruleset, facts.session) else { return filter(message) }
            let sender = facts.recipients[0].marks.sender(insteadOf: facts.sender.sender)
            stage = .rewriting(
                AuthRewriteRun(ruleset: ruleset, session: facts.session, sender: sender, message: message),
                message)
            return next([])
        case .rewriting(var run, let message):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .rewriting(run, message)
                return .ask(questions)
            case .done(let result, let entries):
                trail.append(contentsOf: entries)
                rewrite = result
                guard let reply = result.rejection else { return filter(message) }
                let rule = entries.entries.last { $0.rule != nil }?.rule
                return settleAll(
                    Ruling(verdict: reply.isTransient ? .retryLater(reply) : .reject(reply), rule: rule))
            }
        case .filtering(let filtering):
            return filter(filtering, answers)
        }
    }

    // MARK: Scanners

    /// An answer that isn't a report is not a clean one (promise P8).
    private static func report(_ answer: Answer) -> ScanReport {
        switch answer {
        case .scan(let report): report
        case .unavailable(let reason):
            ScanReport(state: .unscanned(.init(reason, isTransient: true)), tookMs: 0)
        default:
            ScanReport(state: .unscanned(.init("the answer is no scan report", isTransient: true)), tookMs: 0)
        }
    }

    /// What the reports lead to; nil to go on. An infection outweighs everything, then a scanner that asks
    /// for time.
    private mutating func scanned(_ answers: ArraySlice<Answer>) -> Ruling? {
        var infected: Ruling?
        var transient: Ruling?
        var permanent: Ruling?
        var rest = answers
        for scanner in policy.scanners {
            // A scanner without an answer has not said "clean" either.
            let report = Self.report(rest.popFirst() ?? .unavailable("no answer"))
            switch report.state {
            case .clean:
                note(scanner, "clean", status: "clean")
            case .infected(let name, let part):
                let place = part.map { " in part \($0)" } ?? ""
                note(
                    scanner, "infected: \(name)\(place), so \(scanner.onInfected.rawValue)",
                    status: "infected")
                infected =
                    infected
                    ?? Self.ruling(
                        scanner, Self.verdict(scanner.onInfected, "\(scanner.name) found \(name)\(place)"))
            case .unscanned(let reason) where reason.isTransient:
                note(
                    scanner, "unscanned for now: \(reason.text), so \(scanner.onUnscannedTransient.rawValue)",
                    status: "unscanned")
                switch scanner.onUnscannedTransient {
                case .defer:
                    let reply = Reply(451, "4.3.0", "Content check is not available, try again later")
                    transient = transient ?? Self.ruling(scanner, .retryLater(reply))
                case .hold:
                    permanent =
                        permanent
                        ?? Self.ruling(scanner, .hold("unscanned by \(scanner.name): \(reason.text)"))
                }
            case .unscanned(let reason):
                note(
                    scanner, "unscanned: \(reason.text), so \(scanner.onUnscannedPermanent.rawValue)",
                    status: "unscanned")
                let verdict = Self.verdict(scanner.onUnscannedPermanent, scanner.name, reason)
                permanent = permanent ?? verdict.map { Self.ruling(scanner, $0) }
            }
        }
        return infected ?? transient ?? permanent
    }

    private static func verdict(_ policy: Policy.ScannerPolicy.Infected, _ reason: String) -> Verdict {
        switch policy {
        case .hold: .hold(reason)
        case .reject: .reject(Reply(554, "5.7.1", "Message refused: it contains malware"))
        case .discard: .discard
        }
    }

    /// Nil to go on, with a mark in the header.
    private static func verdict(
        _ policy: Policy.ScannerPolicy.Permanent, _ scanner: String, _ reason: ScanReport.Reason
    ) -> Verdict? {
        switch policy {
        case .hold: .hold("unscanned by \(scanner): \(reason.text)")
        case .reject: .reject(Reply(554, "5.7.1", "Message content could not be checked"))
        case .relay: nil
        }
    }

    private static func ruling(_ scanner: Policy.ScannerPolicy, _ verdict: Verdict) -> Ruling {
        Ruling(verdict: verdict, rule: rule(scanner))
    }

    private static func rule(_ scanner: Policy.ScannerPolicy) -> String {
        "postern.toml [scanner.\(scanner.name)]"
    }

    private mutating func note(_ scanner: Policy.ScannerPolicy, _ result: String, status: String) {
        trail.append(
            Trail.Entry(.scanner, rule: Self.rule(scanner), about: scanner.name, result: result))
        virusStatus.append("\(status) (\(scanner.name))")
    }

    // MARK: The header

    /// A header that we can't see the whole of, or that has been round too often, is held; nil to go on.
    private mutating func unreadable(_ header: HeaderBlock) -> Ruling? {
        let reason: String
        var rule: String?
        if header.defects.contains(.headerTooLong) || header.defects.contains(.tooManyFields) {
            // Beyond the limit stand fields that no rule has seen, and that only we may write.
            reason = "the header is longer than is read, so that its last fields can't be judged"
        } else if header.fields(named: "received").count > policy.receivedFieldsMax {
            reason = "more than \(policy.receivedFieldsMax) Received fields: the message loops"
            rule = "postern.toml [gateway]"
        } else {
            return nil
        }
        trail.append(Trail.Entry(.policy, rule: rule, about: facts.caseID, result: reason))
        return Ruling(verdict: .hold(reason), rule: rule)
    }

    // MARK: Sieve

    private mutating func filter(_ message: Message) -> Step<Settlement> {
        filter(Filtering(message: message, levels: levels(facts.recipients[0])), [])
    }

    private func levels(_ recipient: ContentFacts.Recipient) -> FilterLevels {
        let disposal = disposal(of: recipient)
        return FilterLevels(
            policy: policy, recipient: recipient.address,
            discardRule: disposal?.disposal == .discard ? disposal?.rule ?? "" : nil,
            spam: recipient.marks.spamAdjustments.reduce(spamFinding) { $0.adjusted(by: $1) ?? $0 })
    }

    /// What a table wants done with the recipient's copy instead of relaying it.
    private func disposal(of recipient: ContentFacts.Recipient) -> (disposal: Marks.Disposal, rule: String?)?
    {
        guard let own = recipient.marks.disposal else { return disposalOfAll }
        if let disposalOfAll, disposalOfAll.disposal > own { return disposalOfAll }
        return (own, recipient.marks.disposalRule)
    }

    private mutating func filter(_ filtering: Filtering, _ answers: [Answer]) -> Step<Settlement> {
        var filtering = filtering
        var answers = answers
        // Bounded by recipients times levels; each script's own work is bounded by SieveLimits.
        while filtering.recipient < facts.recipients.count {
            let recipient = facts.recipients[filtering.recipient]
            if let forced = disposal(of: recipient), forced.disposal != .discard {
                dispose(forced, of: recipient, &filtering)
                continue
            }
            while filtering.level < FilterLevels.Level.allCases.count {
                let level = FilterLevels.Level.allCases[filtering.level]
                if filtering.running == nil, let script = script(level, recipient) {
                    filtering.running = ScriptEvaluation(
                        script: script, subject: subject(filtering, recipient))
                    answers = []
                }
                if var running = filtering.running {
                    switch running.next(answers) {
                    case .ask(let questions):
                        filtering.running = running
                        let known = questions.compactMap(answer)
                        if known.count == questions.count {
                            answers = known
                            continue
                        }
                        stage = .filtering(filtering)
                        return .ask(questions)
                    case .done(let outcome, _):
                        filtering.levels.add(outcome, level: level)
                        filtering.running = nil
                    }
                }
                filtering.level += 1
            }
            close(&filtering, recipient)
        }
        return settle(filtering.judged)
    }

    /// What can be answered here: the time of judging, and databases that are part of the ruleset.
    private func answer(_ question: Question) -> Answer? {
        switch question {
        case .time: return .time(time)
        case .database(let asked):
            var lookup = DatabaseLookup(asked.database, key: asked.key, in: ruleset.databases)
            guard case .done(let found, _) = lookup.next([]) else { return nil }
            return .database(found)
        default: return nil
        }
    }

    private func subject(_ filtering: Filtering, _ recipient: ContentFacts.Recipient) -> SieveSubject {
        var settings = SieveSettings()
        settings.folders = Set(policy.folders.keys)
        // Every text database is a list by its name.
        for name in ruleset.databases.keys { settings.lists[name] = name }
        var subject = SieveSubject(
            message: filtering.message, sender: sender(of: recipient), recipient: recipient.address,
            originalRecipient: recipient.original, settings: settings)
        subject.authenticated = facts.session.authenticated
        subject.spam = filtering.levels.spam
        subject.environment = [
            "name": "Postern", "location": "MTA", "phase": "during", "host": policy.hostname,
            "domain": policy.postmaster.domain, "remote-ip": facts.session.peer.clientAddress.description,
            "remote-host": facts.session.clientName ?? "",
        ]
        return subject
    }

    /// What the scanners found, for `virustest`: 5 certainly infected, 1 clean, 0 not looked at. A message
    /// that is infected or unscanned goes on to the scripts only where the policy says so.
    private var spamFinding: SpamFinding {
        let isClean = !virusStatus.isEmpty && virusStatus.allSatisfy { $0.hasPrefix("clean") }
        return SpamFinding(virusLevel: isClean ? 1 : 0)
    }

    private func script(_ level: FilterLevels.Level, _ recipient: ContentFacts.Recipient) -> Script? {
        var search = ScriptSearch(ruleset: ruleset, recipient: recipient, session: facts.session)
        guard case .done(let found, _) = search.next([]) else { return nil }
        return found.first { $0.level == level }?.script
    }

    /// One recipient's scripts have run: its verdict, then on to the next.
    private mutating func close(_ filtering: inout Filtering, _ recipient: ContentFacts.Recipient) {
        let finding = filtering.levels.finding()
        for effect in filtering.levels.effects where !effects.contains(effect) { effects.append(effect) }
        trail.append(contentsOf: filtering.levels.trail)
        filtering.judged.append(
            judged(
                recipient, Ruling(verdict: finding.verdict, rule: finding.place?.description ?? finding.rule),
                redirects: finding.redirects, keepsCopy: finding.keepsCopy))
        advance(&filtering)
    }

    /// Tables threw the copy away, and no script is asked.
    private mutating func dispose(
        _ forced: (disposal: Marks.Disposal, rule: String?), of recipient: ContentFacts.Recipient,
        _ filtering: inout Filtering
    ) {
        trail.append(
            Trail.Entry(
                .policy, rule: forced.rule, about: recipient.address.description,
                result: "a table said \(forced.disposal.rawValue)"))
        filtering.judged.append(judged(recipient, Ruling(verdict: .discard, rule: forced.rule)))
        advance(&filtering)
    }

    private func advance(_ filtering: inout Filtering) {
        filtering.recipient += 1
        filtering.level = 0
        if filtering.recipient < facts.recipients.count {
            filtering.levels = levels(facts.recipients[filtering.recipient])
        }
    }

    /// The envelope sender of the recipient's copy; nil is the null reverse-path.
    private func sender(of recipient: ContentFacts.Recipient) -> Address? {
        if let rewritten = rewrite?.sender { return Address(rewritten) }
        return recipient.marks.sender(insteadOf: facts.sender.sender)
    }

    /// The verdict after the gates' marks and the postmaster's exemption.
    private mutating func judged(
        _ recipient: ContentFacts.Recipient, _ ruling: Ruling, redirects: [Settlement.Redirect] = [],
        keepsCopy: Bool = false
    ) -> Settlement.Judged {
        var ruling = ruling
        switch ruling.verdict {
        case .relay, .discard:
            // The reason names the entry that set the mark.
            if let reason = recipient.holdReason { ruling = Ruling(verdict: .hold(reason), rule: nil) }
        case .reject(let reply) where recipient.address.isPostmaster && isAccepted(recipient.address):
            // Whoever is refused must be able to say so (RFC 5321 §4.5.1).
            ruling.verdict = .hold("postmaster is not refused content: \(reply.text)")
        case .hold, .reject, .retryLater:
            break
        }
        var edition = 0
        if message != nil {
            let form = EditionForm(recipient.marks, rewrite)
            if let known = forms.firstIndex(of: form) {
                edition = known
            } else if forms.count < Self.formsMax {
                edition = forms.count
                forms.append(form)
            } else if case .relay = ruling.verdict {
                ruling = Ruling(
                    verdict: .hold("tables want more than \(Self.formsMax) forms of this message"), rule: nil)
            }
        }
        let sender = sender(of: recipient)
        return Settlement.Judged(
            recipient: recipient, verdict: ruling.verdict, redirects: redirects, keepsCopy: keepsCopy,
            rule: ruling.rule, edition: edition, captures: captures(of: recipient),
            sender: sender == facts.sender.sender ? nil : EnvelopeSender(sender))
    }

    /// Whoever gets a copy of the recipient's mail, as far as there is a way to them.
    private mutating func captures(of recipient: ContentFacts.Recipient) -> [Settlement.Redirect] {
        var captures: [Settlement.Redirect] = []
        for address in recipient.marks.captures {
            let channel = policy.destinationChannel(of: address.domain)
            if policy.channels[channel]?.hasRoute == true {
                captures.append(Settlement.Redirect(address: address, channel: channel))
            } else {
                trail.append(
                    Trail.Entry(
                        .policy, rule: "postern.toml [channel.\(channel)]", about: "\(address)",
                        result: "no copy for it: channel \(channel) has no route"))
            }
        }
        return captures
    }

    private func isAccepted(_ address: Address) -> Bool { policy.acceptedChannel(of: address.domain) != nil }

    // MARK: Settlement

    private mutating func holdUnread(_ reason: String) -> Step<Settlement> {
        trail.append(Trail.Entry(.policy, rule: nil, about: facts.caseID, result: reason))
        return settleAll(Ruling(verdict: .hold(reason), rule: nil))
    }

    private mutating func settleAll(_ ruling: Ruling) -> Step<Settlement> {
        var all: [Settlement.Judged] = []
        for recipient in facts.recipients { all.append(judged(recipient, ruling)) }
        return settle(all)
    }

    private mutating func settle(_ judged: [Settlement.Judged]) -> Step<Settlement> {
        var settlement = Settlement.fold(judged, editions: editions(), mixed: policy.mixedReject)
        // Nothing is remembered of a message that isn't taken.
        if !settlement.entries.isEmpty { settlement.effects = effects }
        for each in settlement.verdicts {
            trail.append(
                Trail.Entry(
                    .settlement, rule: each.rule, about: each.recipient.original.description,
                    result: Self.words(each.verdict)))
        }
        trail.append(Trail.Entry(.settlement, rule: nil, about: "reply", result: settlement.reply.text))
        return .done(settlement, trail)
    }

    private static func words(_ verdict: Verdict) -> String {
        switch verdict {
        case .relay: "relay"
        case .hold(let reason): "hold: \(reason)"
        case .reject(let reply): "reject: \(reply.text)"
        case .discard: "discard"
        case .retryLater(let reply): "retry later: \(reply.text)"
        }
    }

    /// Names that only we may write are taken out of what the outside sends, then our own lines come on top:
    /// once for each form of the message.
    private func editions() -> [Edition] {
        var top = TraceHeader.received(facts, hostname: policy.hostname, time: time)
        if !virusStatus.isEmpty {
            top += Array("X-Virus-Status: \(virusStatus.joined(separator: ", "))\r\n".utf8)
        }
        // A message that is held unread keeps even fields that only we may write: whoever releases it has
        // been told.
        guard let message else { return [Edition(pieces: [.inserted(top), .original(0..<bytes.count)])] }
        let isOutside = facts.session.sourceChannel == policy.outsideChannel
        return forms.map { form in
            OwnedFields.edition(
                message, removingOf: isOutside ? policy.hostname : nil, prepending: top, form: form)
        }
    }
}
