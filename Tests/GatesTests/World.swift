// SPDX-License-Identifier: MIT
import Mail

/// The world as a test has it. Names that it doesn't hold don't exist; scanners that it doesn't hold are
/// gone.
struct World {
    /// By type and name: `A 7.2.0.192.list.test`.
    var dns: [String: DNSAnswer] = [:]
    var scans: [String: Answer] = [:]
    /// Answers to any other question.
    var others: [Question: Answer] = [:]
    /// There is a memory, and it holds nothing.
    var hasEmptyMemory = false
    /// 2026-10-26 00:53:20 UTC.
    var time: Int64 = 1_792_976_000

    func answer(_ question: Question) -> Answer {
        switch question {
        case .dns(let asked): .dns(dns["\(asked.type.rawValue) \(asked.name)"] ?? .noSuchName(ttlSeconds: 60))
        case .scan(let scanner): scans[scanner] ?? .unavailable("scanner \(scanner) is gone")
        case .time: .time(time)
        case .memory where hasEmptyMemory: .memory(expires: nil)
        default: others[question] ?? .unavailable("nobody to ask")
        }
    }
}

/// An evaluation driven to its end.
struct Driven<Outcome: Sendable> {
    var outcome: Outcome
    var trail: Trail
    /// The questions of each round.
    var rounds: [[Question]]

    /// Names that DNS was asked for, in order, each with its type.
    var names: [String] {
        rounds.joined().compactMap { question in
            if case .dns(let asked) = question { "\(asked.type.rawValue) \(asked.name)" } else { nil }
        }
    }

    /// Places of rules, in order.
    var rules: [String] { trail.entries.compactMap(\.rule) }
    var results: [String] { trail.entries.map(\.result) }
    /// The first words of what the trail's entries are about: tables and addresses.
    var abouts: [String] { trail.entries.map { String($0.about.prefix { $0 != " " }) } }
}

func drive<Gate: Evaluation>(_ gate: Gate, in world: World = World()) -> Driven<Gate.Outcome> {
    var gate = gate
    var rounds: [[Question]] = []
    var answers: [Answer] = []
    while true {
        switch gate.next(answers) {
        case .done(let outcome, let trail): return Driven(outcome: outcome, trail: trail, rounds: rounds)
        case .ask(let questions):
            rounds.append(questions)
            answers = questions.map(world.answer)
        }
    }
}
