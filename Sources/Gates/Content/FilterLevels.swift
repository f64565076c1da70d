// SPDX-License-Identifier: MIT

internal import Mail
internal import SieveLanguage

/// What the scripts of all levels decided for one recipient, folded into one verdict.
///
/// All levels run: user, destination channel, source channel, MTA-wide. Then, strongest first:
///
/// 1. `jettison` at any level drops the message.
/// 2. An operator's script (any level but the user's) that failed at run time leads to what the policy says.
///    A user's counts as if there were none, and a note says so.
/// 3. `hold` by an operator's script holds it.
/// 4. A reject by an operator's script rejects it.
/// 5. A table's `$V` discards it, unless the recipient's own script decided anything.
/// 6. The first level that decided anything at all decides, so that a user's explicit keep undoes an
///    operator's `discard`.
/// 7. Nobody decided: relay.
///
/// A table's `$B` and `$Z` are stronger than all of these: no script is run then.
struct FilterLevels: Sendable {
    enum Level: String, Sendable, CaseIterable {
        case user
        /// Somebody whose filter is imposed on the user: Sun's head of household.
        case household
        /// The user's domain, or the list that the recipient is.
        case domain
        case destinationChannel = "destination channel"
        case sourceChannel = "source channel"
        case mta = "MTA"
    }

    struct Finding: Sendable {
        var verdict: Verdict
        var redirects: [Settlement.Redirect] = []
        var keepsCopy = false
        /// The command or the failure that led here.
        var place: RulePlace?
        /// The same where it is no script's: a table's entry.
        var rule: String?
    }

    private(set) var trail = Trail()
    /// What scripts want remembered, each once.
    private(set) var effects: [Effect] = []
    /// The score, as the scripts so far left it.
    private(set) var spam: SpamFinding
    private var outcomes: [(level: Level, outcome: ScriptOutcome)] = []
    private let policy: Policy
    private let recipient: Address
    /// The entry that set `$V`, with an empty text where it isn't known; nil where none did.
    private let discardRule: String?

    init(
        policy: Policy, recipient: Address, discardRule: String? = nil, spam: SpamFinding = SpamFinding()
    ) {
        self.spam = spam
        self.policy = policy
        self.recipient = recipient
        self.discardRule = discardRule
    }

    mutating func add(_ outcome: ScriptOutcome, level: Level) {
        outcomes.append((level, outcome))
        for effect in outcome.effects where !effects.contains(effect) { effects.append(effect) }
        for action in outcome.actions {
            switch action.kind {
            case .spamadjust(let text): spam = spam.adjusted(by: text) ?? spam
            case .virusset(let virusLevel): spam.virusLevel = virusLevel
            default: break
            }
        }
        for remark in outcome.remarks { note(nil, "\(level.rawValue) script: \(remark)") }
        if let error = outcome.error {
            note(outcome.errorPlace, "\(level.rawValue) script failed: \(error)")
        }
        for action in outcome.actions {
            note(action.place, "\(level.rawValue) script: \(Self.words(action.kind))")
        }
    }

    mutating func finding() -> Finding {
        for (_, outcome) in outcomes {
            for action in outcome.actions where action.kind == .jettison {
                return Finding(verdict: .discard, place: action.place)
            }
        }
        for (level, outcome) in outcomes where level != .user && outcome.error != nil {
            switch policy.scriptError {
            case .hold:
                return Finding(
                    verdict: .hold("the \(level.rawValue) script failed"), place: outcome.errorPlace)
            case .defer:
                return Finding(
                    verdict: .retryLater(Reply(451, "4.3.0", "Filter failed, try again later")),
                    place: outcome.errorPlace)
            case .keep: continue
            }
        }
        let operators = outcomes.filter { $0.level != .user }.flatMap(\.outcome.actions)
        for action in operators {
            if case .hold(let reason) = action.kind {
                return Finding(verdict: .hold(reason), place: action.place)
            }
        }
        for action in operators {
            if let verdict = Self.refusal(action.kind) {
                return Finding(verdict: verdict, place: action.place)
            }
        }
        if let discardRule,
            !outcomes.contains(where: { found in
                found.level == .user && found.outcome.actions.contains { Self.decides($0.kind) }
            })
        {
            return Finding(verdict: .discard, rule: discardRule.isEmpty ? nil : discardRule)
        }
        for (_, outcome) in outcomes where outcome.actions.contains(where: { Self.decides($0.kind) }) {
            return decided(by: outcome)
        }
        return Finding(verdict: .relay)
    }

    private mutating func decided(by outcome: ScriptOutcome) -> Finding {
        var finding = Finding(verdict: .discard, keepsCopy: outcome.implicitKeep, place: outcome.decidedBy)
        if outcome.implicitKeep { finding.verdict = .relay }
        for action in outcome.actions {
            switch action.kind {
            case .keep:
                finding.verdict = .relay
                finding.keepsCopy = true
            case .fileinto(let filing):
                let folder = filing.folder
                switch policy.folders[folder] {
                case .hold: return Finding(verdict: .hold("filed into \(folder)"), place: action.place)
                case .relay: break
                case nil: note(action.place, "folder \"\(folder)\" is not configured: relayed")
                }
                finding.verdict = .relay
                finding.keepsCopy = true
            case .redirect(let redirection):
                finding.verdict = .relay
                guard let redirect = route(redirection.address, action.place) else {
                    // What can't be sent on must not be lost.
                    finding.keepsCopy = true
                    continue
                }
                finding.redirects.append(redirect)
            case .reject, .ereject, .refuse, .hold:
                if let verdict = Self.refusal(action.kind) {
                    return Finding(verdict: verdict, place: action.place)
                }
            default:
                // Done besides, or by now.
                continue
            }
        }
        return finding
    }

    /// Where a redirect goes; nil, with a note, where it can't.
    private mutating func route(_ text: String, _ place: RulePlace) -> Settlement.Redirect? {
        guard let address = Address(text) else {
            note(place, "redirect to \"\(text)\": no address; kept instead")
            return nil
        }
        let channel = policy.destinationChannel(of: address.domain)
        guard policy.channels[channel]?.hasRoute == true else {
            note(place, "redirect to \(address): channel \(channel) has no route; kept instead")
            return nil
        }
        return Settlement.Redirect(address: address, channel: channel)
    }

    private mutating func note(_ place: RulePlace?, _ text: String) {
        trail.append(
            Trail.Entry(.sieve, rule: place?.description, about: recipient.description, result: text))
    }

    /// Whether it says what becomes of the message. The rest is done besides: a text for the trail, a score.
    private static func decides(_ kind: SieveAction.Kind) -> Bool {
        switch kind {
        case .keep, .fileinto, .redirect, .reject, .ereject, .refuse, .discard, .jettison, .hold: true
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
            .spamadjust(let text):
            "\(kind.name) \"\(text)\""
        case .virusset(let level): "virusset \"\(level)\""
        case .hold(let reason): reason.isEmpty ? "hold" : "hold \"\(reason)\""
        default: kind.name
        }
    }

    /// The verdict of an action that lets no other in the same script stand beside it.
    private static func refusal(_ kind: SieveAction.Kind) -> Verdict? {
        switch kind {
        case .hold(let reason): .hold(reason)
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
