// SPDX-License-Identifier: MIT

package import Gates
package import Mail
package import NIOCore
package import Telemetry

/// Drives evaluations: finds the answer to each question, writes both down in the order in which the
/// evaluation got them, and calls back with the judgement. An evaluation whose answers are all known ends
/// before `judge` returns.
///
/// Every evaluation ends: at its deadline what is still awaited becomes "unavailable", and an answer that
/// comes later is dropped. Belongs to one event loop.
package final class Driver {
    private let carrier: any QuestionCarrier
    private let counters: CounterPage
    private let loop: any EventLoop
    private var outstanding = 0

    package init(carrier: any QuestionCarrier, counters: CounterPage, loop: any EventLoop) {
        self.carrier = carrier
        self.counters = counters
        self.loop = loop
    }

    /// What one evaluation has been through.
    private struct Run<Gate: Evaluation> where Gate.Outcome: Codable & Hashable {
        var gate: Gate
        var exchanges: [Exchange] = []
        var rounds = 0
        let message: MessageBytes?
        let secret: [UInt8]?
        /// Of an earlier evaluation of the same thing: what it was answered holds for this one too.
        var remembered: [Exchange]
        let seconds: Int
        /// Counts from the first question that leaves the process.
        var deadline: NIODeadline?
        let budget: QuestionBudget
    }

    /// Judges within `seconds`. `finish` is called once, on the event loop, before this returns or later.
    /// `secret` goes beside an identity question. Questions that are in `remembered` get the answer from
    /// there and are not asked again.
    package func judge<Gate: Evaluation>(
        _ gate: Gate, message: MessageBytes? = nil, secret: [UInt8]? = nil, remembered: [Exchange] = [],
        seconds: Int, budget: QuestionBudget,
        then finish: @escaping (Judgement<Gate.Outcome>) -> Void
    ) where Gate.Outcome: Codable & Hashable {
        let run = Run(
            gate: gate, message: message, secret: secret, remembered: remembered, seconds: seconds,
            budget: budget)
        go(run, [], then: finish)
    }

    private func go<Gate: Evaluation>(
        _ started: Run<Gate>, _ first: [Answer], then finish: @escaping (Judgement<Gate.Outcome>) -> Void
    ) where Gate.Outcome: Codable & Hashable {
        var run = started
        var answers = first
        // Bounded: after `QuestionLimits.roundsMax` rounds nothing is carried any more, and each language
        // limits how often it asks.
        while true {
            switch run.gate.next(answers) {
            case .done(let outcome, let trail):
                finish(Judgement(exchanges: run.exchanges, outcome: outcome, trail: trail))
                return
            case .ask(let questions):
                run.rounds += 1
                guard let all = known(questions, &run) ?? ask(questions, run, then: finish) else { return }
                answers = all
                note(questions, answers, &run)
            }
        }
    }

    /// The answers, if nobody has to be asked for any of them.
    private func known<Gate: Evaluation>(_ questions: [Question], _ run: inout Run<Gate>) -> [Answer]? {
        if !run.remembered.isEmpty, let answers = remembered(questions, &run.remembered) { return answers }
        var answers: [Answer] = []
        answers.reserveCapacity(questions.count)
        for question in questions {
            guard let answer = carrier.known(question, message: run.message) else { return nil }
            answers.append(answer)
        }
        counters.add(.questionsFromCache, UInt64(answers.count))
        return answers
    }

    /// The answers of an earlier evaluation, in its order, if it asked the same in one step.
    private func remembered(_ questions: [Question], _ exchanges: inout [Exchange]) -> [Answer]? {
        var rest = exchanges
        var answers: [Answer] = []
        for question in questions {
            guard let index = rest.firstIndex(where: { $0.question == question }) else { return nil }
            answers.append(rest.remove(at: index).answer)
        }
        exchanges = rest
        return answers
    }

    /// Asks for what isn't known, all at once. Nil where answers are awaited; the evaluation then goes on
    /// when the last has come, or at its deadline.
    private func ask<Gate: Evaluation>(
        _ questions: [Question], _ started: Run<Gate>,
        then finish: @escaping (Judgement<Gate.Outcome>) -> Void
    ) -> [Answer]? where Gate.Outcome: Codable & Hashable {
        var run = started
        let now = loop.now
        let deadline = run.deadline ?? now + .seconds(Int64(run.seconds))
        run.deadline = deadline
        let round = QuestionRound(count: questions.count)
        for (index, question) in questions.enumerated() {
            if let answer = carrier.known(question, message: run.message) {
                counters.add(.questionsFromCache)
                round.answers[index] = answer
            } else if let reason = objection(run, isLate: now >= deadline) {
                round.answers[index] = .unavailable(reason)
            } else {
                carry(question, index, of: round, run.message, run.secret, deadline: deadline)
            }
        }
        if let answers = round.complete() { return answers }
        let going = run
        round.proceed = { [self] answers in
            var run = going
            note(questions, answers, &run)
            go(run, answers, then: finish)
        }
        round.timer = loop.assumeIsolated().scheduleTask(deadline: deadline) { [self] in
            outstanding -= round.expire("no answer within \(run.seconds) s")
            round.finishIfComplete()
        }
        return nil
    }

    private func carry(
        _ question: Question, _ index: Int, of round: QuestionRound, _ message: MessageBytes?,
        _ secret: [UInt8]?, deadline: NIODeadline
    ) {
        outstanding += 1
        let answer = carrier.ask(
            question, message: message, secret: secret, deadline: deadline, on: loop)
        answer.assumeIsolated().whenComplete { [self] result in
            // Dropped at the deadline, and counted there.
            guard round.answers[index] == nil else { return }
            outstanding -= 1
            // The carrier's futures don't fail; should one, the evaluation hears that nothing could be had.
            round.answers[index] =
                (try? result.get()) ?? .unavailable("the question could not be carried")
            round.finishIfComplete()
        }
    }

    /// Why a question isn't carried at all.
    private func objection<Gate: Evaluation>(_ run: Run<Gate>, isLate: Bool) -> String? {
        if isLate { return "the \(run.seconds) s for all answers are spent" }
        if run.rounds > QuestionLimits.roundsMax { return "too many rounds of questions" }
        if outstanding >= QuestionLimits.outstandingMax { return "too many questions wait for an answer" }
        return run.budget.take() ? nil : "too many questions in one session"
    }

    private func note<Gate: Evaluation>(_ questions: [Question], _ answers: [Answer], _ run: inout Run<Gate>)
    {
        counters.add(.questionsAsked, UInt64(questions.count))
        run.exchanges.reserveCapacity(run.exchanges.count + questions.count)
        for (question, answer) in zip(questions, answers) {
            if case .unavailable = answer { counters.add(.questionsUnavailable) }
            run.exchanges.append(Exchange(question: question, answer: answer))
        }
    }
}

/// Questions that went out together, and the answers so far. A class, because each answer comes by itself.
private final class QuestionRound {
    var answers: [Answer?]
    var timer: Scheduled<Void>?
    /// Set once something is awaited; given up with the last answer, and with it all that it holds.
    var proceed: (([Answer]) -> Void)?

    init(count: Int) { answers = Array(repeating: nil, count: count) }

    func complete() -> [Answer]? {
        answers.contains { $0 == nil } ? nil : answers.compactMap { $0 }
    }

    func finishIfComplete() {
        guard let proceed, let answers = complete() else { return }
        self.proceed = nil
        timer?.cancel()
        timer = nil
        proceed(answers)
    }

    /// Answers what is still awaited; how much that was.
    func expire(_ reason: String) -> Int {
        let late = answers.indices.filter { answers[$0] == nil }
        for index in late { answers[index] = .unavailable(reason) }
        return late.count
    }
}

/// How many questions a session may still ask. A class, because every judgement of the session draws on it.
package final class QuestionBudget {
    private var left = QuestionLimits.perMessageMax

    package init() {}

    func take() -> Bool {
        guard left > 0 else { return false }
        left -= 1
        return true
    }

    /// A message was accepted: the client brings mail, and may go on.
    func refill() { left = QuestionLimits.perMessageMax }
}
