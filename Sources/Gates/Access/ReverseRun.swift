// SPDX-License-Identifier: MIT

internal import MappingTables
internal import Mail

/// One address turned into the form that the outside is to see: by the text database `reverse`, and where
/// that doesn't know it by the table `REVERSE`, whose `$D` sends its result through the database once more.
///
/// Applied to envelope senders. Header fields stay as they are: they may be signed.
struct ReverseRun: Evaluation {
    enum Result: Sendable, Equatable {
        case unchanged
        case changed(Address)
        /// It could not be told; the trail says why.
        case failed
    }

    static let database = "reverse"

    private enum Stage: Sendable {
        case start
        case database(DatabaseLookup)
        case table(TableRun)
        /// The database again, for what the table made of the address.
        case databaseAgain(DatabaseLookup, made: Address)
    }

    private let ruleset: Ruleset
    private let address: Address
    private let probe: String
    private var stage = Stage.start
    private var trail = Trail()

    /// `channels`: from and to, where the table is to see them.
    init(_ address: Address, channels: (source: String, destination: String)? = nil, ruleset: Ruleset) {
        self.ruleset = ruleset
        self.address = address
        var probe = Probe(ruleset.policy.access)
        if let channels {
            probe.add(channels.source)
            probe.add(channels.destination)
        }
        probe.add(address)
        self.probe = probe.text
    }

    /// Whether there is anything to look into.
    static func isWanted(_ ruleset: Ruleset) -> Bool {
        ruleset.tables.contains(AccessTable.reverse.rawValue) || ruleset.databases[database] != nil
    }

    mutating func next(_ answers: [Answer]) -> Step<Result> {
        switch stage {
        case .start:
            guard ruleset.databases[Self.database] != nil else { return askTable() }
            stage = .database(
                DatabaseLookup(Self.database, key: "\(address)", in: ruleset.databases))
            return next([])
        case .database(var lookup):
            switch lookup.next(answers) {
            case .ask(let questions):
                stage = .database(lookup)
                return .ask(questions)
            case .done(.none, _): return askTable()
            case .done(.failed, let entries), .done(.keys, let entries):
                trail.append(contentsOf: entries)
                return .done(.failed, trail)
            case .done(.value(let text), let entries):
                trail.append(contentsOf: entries)
                return done(text)
            }
        case .table(var run):
            switch run.next(answers) {
            case .ask(let questions):
                stage = .table(run)
                return .ask(questions)
            case .done(let outcome, let entries):
                trail.append(contentsOf: entries)
                return read(outcome)
            }
        case .databaseAgain(var lookup, let made):
            switch lookup.next(answers) {
            case .ask(let questions):
                stage = .databaseAgain(lookup, made: made)
                return .ask(questions)
            case .done(.none, _): return .done(.changed(made), trail)
            case .done(.failed, let entries), .done(.keys, let entries):
                trail.append(contentsOf: entries)
                return .done(.failed, trail)
            case .done(.value(let text), let entries):
                trail.append(contentsOf: entries)
                return done(text)
            }
        }
    }

    private mutating func askTable() -> Step<Result> {
        guard ruleset.tables.contains(AccessTable.reverse.rawValue) else { return .done(.unchanged, trail) }
        // `E` an envelope's address, `R` one that points back to the sender.
        stage = .table(
            TableRun(.reverse, probe: probe, inputFlags: ["E", "R"], tables: ruleset.tables))
        return next([])
    }

    private mutating func read(_ outcome: TableOutcome) -> Step<Result> {
        guard outcome.overrun == nil else { return .done(.failed, trail) }
        guard outcome.matched, outcome.has("Y"), !outcome.has("N") else { return .done(.unchanged, trail) }
        guard outcome.has("D"), ruleset.databases[Self.database] != nil,
            case .mailbox(let made) = EnvelopeAddress.read(outcome.output)
        else { return done(outcome.output) }
        stage = .databaseAgain(
            DatabaseLookup(Self.database, key: "\(made)", in: ruleset.databases), made: made)
        return next([])
    }

    private mutating func done(_ text: String) -> Step<Result> {
        guard case .mailbox(let made) = EnvelopeAddress.read(text) else {
            trail.append(
                Trail.Entry(
                    .mapping, rule: nil, about: "\(AccessTable.reverse.rawValue) \(address)",
                    result: "\"\(PlainText.excerpt(text))\" is no address; passed over"))
            return .done(.unchanged, trail)
        }
        return .done(made == address ? .unchanged : .changed(made), trail)
    }
}
