// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// Scripts still to run, and what those that ran decided.
struct Filtering: Sendable {
    /// Index of the recipient at hand.
    var recipient = 0
    /// Where scripts are looked for, of the recipient at hand and some behind it; and those that were found.
    var searches = ScriptSearches()
    /// Those still to run, in the order in which they run; nil while they are looked for.
    var scripts: ArraySlice<ScriptSearch.Found>?
    var running: (evaluation: ScriptEvaluation, found: ScriptSearch.Found, subject: SieveSubject)?
    var levels: FilterLevels?
    /// What scripts see beside the message, whoever it is for.
    var common: (settings: SieveSettings, environment: [String: String])?
    /// Which base its scripts are run on.
    var base = 0
    var judged: [Settlement.Judged] = []
    /// For each of `judged` that a script refused: what the sender is told, and the base that it is about.
    var refusals: [Int: (report: FilterLevels.Letter, base: Int)] = [:]
    /// Copies that scripts sent on, by address, so that none goes out twice.
    var sentOn: [Address: [(base: Int, edition: Edition?, index: Int)]] = [:]
    /// Scripts of the recipient at hand that failed.
    var failures: [FailureNotice] = []
    /// Owners of scripts to be told that these fail, once it is settled what becomes of the message; and the
    /// one being told.
    var notices: [FailureNotice] = []
    var noticing: FailureNoticeRun?
    /// Messages of our own so far.
    var letters = 0

    /// What tags and texts before a message made of it: recipients at one channel mostly have the same.
    var decorated: [(key: Decoration, edition: Edition?)] = []
    /// Of these, as many as are kept: what one recipient's few copies need.
    static let decoratedMax = 4

    struct Decoration: Hashable, Sendable {
        var base: Int
        var edition: Edition?
        var tags: [String]
        var prefixes: [String]
    }

    var isNoticing: Bool { noticing != nil || !notices.isEmpty }
}

extension ContentGate {
    /// Messages of our own about one message, at most: each is kept in the queue whole.
    static let lettersMax = 100

    mutating func continueFiltering(_ answers: [Answer]) -> Step<Settlement> {
        var answers = answers
        // Bounded by recipients times levels; each script's own work is bounded by SieveLimits.
        while filtering.recipient < facts.recipients.count || filtering.isNoticing {
            guard let questions = advance(answers) else {
                answers = []
                continue
            }
            let known = questions.compactMap(answer)
            guard known.count == questions.count else { return .ask(questions) }
            answers = known
        }
        return settle()
    }

    /// One step with the recipient at hand; what it must ask, or nil.
    private mutating func advance(_ answers: [Answer]) -> [Question]? {
        if filtering.isNoticing { return tellOwner(answers) }
        let recipient = facts.recipients[filtering.recipient]
        if var running = filtering.running {
            switch running.evaluation.next(answers) {
            case .ask(let questions):
                filtering.running = running
                return questions
            case .done(let outcome, _):
                filtering.running = nil
                filtering.levels?.add(outcome, of: running.found, on: running.subject)
                if let error = outcome.error { note(failure: error, of: running.found, running: error) }
            }
            return nil
        }
        guard let scripts = filtering.scripts else { return find(recipient, answers) }
        guard let found = scripts.first else {
            close(recipient)
            return nil
        }
        filtering.scripts = scripts.dropFirst()
        run(found, recipient)
        return nil
    }

    /// Looks for the recipient's scripts, unless tables have said already what becomes of its copy.
    private mutating func find(_ recipient: ContentFacts.Recipient, _ answers: [Answer]) -> [Question]? {
        if let forced = disposal(of: recipient), forced.disposal != .discard {
            dispose(forced, of: recipient)
            return nil
        }
        if let found = filtering.searches.take(filtering.recipient) {
            trail.append(contentsOf: found.trail)
            filtering.levels = levels(recipient)
            let order = FilterLevels.Level.allCases
            filtering.scripts =
                order.reversed().flatMap { level in found.scripts.filter { $0.level == level } }[...]
            return nil
        }
        if filtering.searches.isIdle {
            let end = min(facts.recipients.count, filtering.recipient + ScriptSearches.togetherMax)
            for index in filtering.recipient..<end {
                let recipient = facts.recipients[index]
                if let forced = disposal(of: recipient), forced.disposal != .discard { continue }
                filtering.searches.add(
                    index, ScriptSearch(ruleset: ruleset, recipient: recipient, session: facts.session))
            }
        }
        return filtering.searches.next(answers)
    }

    private mutating func run(_ found: ScriptSearch.Found, _ recipient: ContentFacts.Recipient) {
        guard let script = found.script else {
            filtering.levels?.addUnusable(found)
            note(failure: found.failure ?? "it has mistakes", of: found, running: nil)
            return
        }
        guard let levels = filtering.levels, let message else { return }
        let edited = base(of: recipient).map { base in
            filtering.base = base
            return forms.message(base, levels.edition)
        }
        let subject = subject(edited ?? message, levels, recipient)
        filtering.running = (
            ScriptEvaluation(script: script, subject: subject, limits: found.limits, flags: levels.flags),
            found, subject
        )
    }

    /// `error` is what happened while it ran; nil where it couldn't be run at all.
    private mutating func note(failure: String, of found: ScriptSearch.Found, running error: String?) {
        let recipient = facts.recipients[filtering.recipient].address
        if scriptFailures.count < Self.failuresMax {
            scriptFailures.append("\(recipient): \(found.level.rawValue) script: \(failure)")
        }
        if let notice = found.notice(failure: error) { filtering.failures.append(notice) }
    }

    /// Failures of one message that are told, at most: the same script fails for every recipient alike.
    private static let failuresMax = 10

    private func levels(_ recipient: ContentFacts.Recipient) -> FilterLevels {
        let disposal = disposal(of: recipient)
        return FilterLevels(
            policy: policy, recipient: recipient.address, channel: recipient.channel,
            context: context("\(filtering.recipient)"),
            suppressesVacation: recipient.marks.suppressesVacation,
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

    /// What can be answered here: the time of judging, and databases that are part of the ruleset.
    private func answer(_ question: Question) -> Answer? {
        switch question {
        case .time: return .time(time)
        case .database(let asked):
            var lookup = DatabaseLookup(asked, in: ruleset.databases)
            guard case .done(let found, _) = lookup.next([]) else { return nil }
            return .database(found)
        default: return nil
        }
    }

    private mutating func subject(
        _ message: Message, _ levels: FilterLevels, _ recipient: ContentFacts.Recipient
    ) -> SieveSubject {
        let common = filtering.common ?? commonSubject()
        filtering.common = common
        var subject = SieveSubject(
            message: message, sender: sender(of: recipient), recipient: recipient.address,
            originalRecipient: recipient.original, settings: common.settings)
        subject.authenticated = facts.session.authenticated
        subject.spam = levels.spam
        // Scripts that judge the same bytes needn't look for the parts again.
        if message.bytes === self.message?.bytes { subject.tree = tree }
        subject.requests = EnvelopeRequests(recipient.options, of: recipient.address)
        subject.environment = common.environment
        subject.environment["vnd.postern.destination-channel"] = recipient.channel
        return subject
    }

    /// What is the same for all scripts of a message.
    private func commonSubject() -> (settings: SieveSettings, environment: [String: String]) {
        var settings = policy.filters.settings
        settings.folders = Set(policy.folders.keys)
        // Every text database is a list by its name.
        for name in ruleset.databases.keys { settings.lists[name] = name }
        let session = facts.session
        let environment = [
            "name": "Postern", "location": "MTA", "phase": "during", "host": policy.hostname,
            "domain": policy.postmaster.domain, "remote-ip": session.peer.clientAddress.description,
            "remote-host": session.clientName ?? "", "vnd.postern.helo": session.helo,
            "vnd.postern.tls": session.tls ?? "",
            "vnd.postern.authenticated": session.authenticated?.description ?? "",
            "vnd.postern.source-channel": session.sourceChannel, "vnd.postern.case": facts.caseID,
        ]
        return (settings, environment)
    }

    /// What the scanners found, for `virustest`: 5 certainly infected, 1 clean, 0 not looked at. A message
    /// that is infected or unscanned goes on to the scripts only where the policy says so.
    private var spamFinding: SpamFinding {
        let isClean = !virusStatus.isEmpty && virusStatus.allSatisfy { $0.hasPrefix("clean") }
        return SpamFinding(virusLevel: isClean ? 1 : 0)
    }

    // MARK: Closing

    /// One recipient's scripts have run: its verdict, then on to the next.
    private mutating func close(_ recipient: ContentFacts.Recipient) {
        guard var levels = filtering.levels else { return goOn() }
        let finding = levels.finding()
        let ruling = final(
            Ruling(verdict: finding.verdict, rule: finding.place?.description ?? finding.rule), for: recipient
        )
        var judged = judged(recipient, ruling, finding, levels)
        judged.besides += letters(&levels, finding, judged)
        remember(levels.effects)
        trail.append(contentsOf: levels.trail)
        if case .reject(let reply) = judged.verdict, let level = finding.refusedBy,
            filtering.refusals.count < Self.lettersMax, let report = report(reply, by: level, levels.spam)
        {
            filtering.refusals[filtering.judged.count] = (report, filtering.base)
        }
        filtering.judged.append(judged)
        filtering.notices = notices(judged.verdict)
        goOn()
    }

    private mutating func remember(_ wanted: [Effect]) {
        for effect in wanted where !known.contains(effect) {
            guard effects.count < Self.effectsMax else { return }
            known.insert(effect)
            effects.append(effect)
        }
    }

    /// What is remembered of one message, at most; the queue keeps it in the message's record. To forget the
    /// rest costs a second answer at worst.
    private static let effectsMax = 5_000

    /// Who is told of failing scripts, and what became of the message.
    private mutating func notices(_ verdict: Verdict) -> [FailureNotice] {
        defer { filtering.failures = [] }
        return filtering.failures.compactMap { failure in
            var notice = failure
            switch verdict {
            case .relay: break
            case .hold: notice.consequence = "held by the gateway's own rules"
            case .discard: notice.consequence = "dropped by the gateway's own rules"
            // Nothing was done with it.
            case .reject, .retryLater: return nil
            }
            return notice
        }
    }

    private mutating func tellOwner(_ answers: [Answer]) -> [Question]? {
        guard !filtering.judged.isEmpty else { return nil }
        let last = filtering.judged.count - 1
        if filtering.noticing == nil {
            let id = "\(last).n\(filtering.notices.count)"
            filtering.noticing = FailureNoticeRun(filtering.notices.removeFirst(), context(id))
        }
        guard var run = filtering.noticing else { return nil }
        switch run.next(answers) {
        case .ask(let questions):
            filtering.noticing = run
            return questions
        case .done(let outcome, let entries):
            filtering.noticing = nil
            trail.append(contentsOf: entries)
            remember(outcome.effects)
            if let message = outcome.message {
                filtering.judged[last].besides += post(
                    FilterLevels.Letter(message, over: nil), about: filtering.base)
            }
            return nil
        }
    }

    /// Tables threw the copy away, and no script is asked.
    private mutating func dispose(
        _ forced: (disposal: Marks.Disposal, rule: String?), of recipient: ContentFacts.Recipient
    ) {
        trail.append(
            Trail.Entry(
                .policy, rule: forced.rule, about: recipient.address.description,
                result: "a table said \(forced.disposal.rawValue)"))
        let ruling = final(Ruling(verdict: .discard, rule: forced.rule), for: recipient)
        filtering.judged.append(judged(recipient, ruling, FilterFinding(verdict: .discard, keepsCopy: false)))
        goOn()
    }

    private mutating func goOn() {
        filtering.recipient += 1
        filtering.scripts = nil
        filtering.levels = nil
    }
}
