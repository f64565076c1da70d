// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// Finds the scripts that judge one recipient's copy, of all levels.
///
/// What the ruleset has is there at once. All else is asked for: a user's script in the folder of users, by
/// the address and without its detail; the attributes of the directory's entries for the user, his household
/// and his domain; what the channels' filter URLs lead to; and then what those scripts include. A user has
/// one script: the first of ruleset, folder, the channel's `filter`, directory.
struct ScriptSearch: Evaluation {
    /// A script that was found, or why the one that should have been there can't be run.
    struct Found: Sendable {
        var level: FilterLevels.Level
        /// As its owner knows it.
        var name: String
        /// Nil where it couldn't be had or doesn't compile; `failure` says why.
        var script: Script?
        /// For the trail: what is wrong, with its place.
        var failure: String?
        /// Every mistake with its place, for the owner.
        var mistakes: [String] = []
        /// Whether asking again later may help: the client is to come again.
        var isTransient = false
        /// What running it may cost.
        var limits = SieveLimits()
        /// What it leads to that it can't be run, or fails while it runs; nil: the message is kept and its
        /// owner told (a user's script).
        var onError: Policy.ScriptErrorPolicy?
        /// Who is told; nil: nobody but the log.
        var owner: Address?

        /// What its owner is told of a script that can't be run. `failure` is what happened while it ran; nil
        /// takes what compiling or reading it said.
        func notice(failure error: String? = nil) -> FailureNotice? {
            guard let owner, !isTransient, let details = error.map({ [$0] }) ?? failure.map({ [$0] }) else {
                return nil
            }
            let problem: FailureNotice.Problem =
                error != nil ? .failure : mistakes.isEmpty ? .unreadable : .mistakes
            return FailureNotice(
                owner: owner, script: name, problem: problem,
                details: error == nil && !mistakes.isEmpty ? mistakes : details)
        }
    }

    /// Octets of one note in the trail: a mistake with its place, and what to do about it.
    private static let noteOctetsMax = 400

    let ruleset: Ruleset
    let policy: FilterPolicy
    let recipient: ContentFacts.Recipient
    let sourceChannel: String
    /// The recipient as he may be known: as he is, and without a detail.
    let mailboxes: [Mailbox]
    let detail: String?
    /// Whether the recipient's domain is ours: nobody else has scripts here.
    let isOurs: Bool
    /// What was found so far; the least rank of a level counts.
    var drafts: [ScriptDraft] = []
    /// The user's entry.
    var entry: DirectoryEntry?
    private var asked: [Errand] = []
    private var round = 0
    var trail = Trail()

    init(ruleset: Ruleset, recipient: ContentFacts.Recipient, session: SessionFacts) {
        self.ruleset = ruleset
        self.recipient = recipient
        policy = ruleset.policy.filters
        sourceChannel = session.sourceChannel
        let key = ruleset.policy.acceptedKey(of: recipient.address.domain)
        isOurs = key != nil
        let separator = key.flatMap { ruleset.policy.verification.domains[$0]?.detailSeparator }
        mailboxes = Mailbox.candidates(recipient.address, separator: separator)
        detail =
            mailboxes.count > 1
            ? String(mailboxes[0].localPart.dropFirst(mailboxes[1].localPart.count + 1)) : nil
    }

    mutating func next(_ answers: [Answer]) -> Step<[Found]> {
        for (index, errand) in asked.enumerated() {
            take(index < answers.count ? answers[index] : .unavailable("no answer"), errand.purpose)
        }
        // Bounded: two rounds of looking, then as many of fetching as scripts may include in one another.
        while true {
            asked = []
            switch round {
            case 0: planFirst()
            case 1: planSecond()
            default: planIncludes()
            }
            round += 1
            if !asked.isEmpty { return .ask(asked.map(\.question)) }
            if round > 2 { return .done(found(), trail) }
        }
    }

    // MARK: Asking

    /// A question, and what its answer is for.
    private struct Errand: Sendable {
        var question: Question
        var purpose: ScriptPurpose
    }

    mutating func ask(_ question: Question, _ purpose: ScriptPurpose) {
        asked.append(Errand(question: question, purpose: purpose))
    }

    /// Fetches what the scripts found so far include. Each name is asked for once.
    private mutating func planIncludes() {
        guard policy.readsUserFolder, round < 2 + policy.userLimits.includeDepthMax else { return }
        for index in drafts.indices where drafts[index].level == .user {
            guard let text = drafts[index].text, let folder = drafts[index].folder else { continue }
            let texts = [text] + drafts[index].personal.values.sorted()
            for name in texts.flatMap({ IncludeNames.personal(in: Array($0.utf8)) })
            where drafts[index].wanted.count < policy.userLimits.includesMax
                && ScriptQuestion.isName(name + ScriptQuestion.suffix)
                && drafts[index].wanted.insert(name).inserted
            {
                let path = "\(folder)/\(name)\(ScriptQuestion.suffix)"
                ask(
                    .script(ScriptQuestion(store: ScriptQuestion.users, path: path)),
                    .include(draft: index, name: name))
            }
        }
    }

    // MARK: The end

    /// The draft of each level that counts, compiled.
    private mutating func found() -> [Found] {
        FilterLevels.Level.allCases.compactMap { level in
            guard let draft = best(level) else { return nil }
            var found = Found(level: level, name: draft.name)
            (found.limits, found.onError) = (limits(level), onError(level))
            // Whoever isn't ours wrote no script here, and is not to hear of it.
            found.owner = level == .user && isOurs ? recipient.address : draft.owner
            if let script = draft.script {
                found.script = script
                return found
            }
            if let failure = draft.failure {
                found.failure = failure
                found.isTransient = draft.isTransient
                guard draft.isTransient, policy.onUnreachable == .skip else {
                    note(level, draft.isTransient ? "can't be had now: \(failure)" : failure)
                    return found
                }
                note(level, "can't be had now, and is skipped: \(failure)")
                return nil
            }
            let source = CompiledScripts.Source(
                name: draft.name, text: draft.text ?? "", personal: draft.personal,
                isUsers: !level.isOperators)
            let result = ruleset.compiled.result(source, global: ruleset.scripts.global, policy: policy)
            found.script = result.script
            found.mistakes = result.mistakes
            if result.script == nil {
                found.failure = result.mistakes.first ?? "\(draft.name): it has mistakes"
                note(level, "has mistakes: \(found.failure ?? "")")
            } else {
                note(level, "is \(draft.name)")
            }
            return found
        }
    }

    private func limits(_ level: FilterLevels.Level) -> SieveLimits {
        level.isOperators ? policy.operatorLimits : policy.userLimits
    }

    /// Nil for the user's.
    private func onError(_ level: FilterLevels.Level) -> Policy.ScriptErrorPolicy? {
        let standard = ruleset.policy.scriptError
        let channels = ruleset.policy.channels
        return switch level {
        case .user: nil
        case .household: policy.householdOnError ?? standard
        case .domain: policy.domainOnError ?? standard
        case .destinationChannel: channels[recipient.channel]?.filters.destinationOnError ?? standard
        case .sourceChannel: channels[sourceChannel]?.filters.sourceOnError ?? standard
        case .mta: policy.mtaOnError ?? standard
        }
    }

    /// Of a level, what stands before all others that were found.
    func best(_ level: FilterLevels.Level) -> ScriptDraft? {
        drafts.filter { $0.level == level }.min { $0.rank < $1.rank }
    }

    mutating func note(_ level: FilterLevels.Level, _ text: String) {
        trail.append(
            Trail.Entry(
                .policy, rule: "postern.toml [sieve]", about: recipient.address.description,
                result: PlainText.line("\(level.rawValue) script \(text)", octetsMax: Self.noteOctetsMax)))
    }
}
