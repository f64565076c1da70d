// SPDX-License-Identifier: MIT

internal import MappingTables
internal import Mail

/// A recipient turned into the one that its mail is forwarded to: by the table `FORWARD`, and by the text
/// database `forward` for what the table lets be. What comes out is put in again, until nothing changes any
/// more or an entry says `$H`.
struct ForwardRun: Evaluation {
    struct Result: Sendable, Equatable {
        var recipient: Address
        var rejection: Reply?
        var holdReason: String?
    }

    static let database = "forward"
    /// Changes of one recipient: forwarding has a purpose or two, and a table that goes on is a loop.
    static let changesMax = 10

    private enum Stage: Sendable {
        case start
        case table(TableRun)
        case database(DatabaseLookup)
    }

    private let ruleset: Ruleset
    private let session: SessionFacts
    private let sender: Address?
    private var result: Result
    /// Each form that the recipient had.
    private var seen: [Address]
    private var stage = Stage.start
    private var trail = Trail()

    init(_ recipient: Address, session: SessionFacts, sender: Address?, ruleset: Ruleset) {
        self.ruleset = ruleset
        self.session = session
        self.sender = sender
        result = Result(recipient: recipient)
        seen = [recipient]
    }

    /// Whether there is anything to look into.
    static func isWanted(_ ruleset: Ruleset) -> Bool {
        ruleset.tables.contains(AccessTable.forward.rawValue) || ruleset.databases[database] != nil
    }

    mutating func next(_ answers: [Answer]) -> Step<Result> {
        switch stage {
        case .start:
            return begin()
        case .table(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .table(run)
                return .ask(questions)
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                return read(outcome)
            }
        case .database(var lookup):
            switch lookup.next(answers) {
            case .ask(let questions):
                stage = .database(lookup)
                return .ask(questions)
            case .done(.none, _): return .done(result, trail)
            case .done(.failed, let entries), .done(.keys, let entries):
                trail.append(contentsOf: entries)
                return refuse(.policyFault)
            case .done(.value(let text), let entries):
                trail.append(contentsOf: entries)
                return change(text, endsHere: false)
            }
        }
    }

    private mutating func begin() -> Step<Result> {
        guard ruleset.tables.contains(AccessTable.forward.rawValue) else { return askDatabase() }
        var probe = Probe(ruleset.policy.access)
        if ruleset.policy.access.forward == .channels {
            probe.add(session.sourceChannel)
            probe.add(sender)
        }
        probe.add(result.recipient)
        stage = .table(TableRun(.forward, probe: probe.text, inputFlags: [], tables: ruleset.tables))
        return next([])
    }

    private mutating func askDatabase() -> Step<Result> {
        guard ruleset.databases[Self.database] != nil else { return .done(result, trail) }
        stage = .database(
            DatabaseLookup(Self.database, key: "\(result.recipient)", in: ruleset.databases))
        return next([])
    }

    private mutating func read(_ outcome: TableOutcome) -> Step<Result> {
        guard outcome.overrun == nil else { return refuse(.policyFault) }
        if outcome.has("I"), result.holdReason == nil {
            result.holdReason =
                "\(AccessTable.forward.rawValue) \(outcome.place?.description ?? "") set $I"
        }
        guard outcome.matched, outcome.has("Y"), !outcome.has("N") else {
            return outcome.has("H") ? .done(result, trail) : askDatabase()
        }
        return change(outcome.output, endsHere: outcome.has("H"))
    }

    private mutating func change(_ text: String, endsHere: Bool) -> Step<Result> {
        guard case .mailbox(let next) = EnvelopeAddress.read(text) else {
            trail.append(
                Trail.Entry(
                    .mapping, rule: nil, about: "\(AccessTable.forward.rawValue) \(result.recipient)",
                    result: "\"\(PlainText.excerpt(text))\" is no address; passed over"))
            return .done(result, trail)
        }
        guard next != result.recipient else { return .done(result, trail) }
        guard !seen.contains(next), seen.count <= Self.changesMax else {
            trail.append(
                Trail.Entry(
                    .policy, rule: nil, about: "\(AccessTable.forward.rawValue) \(result.recipient)",
                    result: "forwarding goes round in a loop: \(seen.map(\.description))"))
            return refuse(Reply(550, "5.4.6", "Forwarding loop: \(seen[0])"))
        }
        seen.append(next)
        result.recipient = next
        guard !endsHere else { return .done(result, trail) }
        stage = .start
        return self.next([])
    }

    private mutating func refuse(_ reply: Reply) -> Step<Result> {
        result.rejection = reply
        return .done(result, trail)
    }
}
