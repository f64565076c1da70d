// SPDX-License-Identifier: MIT

import Configuration
import Lookups
import Mail

/// Where a command's evaluations get their answers.
enum CommandWorld {
    /// From a file, and from nowhere else.
    case zone(ZoneFile)
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

    private mutating func answers(_ questions: [Question]) throws(CommandFailure) -> [Answer] {
        switch self {
        case .zone(let zone): return questions.map(zone.answer)
        case .network(var network):
            defer { self = .network(network) }
            return try network.answers(questions)
        }
    }
}

/// DNS questions put to the resolver that the configuration names. It is made with the first question: most
/// commands have none, and need no configuration then.
struct NetworkQuestions {
    private let rules: ConfigurationOption
    private var lookup: OneTimeLookup?

    init(_ rules: ConfigurationOption) { self.rules = rules }

    mutating func answers(_ questions: [Question]) throws(CommandFailure) -> [Answer] {
        if lookup == nil { lookup = try makeLookup() }
        guard let lookup else { return questions.map { _ in .unavailable("there is no resolver") } }
        let asked = questions.map { question -> DNSQuestion? in
            if case .dns(let question) = question { question } else { nil }
        }
        var answers = lookup.answers(asked.compactMap { $0 })[...]
        return asked.map { question in
            guard question != nil, let answer = answers.popFirst() else {
                return .unavailable("this command asks DNS only")
            }
            return .dns(answer)
        }
    }

    private func makeLookup() throws(CommandFailure) -> OneTimeLookup {
        guard let settings = rules.settings(of: try rules.read().sources)?.lookups else {
            throw .faulty(
                "\(rules.path) has mistakes, so nobody knows whom to ask; --zone gives answers from a file")
        }
        do {
            return try OneTimeLookup(
                settings: LookupSettings(
                    servers: settings.servers.map { "\($0.address)@\($0.port)" },
                    localData: settings.localData,
                    localZones: settings.localZones, trustAnchorPath: settings.trustAnchor),
                budgetMs: settings.timeoutMs)
        } catch {
            throw .badUsage("DNS can't be asked: \(error); --zone gives answers from a file")
        }
    }
}
