// SPDX-License-Identifier: MIT

package import Mail
internal import SieveLanguage

/// The content is here: scanners, then Sieve for each recipient, then one settlement.
///
/// First everything that needs the world is asked at once: the time, and every scanner on the received bytes.
/// Then the message's form is looked at, and written anew where the policy says so. `AUTH_REWRITE` compares
/// header and client. Then the scripts run, level by level, for each recipient. What comes out, and what the
/// tables marked the recipient with, is folded by `Settlement`.
///
/// Every edit is an `Edition` over the one before it: the canonical form, fields that only we may write taken
/// out and tables' lines put in, each script's edits, our own lines on top.
package struct ContentGate: Evaluation {
    private enum Stage: Sendable {
        case beginning
        case askingWorld
        case rewriting(AuthRewriteRun)
        case filtering
    }

    /// What a scanner, a limit or a script leads to, and where that rule stands.
    struct Ruling: Sendable {
        var verdict: Verdict
        var rule: String?
    }

    let ruleset: Ruleset
    let policy: Policy
    let facts: ContentFacts
    let bytes: MessageBytes
    private var stage = Stage.beginning
    var time: Int64 = 0
    var virusStatus: [String] = []
    /// What everything after is judged from, and how it came from the received bytes; nil where the message
    /// is held unread.
    var message: Message?
    var canonical: Edition?
    /// The parts of `message`, where they were looked at already.
    var tree: PartTree?
    /// What `AUTH_REWRITE` made of it; nil where it wasn't consulted.
    var rewrite: AuthRewriteRun.Result?
    var filtering: Filtering
    var forms: MessageForms
    /// What some recipient's table wants for all recipients: the strongest of `$V` and `$Z`.
    let disposalOfAll: (disposal: Marks.Disposal, rule: String?)?
    /// What scripts want remembered once the message is committed.
    var effects: [Effect] = []
    /// The same, to see what is there.
    var known: Set<Effect> = []
    /// Scripts that failed, in words.
    var scriptFailures: [String] = []
    var trail = Trail()

    /// `facts.recipients` is never empty: no order of commands reaches content without one (promise P4).
    package init(ruleset: Ruleset, facts: ContentFacts, bytes: MessageBytes) {
        self.ruleset = ruleset
        policy = ruleset.policy
        self.facts = facts
        self.bytes = bytes
        filtering = Filtering()
        forms = MessageForms(bytes: bytes)
        let forAll = facts.recipients.compactMap { recipient -> (Marks.Disposal, String?)? in
            guard let disposal = recipient.marks.disposal, disposal != .bitbucket else { return nil }
            return (disposal, recipient.marks.disposalRule)
        }
        disposalOfAll = forAll.first { $0.0 == .jettison } ?? forAll.first
    }

    package mutating func next(_ answers: [Answer]) -> Step<Settlement> {
        switch stage {
        case .beginning:
            guard !facts.recipients.isEmpty else { return settle() }
            stage = .askingWorld
            let scans = facts.poison == nil ? policy.scanners.map { Question.scan(scanner: $0.name) } : []
            return .ask([.time] + scans)
        case .askingWorld:
            if case .time(let seconds)? = answers.first { time = seconds }
            return look(answers.dropFirst())
        case .rewriting(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .rewriting(run)
                return .ask(questions)
            case .done(let result, let entries):
                trail.append(contentsOf: entries)
                rewrite = result
                guard let reply = result.rejection else { return filter() }
                let rule = entries.entries.last { $0.rule != nil }?.rule
                return settleAll(
                    Ruling(verdict: reply.isTransient ? .retryLater(reply) : .reject(reply), rule: rule))
            }
        case .filtering:
            return continueFiltering(answers)
        }
    }

    /// What there is to see before any script: findings, limits, defects.
    private mutating func look(_ reports: ArraySlice<Answer>) -> Step<Settlement> {
        if let poison = facts.poison { return holdUnread("\(poison); held without looking inside") }
        let ruling = scanned(reports)
        begin(Message(parsing: bytes), canonical: nil)
        if let ruling { return settleAll(ruling) }
        if let message, let ruling = unreadable(message.header) { return settleAll(ruling) }
        if let ruling = misshapen() { return settleAll(ruling) }
        guard let message, AuthRewriteRun.isWanted(ruleset, facts.session) else { return filter() }
        let sender = facts.recipients[0].marks.sender(insteadOf: facts.sender.sender)
        stage = .rewriting(
            AuthRewriteRun(ruleset: ruleset, session: facts.session, sender: sender, message: message))
        return next([])
    }

    /// From here on everything is judged from `message`, which is `canonical` over the received bytes.
    mutating func begin(_ message: Message, canonical: Edition?) {
        self.message = message
        self.canonical = canonical
        tree = nil
        forms.top = top()
    }

    private mutating func filter() -> Step<Settlement> {
        stage = .filtering
        return continueFiltering([])
    }

    // MARK: The message's form

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

    /// What the policy has for defects in the message's form; nil to go on, with the message written anew
    /// perhaps.
    private mutating func misshapen() -> Ruling? {
        guard let message, !policy.defects.isEmpty else { return nil }
        let tree = message.parts()
        self.tree = tree
        let limits = MessageLimits()
        let defects =
            policy.defects.needsDecoding
            ? tree.allDefects(in: message.bytes, limits: limits) : tree.defects
        guard let found = policy.defects.ruling(on: defects) else { return nil }
        let names = found.defects.map(\.rawValue).joined(separator: ", ")
        let rule = "postern.toml [defects]"
        trail.append(
            Trail.Entry(
                .policy, rule: rule, about: facts.caseID, result: "\(names): \(found.policy.rawValue)"))
        switch found.policy {
        case .note: return nil
        case .hold: return Ruling(verdict: .hold("the message is misshapen: \(names)"), rule: rule)
        case .reject:
            return Ruling(
                verdict: .reject(Reply(554, "5.6.0", "Message is misshapen: \(names)")), rule: rule)
        case .rewrite:
            guard let edition = CanonicalMessage.edition(of: message, tree: tree, limits: limits)
            else {
                return Ruling(
                    verdict: .hold("the message is misshapen and can't be written anew: \(names)"), rule: rule
                )
            }
            begin(Message(parsing: MessageBytes(edition.bytes(of: bytes))), canonical: edition)
            return nil
        }
    }

    // MARK: Settlement

    private mutating func holdUnread(_ reason: String) -> Step<Settlement> {
        trail.append(Trail.Entry(.policy, rule: nil, about: facts.caseID, result: reason))
        return settleAll(Ruling(verdict: .hold(reason), rule: nil))
    }

    /// One ruling for all recipients, before any script.
    private mutating func settleAll(_ ruling: Ruling) -> Step<Settlement> {
        for recipient in facts.recipients {
            let ruling = final(ruling, for: recipient)
            filtering.judged.append(judged(recipient, ruling, FilterFinding(verdict: ruling.verdict)))
        }
        return settle()
    }

    mutating func settle() -> Step<Settlement> {
        var judged = filtering.judged
        addReports(to: &judged)
        var settlement = Settlement.fold(judged, editions: forms.editions, mixed: policy.mixedReject)
        if let reason = settlement.excess {
            trail.append(Trail.Entry(.policy, rule: nil, about: facts.caseID, result: reason))
            let received = forms.indexReceived(removingOf: untrusted)
            settlement = Settlement.fold(
                judged.map { $0.held(reason, edition: received) }, editions: forms.editions,
                mixed: policy.mixedReject)
            effects = []
        }
        // Nothing is remembered of a message that isn't taken.
        if !settlement.entries.isEmpty { settlement.effects = effects }
        if !scriptFailures.isEmpty { settlement.scriptFailures = scriptFailures }
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

    /// Our own lines, for every form of the message.
    func top() -> [UInt8] {
        var top = TraceHeader.received(facts, hostname: policy.hostname, time: time)
        if !virusStatus.isEmpty {
            top += Array("X-Virus-Status: \(virusStatus.joined(separator: ", "))\r\n".utf8)
        }
        return top
    }
}
