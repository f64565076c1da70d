// SPDX-License-Identifier: MIT

package import Mail
internal import MappingTables

/// RCPT TO was said: route, then the recipient tables.
///
///     ORIG_SEND_ACCESS, ORIG_MAIL_ACCESS   the recipient as it was named
///     the relay rule                       nothing from the outside to the outside
///     FORWARD                              the recipient as it is known from here on
///     recipient verification               does it exist?
///     SEND_ACCESS, MAIL_ACCESS             that recipient
///     REVERSE                              the sender that it sees, where that depends on the channel
///     greylisting                          has it been tried before?
///
/// The second pair is asked only if nothing rejected before. Both tables of a pair are consulted, the first
/// rejection wins, and what the others said stays in the trail. Nothing that a table says opens the relay
/// from the outside to the outside: that is judged by the recipient as it was named. Where a table forwards
/// mail of ours to is the operator's affair.
package struct RecipientGate: Evaluation {
    private static let pairs: [[AccessTable]] = [
        [.origSendAccess, .origMailAccess], [.sendAccess, .mailAccess],
    ]

    private enum Stage: Sendable {
        case tables(pair: Int, index: Int, AccessRun?)
        case forward(ForwardRun)
        case verification(RecipientVerification)
        case reverse(ReverseRun)
        case greylist(Greylisting)
    }

    private let ruleset: Ruleset
    private let session: SessionFacts
    private let facts: RecipientFacts
    private let senderFacts: SenderFacts
    private let sender: Address?
    /// As routing knows it by now.
    private var recipient: Address
    private var channel: String
    /// What the sender gate's tags and the tables so far come to.
    private var conversionTags: [String]
    private var stage = Stage.tables(pair: 0, index: 0, nil)
    private var rejection: Reply?
    /// Which entry rejected.
    private var rejectedBy: (table: AccessTable, rule: String)?
    private var marks = Marks()
    private var trail = Trail()

    /// `senderMarks`: what the sender gate handed on.
    package init(
        ruleset: Ruleset, session: SessionFacts, sender: SenderFacts, recipient facts: RecipientFacts,
        senderMarks: Marks = .none
    ) {
        self.ruleset = ruleset
        self.session = session
        self.facts = facts
        senderFacts = sender
        self.sender = senderMarks.sender(insteadOf: sender.sender)
        conversionTags = senderMarks.conversionTags
        let named = facts.recipient
        recipient = named.domain.isEmpty ? ruleset.policy.postmaster : named
        channel = ruleset.policy.destinationChannel(of: recipient.domain)
    }

    package init(ruleset: Ruleset, session: SessionFacts, sender: SenderFacts, recipient: Address) {
        self.init(
            ruleset: ruleset, session: session, sender: sender, recipient: RecipientFacts(recipient))
    }

    package mutating func next(_ answers: [Answer]) -> Step<Decision> {
        switch stage {
        case .tables(let pair, let index, let run):
            return tables(pair, index, run, answers)
        case .forward(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .forward(run)
                return .ask(questions)
            case .done(let result, let entries):
                trail.append(contentsOf: entries)
                return forwarded(result)
            }
        case .verification(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .verification(run)
                return .ask(questions)
            case .done(let reply, let entries):
                trail.append(contentsOf: entries)
                if let reply { return reject(reply) }
                stage = .tables(pair: 1, index: 0, nil)
                return next([])
            }
        case .reverse(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .reverse(run)
                return .ask(questions)
            case .done(let result, let entries):
                trail.append(contentsOf: entries)
                switch result {
                case .unchanged: break
                case .changed(let address): marks.sender = "\(address)"
                case .failed: return reject(.policyFault)
                }
                return greylist()
            }
        case .greylist(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .greylist(run)
                return .ask(questions)
            case .done(let reply, let entries):
                trail.append(contentsOf: entries)
                return reply.map(reject) ?? admit()
            }
        }
    }

    // MARK: The tables

    private mutating func tables(
        _ pair: Int, _ index: Int, _ run: AccessRun?, _ answers: [Answer]
    ) -> Step<Decision> {
        var index = index
        var run = run
        var answers = answers
        let tables = Self.pairs[pair]
        // Two tables at most.
        while index < tables.count {
            let table = tables[index]
            // Most rulesets have one or two of the four.
            if run != nil || ruleset.tables.contains(table.rawValue) {
                var running = run ?? begin(table)
                switch running.next(answers) {
                case .ask(let questions):
                    stage = .tables(pair: pair, index: index, running)
                    return .ask(questions)
                case .done(let access, let entries):
                    trail.append(contentsOf: entries)
                    take(access, of: table, rule: running.rule)
                }
            }
            run = nil
            answers = []
            index += 1
        }
        if let rejection { return rejected(rejection) }
        return pair == 0 ? forward() : route()
    }

    private func begin(_ table: AccessTable) -> AccessRun {
        let subject = AccessTable.RecipientSubject(
            session: session, sender: sender, channel: channel, recipient: recipient, facts: facts,
            conversionTags: conversionTags)
        return AccessRun(
            table, probe: table.recipientProbe(subject, ruleset.policy.access),
            inputFlags: table.inputFlags(session, facts), about: recipient.description, ruleset: ruleset)
    }

    private mutating func take(_ access: AccessOutcome, of table: AccessTable, rule: String?) {
        if rejection == nil, let reply = access.rejection {
            rejection = reply
            rejectedBy = rule.map { (table, $0) }
        }
        marks.formUnion(access.marks)
        for tag in access.marks.conversionTags
        where conversionTags.count < Marks.listMax && !conversionTags.contains(tag) {
            conversionTags.append(tag)
        }
    }

    private mutating func rejected(_ reply: Reply) -> Step<Decision> {
        // Readers take a trail's last place for what decided; the other table of the pair may have spoken
        // since.
        if let rejectedBy, trail.entries.last(where: { $0.rule != nil })?.rule != rejectedBy.rule {
            trail.append(
                Trail.Entry(
                    .mapping, rule: rejectedBy.rule, about: rejectedBy.table.rawValue,
                    result: "rejected first, so it decides"))
        }
        return reject(reply)
    }

    // MARK: Relaying and forwarding

    private mutating func forward() -> Step<Decision> {
        let outside = ruleset.policy.outsideChannel
        if session.sourceChannel == outside, channel == outside {
            trail.append(
                Trail.Entry(
                    .policy, rule: "postern.toml [domains]", about: recipient.description,
                    result: "from \(outside) to \(outside): relaying is closed"))
            return reject(Reply(550, "5.7.1", "Relaying not allowed: \(recipient)"))
        }
        guard ForwardRun.isWanted(ruleset) else { return verify() }
        stage = .forward(
            ForwardRun(recipient, session: session, sender: sender, ruleset: ruleset))
        return next([])
    }

    private mutating func forwarded(_ result: ForwardRun.Result) -> Step<Decision> {
        if let reply = result.rejection { return reject(reply) }
        recipient = result.recipient
        channel = ruleset.policy.destinationChannel(of: recipient.domain)
        marks.holdReason = marks.holdReason ?? result.holdReason
        return verify()
    }

    private mutating func verify() -> Step<Decision> {
        stage = .verification(
            RecipientVerification(ruleset: ruleset, recipient: recipient, channel: channel))
        return next([])
    }

    private mutating func route() -> Step<Decision> {
        guard ruleset.policy.channels[channel]?.hasRoute == true else {
            trail.append(
                Trail.Entry(
                    .policy, rule: "postern.toml [channel.\(channel)]", about: recipient.description,
                    result: "channel \(channel) has no route"))
            return reject(Reply(550, "5.1.2", "No route to this domain: \(recipient)"))
        }
        guard ruleset.policy.access.reverse == .channels, ReverseRun.isWanted(ruleset), let sender else {
            return greylist()
        }
        stage = .reverse(
            ReverseRun(
                sender, channels: (source: session.sourceChannel, destination: channel), ruleset: ruleset))
        return next([])
    }

    /// Last of all: what is refused anyhow needs no second attempt.
    private mutating func greylist() -> Step<Decision> {
        stage = .greylist(
            Greylisting(
                policy: ruleset.policy, session: session, sender: senderFacts, recipient: recipient))
        return next([])
    }

    // MARK: Ends

    private func admit() -> Step<Decision> {
        var marks = marks
        marks.destinationChannel = channel
        marks.recipient = recipient
        return .done(.admit(marks), trail)
    }

    private func reject(_ reply: Reply) -> Step<Decision> {
        .done(.reject(reply, marks.consequences), trail)
    }
}
