// SPDX-License-Identifier: MIT

import Gates
import Inbound
import Mail

/// The world of a trial: what a command was told, then what a zone file or the network says, then the clock.
struct TrialWorld {
    /// Rounds of questions of one evaluation, at most. Each evaluation has a lower limit of its own.
    static let roundsMax = 1_000

    var world: CommandWorld
    /// Seconds since 1970-01-01 UTC, where the command was told the time.
    var now: Int64?
    /// What scanners say, by name; one that isn't here is unavailable.
    var scans: [String: ScanReport.State] = [:]
    /// Who proves to be whom, by identity; nobody else can say.
    var identities: [String: Address] = [:]

    /// Drives `evaluation` to its end, as a worker would.
    mutating func judgement<Judging: Evaluation>(
        of evaluation: Judging
    ) throws(CommandFailure) -> Judgement<Judging.Outcome> {
        var evaluation = evaluation
        var answers: [Answer] = []
        var exchanges: [Exchange] = []
        for _ in 0..<Self.roundsMax {
            switch evaluation.next(answers) {
            case .done(let outcome, let trail):
                return Judgement(exchanges: exchanges, outcome: outcome, trail: trail)
            case .ask(let questions):
                answers = try self.answers(questions)
                for (question, answer) in zip(questions, answers) {
                    exchanges.append(Exchange(question: question, answer: answer))
                }
            }
        }
        throw .faulty("it asks without end; given up after \(Self.roundsMax) rounds of questions")
    }

    private mutating func answers(_ questions: [Question]) throws(CommandFailure) -> [Answer] {
        let told = questions.map(told)
        let rest = zip(questions, told).filter { $0.1 == nil }.map(\.0)
        var others = rest.isEmpty ? [] : try world.answers(rest)[...]
        return zip(questions, told).map { question, told in
            told ?? Self.orElse(others.popFirst() ?? .unavailable("nobody to ask"), question)
        }
    }

    /// The time and dice are there, whoever else is asked.
    private static func orElse(_ answer: Answer, _ question: Question) -> Answer {
        guard case .unavailable = answer else { return answer }
        return switch question {
        case .time: .time(Worker.clockMs() / 1_000)
        case .dice: .dice(Int.random(in: 0..<1_000_000))
        default: answer
        }
    }

    private func told(_ question: Question) -> Answer? {
        switch question {
        case .time: now.map(Answer.time)
        case .scan(let name):
            scans[name].map { .scan(ScanReport(state: $0, tookMs: 0)) }
                ?? .unavailable("scanner \(name) isn't asked by a trial; say what it finds with --scanner")
        case .identity(let asked):
            identities[asked.identity].map { .identity(.verified(address: $0)) }
                ?? .unavailable("nobody is asked by a trial; name the identity with --identity")
        default: nil
        }
    }
}
