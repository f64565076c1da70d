// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// What the scripts of all levels decided for one recipient, folded into one finding.
///
/// All levels run, the operator's first: MTA-wide, source channel, destination channel, domain, head of
/// household, user. Each sees the message as those before it left it. They decide in the opposite order.
/// Strongest first:
///
/// 1. `jettison` at any level drops the message.
/// 2. A script that couldn't be had puts the client off; one that failed leads to what its `on_error` says. A
///    user's own counts as if there were none, and he is told.
/// 3. `hold` by an operator's script holds it.
/// 4. A reject by an operator's script rejects it.
/// 5. A table's `$V` discards it, unless a script of the recipient's own side decided anything.
/// 6. The level nearest to the user that decided anything decides, so that a user's explicit keep undoes an
///    operator's `discard`.
/// 7. Nobody decided: relay.
///
/// What is done besides is no decision and stands beside any: `redirect :copy` and `fileinto :copy` wherever
/// the message is relayed or discarded; answers, notifications, reports and captures as `letters` has it.
///
/// A table's `$B` and `$Z` are stronger than all of these: no script is run then.
struct FilterLevels: Sendable {
    /// In the order in which they decide; they run in the opposite order.
    enum Level: String, Sendable, CaseIterable {
        case user
        /// Somebody whose filter is imposed on the user: Sun's head of household.
        case household
        /// The user's domain, or the list that the recipient is.
        case domain
        case destinationChannel = "destination channel"
        case sourceChannel = "source channel"
        case mta = "MTA"

        /// Whoever wrote the script runs the gateway.
        var isOperators: Bool {
            switch self {
            case .user, .household, .domain: false
            case .destinationChannel, .sourceChannel, .mta: true
            }
        }
    }

    /// What one level's script came to. Its editions are over the message that the first level saw.
    struct Ran: Sendable {
        var level: Level
        var actions: [SieveAction]
        var implicitKeep: Bool
        var decidedBy: RulePlace?
        var errorPlace: RulePlace?
        /// It failed at run time, or there was nothing that could be run.
        var isFailed: Bool
        /// What that leads to; nil: it counts as if there were no script.
        var onError: Policy.ScriptErrorPolicy?
        /// The script couldn't be had, and the client is to come again.
        var isTransient = false
        var effects: [Effect]
        var flags: [String]
        /// The message as the script found it, and as it left it.
        var before: Edition?
        var after: Edition?
        var subject: SieveSubject?
    }

    private(set) var trail = Trail()
    /// The score, as the scripts so far left it.
    private(set) var spam: SpamFinding
    /// The message as the scripts so far left it, over the one that the first of them saw; nil where they
    /// left it alone.
    private(set) var edition: Edition?
    /// The internal variable of flags, as the scripts so far left it (RFC 5232 §2).
    private(set) var flags: [String] = []
    var ran: [Ran] = []
    let policy: Policy
    let recipient: Address
    let channel: String
    /// For what we write ourselves; its id is this recipient's alone.
    let context: OwnMessageContext
    /// A table said that no answer goes out (`$!`).
    let suppressesVacation: Bool
    /// The entry that set `$V`, with an empty text where it isn't known; nil where none did.
    private let discardRule: String?

    init(
        policy: Policy, recipient: Address, channel: String, context: OwnMessageContext,
        suppressesVacation: Bool = false,
        discardRule: String? = nil, spam: SpamFinding = SpamFinding()
    ) {
        self.spam = spam
        self.policy = policy
        self.recipient = recipient
        self.channel = channel
        self.context = context
        self.suppressesVacation = suppressesVacation
        self.discardRule = discardRule
    }

    // MARK: Adding

    /// `outcome` is that of the script `found`, run on `subject`, whose message is `edition` as it is now.
    mutating func add(_ outcome: ScriptOutcome, of found: ScriptSearch.Found, on subject: SieveSubject) {
        let level = found.level
        let before = edition
        var actions = outcome.actions
        for index in actions.indices {
            let own = actions[index].edition
            actions[index].edition = own.map { over(before, $0) } ?? before
        }
        if let edited = outcome.edition { edition = over(before, edited) }
        for action in outcome.actions {
            switch action.kind {
            case .spamadjust(let text): spam = spam.adjusted(by: text) ?? spam
            case .virusset(let virusLevel): spam.virusLevel = virusLevel
            default: break
            }
        }
        if outcome.error == nil { flags = outcome.flags }
        for remark in outcome.remarks { note(nil, "\(level.rawValue) script: \(remark)") }
        if let error = outcome.error {
            note(outcome.errorPlace, "\(level.rawValue) script failed: \(error)")
        }
        for action in outcome.actions {
            note(action.place, "\(level.rawValue) script: \(Self.words(action.kind))")
        }
        ran.append(
            Ran(
                level: level, actions: actions, implicitKeep: outcome.implicitKeep,
                decidedBy: outcome.decidedBy, errorPlace: outcome.errorPlace,
                isFailed: outcome.error != nil, onError: found.onError, effects: outcome.effects,
                flags: outcome.flags,
                before: before, after: edition, subject: subject))
    }

    /// The level has a script, but it can't be run.
    mutating func addUnusable(_ found: ScriptSearch.Found) {
        ran.append(
            Ran(
                level: found.level, actions: [], implicitKeep: true, isFailed: true, onError: found.onError,
                isTransient: found.isTransient, effects: [], flags: [], before: edition, after: edition))
    }

    private func over(_ base: Edition?, _ edition: Edition) -> Edition {
        base.map { edition.composed(over: $0) } ?? edition
    }

    mutating func note(_ place: RulePlace?, _ text: String) {
        trail.append(
            Trail.Entry(
                .sieve, rule: place?.description, about: recipient.description, result: Self.cut(text)))
    }

    /// Octets of what a script says that stand in a trail or in the reason of a held message. A disclaimer of
    /// pages, in the trail of each recipient, would make a record that the queue doesn't take.
    static let wordsOctetsMax = 400

    private static func cut(_ text: String) -> String {
        guard text.utf8.count > wordsOctetsMax else { return text }
        return String(decoding: text.utf8.prefix(wordsOctetsMax), as: UTF8.self) + "..."
    }

    // MARK: Deciding

    mutating func finding() -> FilterFinding {
        if let finding = forced() { return finding }
        if let discardRule,
            !ran.contains(where: { !$0.level.isOperators && $0.actions.contains(where: Self.decides) })
        {
            var finding = FilterFinding(verdict: .discard, keepsCopy: false)
            finding.rule = discardRule.isEmpty ? nil : discardRule
            addCopies(to: &finding)
            return finding
        }
        var finding = FilterFinding(verdict: .relay, edition: edition, flags: flags)
        for level in Level.allCases {
            guard
                let decided = ran.first(where: {
                    $0.level == level && $0.actions.contains(where: Self.decides)
                })
            else { continue }
            finding = self.finding(of: decided)
            break
        }
        addCopies(to: &finding)
        return finding
    }

    /// What no other level can change; nil where there is nothing of the kind.
    private func forced() -> FilterFinding? {
        for level in ran {
            for action in level.actions where action.kind == .jettison {
                return FilterFinding(verdict: .discard, keepsCopy: false, isFinal: true, place: action.place)
            }
        }
        for level in ran where level.isTransient {
            return FilterFinding(
                verdict: .retryLater(Reply(451, "4.3.0", "Filter is not available, try again later")),
                isFinal: true, place: level.errorPlace)
        }
        for level in ran where level.isFailed {
            switch level.onError {
            case .hold:
                return FilterFinding(
                    verdict: .hold("the \(level.level.rawValue) script failed"), isFinal: true,
                    edition: edition, place: level.errorPlace)
            case .defer:
                return FilterFinding(
                    verdict: .retryLater(Reply(451, "4.3.0", "Filter failed, try again later")),
                    isFinal: true, place: level.errorPlace)
            case .keep, nil: continue
            }
        }
        let operators = ran.filter(\.level.isOperators)
        for level in operators.reversed() {
            for action in level.actions {
                guard case .hold(let reason) = action.kind else { continue }
                return FilterFinding(
                    verdict: .hold(Self.cut(reason)), isFinal: true, edition: own(action, of: level),
                    place: action.place)
            }
        }
        for level in operators.reversed() {
            for action in level.actions {
                guard let verdict = Self.refusal(action.kind) else { continue }
                return FilterFinding(
                    verdict: verdict, isFinal: true, place: action.place,
                    refusedBy: Self.mayBeTold(action.kind) ? level : nil)
            }
        }
        return nil
    }

    /// The edition of the recipient's own copy, by an action of `level`: as later levels left it, if the
    /// script itself changed nothing after the action.
    private func own(_ action: SieveAction, of level: Ran) -> Edition? {
        action.edition == level.after ? edition : action.edition
    }

    private mutating func finding(of level: Ran) -> FilterFinding {
        var finding = FilterFinding(
            verdict: .discard, keepsCopy: level.implicitKeep, edition: edition, flags: level.flags,
            place: level.decidedBy)
        var held: [FilterFinding.Copy] = []
        for action in level.actions where Self.decides(action) {
            switch action.kind {
            case .keep(let flags):
                finding.keepsCopy = true
                finding.edition = own(action, of: level)
                finding.flags = flags
            case .fileinto(let filing): file(filing, action, of: level, into: &finding, held: &held)
            case .redirect(let redirection):
                if let copy = redirected(redirection, action, of: level) {
                    finding.copies.append(copy)
                } else {
                    // What can't be sent on must not be lost.
                    finding.keepsCopy = true
                }
            case .hold(let reason): held.append(self.held(reason, action, of: level))
            case .reject, .ereject, .refuse:
                guard let verdict = Self.refusal(action.kind) else { continue }
                return FilterFinding(
                    verdict: verdict, isFinal: true, place: action.place,
                    refusedBy: Self.mayBeTold(action.kind) ? level : nil)
            default: continue
            }
        }
        if !finding.keepsCopy, finding.copies.isEmpty, let first = held.first,
            case .hold(_, let reason) = first.debt
        {
            // Nothing leaves: the message as such waits.
            finding.verdict = .hold(reason)
            finding.edition = first.edition
            finding.keepsCopy = true
            finding.copies = Array(held.dropFirst())
            return finding
        }
        finding.copies += held
        if finding.keepsCopy || !finding.copies.isEmpty { finding.verdict = .relay }
        return finding
    }

    private mutating func file(
        _ filing: SieveAction.Filing, _ action: SieveAction, of level: Ran, into finding: inout FilterFinding,
        held: inout [FilterFinding.Copy]
    ) {
        let folder = filing.folder
        let policy = policy.policy(ofFolder: folder)
        switch policy {
        case .hold: held.append(self.held("filed into \(folder)", action, of: level))
        case .subaddress, .channel:
            if let copy = filed(policy, folder, action, of: level) {
                finding.copies.append(copy)
            } else {
                finding.keepsCopy = true
            }
        case .relay, .header, nil:
            // A copy of what is kept anyway is the kept one, as whoever decided wants it.
            if !filing.copy || !finding.keepsCopy {
                finding.edition = own(action, of: level)
                finding.flags = filing.flags
            }
            finding.keepsCopy = true
            if case .header(let name)? = policy { finding.lines += Self.line(name, folder) }
            if policy == nil { note(action.place, "folder \"\(folder)\" is not configured: relayed") }
        }
    }

    /// What is done with `:copy`, at whatever level, beside the decision.
    private mutating func addCopies(to finding: inout FilterFinding) {
        guard !finding.isFinal else { return }
        switch finding.verdict {
        case .relay, .discard: break
        case .hold, .reject, .retryLater: return
        }
        for level in ran {
            for action in level.actions {
                switch action.kind {
                case .redirect(let redirection) where redirection.copy:
                    if let copy = redirected(redirection, action, of: level) { finding.copies.append(copy) }
                case .fileinto(let filing) where filing.copy:
                    var held: [FilterFinding.Copy] = []
                    file(filing, action, of: level, into: &finding, held: &held)
                    finding.copies += held
                default: continue
                }
            }
        }
        if finding.keepsCopy || !finding.copies.isEmpty { finding.verdict = .relay }
    }

    // MARK: Copies

    private func held(_ reason: String, _ action: SieveAction, of level: Ran) -> FilterFinding.Copy {
        FilterFinding.Copy(
            address: recipient, debt: .hold(channel: channel, reason: Self.cut(reason)),
            edition: own(action, of: level))
    }

    /// Nil, with a note, where it leads nowhere.
    private mutating func filed(
        _ policy: FolderPolicy?, _ folder: String, _ action: SieveAction, of level: Ran
    ) -> FilterFinding.Copy? {
        switch policy {
        case .subaddress:
            let domain = self.policy.acceptedKey(of: recipient.domain)
            let separator =
                domain.flatMap { self.policy.verification.domains[$0]?.detailSeparator } ?? "+"
            // An address with a detail already gets another.
            let user = Mailbox.envelopeCandidates(recipient, separator: separator).last ?? recipient
            guard
                let address = Address("\(user.localPart)\(separator)\(folder)@\(recipient.domain)")
            else {
                note(action.place, "folder \"\(folder)\" can't be a detail of \(recipient); kept instead")
                return nil
            }
            return FilterFinding.Copy(
                address: address, debt: .deliver(channel: channel), edition: own(action, of: level))
        case .channel(let name):
            guard self.policy.channels[name]?.hasRoute == true else {
                note(action.place, "folder \"\(folder)\": channel \(name) has no route; kept instead")
                return nil
            }
            return FilterFinding.Copy(
                address: recipient, debt: .deliver(channel: name), edition: own(action, of: level))
        default: return nil
        }
    }

    /// Where a redirect goes; nil, with a note, where it can't.
    private mutating func redirected(
        _ redirection: SieveAction.Redirection, _ action: SieveAction, of level: Ran
    ) -> FilterFinding.Copy? {
        guard let address = Address(redirection.address) else {
            note(action.place, "redirect to \"\(redirection.address)\": no address; kept instead")
            return nil
        }
        let channel = policy.destinationChannel(of: address.domain)
        guard policy.channels[channel]?.hasRoute == true else {
            note(action.place, "redirect to \(address): channel \(channel) has no route; kept instead")
            return nil
        }
        var copy = FilterFinding.Copy(
            address: address, debt: .deliver(channel: channel), edition: action.edition)
        copy.redirection = redirection
        if let subject = level.subject {
            copy.lines = RedirectedMessage.field(for: subject)
            let sender = RedirectedMessage.sender(for: subject, postmaster: policy.postmaster)
            if sender != subject.sender { copy.sender = EnvelopeSender(sender) }
        }
        return copy
    }

    /// A field of ours that names a folder: what a script calls it may hold anything.
    private static func line(_ name: String, _ text: String) -> [UInt8] {
        HeaderLine.octets("\(name): \(PlainText.line(text, octetsMax: 200))")
    }

    // MARK: Words

    /// Whether it says what becomes of the message. The rest is done besides: a text for the trail, a score,
    /// a copy.
    static func decides(_ action: SieveAction) -> Bool {
        switch action.kind {
        case .fileinto(let filing): !filing.copy
        case .redirect(let redirection): !redirection.copy
        case .keep, .reject, .ereject, .refuse, .discard, .jettison, .hold: true
        default: false
        }
    }

    private static func words(_ kind: SieveAction.Kind) -> String {
        switch kind {
        case .keep: "keep"
        case .fileinto(let filing): "fileinto\(filing.copy ? " :copy" : "") \"\(filing.folder)\""
        case .redirect(let redirection):
            "redirect\(redirection.copy ? " :copy" : "") \(redirection.address)"
        case .reject(let text), .ereject(let text), .refuse(let text), .transactionlog(let text),
            .spamadjust(let text), .addtag(let text), .addprefix(let text):
            "\(kind.name) \"\(text)\""
        case .virusset(let level): "virusset \"\(level)\""
        case .hold(let reason): reason.isEmpty ? "hold" : "hold \"\(reason)\""
        case .vacation(let reply): "vacation for \(reply.recipient)"
        case .notify(let notification): "notify \(notification.method)"
        case .capture(let address, let withEnvelope):
            "capture\(withEnvelope ? " :dsn" : "") \(address)"
        case .addconversiontag(let tags), .setconversiontag(let tags):
            "\(kind.name) \"\(tags.joined(separator: ","))\""
        case .setenvelopefrom(let address): "setenvelopefrom <\(address)>"
        case .report(let report): "report \(report.feedbackType) to \(report.address)"
        default: kind.name
        }
    }

    /// Whether the sender may hear of the refusal by a report: `refuse` is an SMTP reply or nothing.
    private static func mayBeTold(_ kind: SieveAction.Kind) -> Bool {
        if case .refuse = kind { false } else { true }
    }

    /// The verdict of an action that lets no other in the same script stand beside it.
    private static func refusal(_ kind: SieveAction.Kind) -> Verdict? {
        switch kind {
        case .reject(let reason), .ereject(let reason), .refuse(let reason): .reject(rejection(reason))
        default: nil
        }
    }

    /// The script's text over as many reply lines as it has, cut to what a reply holds.
    private static func rejection(_ reason: String) -> Reply {
        let lines = reason.utf8.split(separator: 0x0A).map { $0.filter { $0 != 0x0D } }
            .filter { !$0.isEmpty }.map { String(decoding: $0, as: UTF8.self) }
        return Reply(550, "5.7.1", lines: lines.isEmpty ? ["Message refused"] : lines)
    }
}
