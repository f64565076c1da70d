// SPDX-License-Identifier: MIT

import Configuration
import Lookups
import Mail

/// Where a command's evaluations get their answers.
enum CommandWorld {
    /// DNS from a file, and nothing from anywhere else.
    case zone(ZoneFile)
    /// DNS and live databases, as the configuration says.
    case network(NetworkQuestions)

    /// Rounds of questions of one evaluation, at most. Each evaluation has a lower limit of its own.
    static let roundsMax = 1_000

    /// Drives `evaluation` to its end.
    mutating func outcome<Judging: Evaluation>(of evaluation: Judging) throws(CommandFailure)
        -> Judging.Outcome
    {
        var evaluation = evaluation
        var answers: [Answer] = []
        for _ in 0..<Self.roundsMax {
            switch evaluation.next(answers) {
            case .done(let outcome, _): return outcome
            case .ask(let questions): answers = try self.answers(questions)
            }
        }
        throw .faulty("it asks without end; given up after \(Self.roundsMax) rounds of questions")
    }

    /// One answer for each question, in their order.
    mutating func answers(_ questions: [Question]) throws(CommandFailure) -> [Answer] {
        switch self {
        case .zone(let zone): return questions.map(zone.answer)
        case .network(var network):
            defer { self = .network(network) }
            return try network.answers(questions)
        }
    }
}

/// Questions put to whom the configuration names: DNS, live databases, folders of scripts. The resolver is
/// made with the first of them: most commands have none, and need no configuration then.
struct NetworkQuestions {
    private let rules: ConfigurationOption
    private var lookup: OneTimeLookup?

    init(_ rules: ConfigurationOption) { self.rules = rules }

    /// Unavailable is what a command doesn't ask: what counts, what costs others work, what needs a secret.
    mutating func answers(_ questions: [Question]) throws(CommandFailure) -> [Answer] {
        try found(questions).map { $0 ?? .unavailable("a command doesn't ask that") }
    }

    /// Nil for what a command doesn't ask.
    mutating func found(_ questions: [Question]) throws(CommandFailure) -> [Answer?] {
        let isNeeded = questions.contains { question in
            switch question {
            case .dns, .database, .script: true
            default: false
            }
        }
        if lookup == nil, isNeeded { lookup = try makeLookup() }
        return lookup?.answers(questions) ?? questions.map(OneTimeLookup.ownAnswer)
    }

    private func makeLookup() throws(CommandFailure) -> OneTimeLookup {
        guard let all = rules.settings(of: try rules.read().sources) else {
            throw .faulty(
                "\(rules.path) has mistakes, so nobody knows whom to ask; --zone gives answers from a file")
        }
        let settings = all.lookups
        let live = all.databases.filter(\.isLive).map { ($0.name, $0.path) }
        do {
            return try OneTimeLookup(
                settings: LookupSettings(
                    servers: settings.servers.map { "\($0.address)@\($0.port)" },
                    localData: settings.localData,
                    localZones: settings.localZones, trustAnchorPath: settings.trustAnchor),
                databases: Dictionary(live, uniquingKeysWith: { $1 }), scripts: all.filters.folders,
                budgetMs: settings.timeoutMs)
        } catch {
            throw .badUsage("DNS can't be asked: \(error); --zone gives answers from a file")
        }
    }
}
