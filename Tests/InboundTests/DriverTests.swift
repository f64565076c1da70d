// SPDX-License-Identifier: MIT

import Gates
import Mail
import NIOCore
import NIOEmbedded
import Telemetry
import Testing

@testable import Inbound

@Suite("The driver of an evaluation")
struct DriverTests {
    @Test("that knows every answer is done before it returns")
    func known() throws {
        let trial = Trial()
        let question = try Sample.question("known.test", .a)
        trial.carrier.known[question] = Sample.notListed
        trial.judge([[.time], [question, .time]])
        #expect(
            trial.outcome == [
                [.time(FakeCarrier.seconds)], [Sample.notListed, .time(FakeCarrier.seconds)],
            ])
        #expect(trial.judgement?.exchanges.map(\.question) == [.time, question, .time])
        #expect(trial.carrier.asked.isEmpty)
        #expect(trial.counters.value(.questionsAsked) == 3)
        #expect(trial.counters.value(.questionsFromCache) == 3)
    }

    @Test("asks together what is unknown, and goes on with the last answer, whatever their order")
    func together() throws {
        let trial = Trial()
        let (one, two) = (try Sample.question("one.test", .a), try Sample.question("two.test", .a))
        trial.judge([[one, .time, two]])
        #expect(trial.carrier.asked == [one, two])
        trial.carrier.answer(two, .dns(.timedOut))
        #expect(trial.outcome == nil)
        trial.carrier.answer(one, Sample.notListed)
        #expect(trial.outcome == [[Sample.notListed, .time(FakeCarrier.seconds), .dns(.timedOut)]])
        #expect(trial.judgement?.exchanges.map(\.question) == [one, .time, two])
    }

    @Test("answers for those who are late, keeps what came in time, and drops what comes later")
    func late() throws {
        let trial = Trial()
        let (one, two) = (try Sample.question("one.test", .a), try Sample.question("two.test", .a))
        trial.judge([[one, two], [.time]])
        trial.carrier.answer(one, Sample.notListed)
        trial.loop.advanceTime(by: .seconds(19))
        #expect(trial.outcome == nil)
        trial.loop.advanceTime(by: .seconds(1))
        let expected: [[Answer]] = [
            [Sample.notListed, .unavailable("no answer within 20 s")], [.time(FakeCarrier.seconds)],
        ]
        #expect(trial.outcome == expected)
        trial.carrier.answer(two, Sample.notListed)
        #expect(trial.outcome == expected)
        #expect(trial.finishes == 1)
    }

    @Test("counts the time from the first question for all rounds together")
    func rounds() throws {
        let trial = Trial()
        let (one, two) = (try Sample.question("one.test", .a), try Sample.question("two.test", .a))
        trial.judge([[one], [two], [one]])
        trial.loop.advanceTime(by: .seconds(15))
        trial.carrier.answer(one, Sample.notListed)
        trial.loop.advanceTime(by: .seconds(5))
        #expect(
            trial.outcome == [
                [Sample.notListed], [.unavailable("no answer within 20 s")],
                [.unavailable("the 20 s for all answers are spent")],
            ])
        #expect(trial.carrier.asked == [one, two])
        trial.carrier.answerAll(Sample.notListed)
    }

    @Test("carries no more rounds than the limit, and then still comes to an end")
    func tooManyRounds() throws {
        let trial = Trial()
        let question = try Sample.question("one.test", .a)
        trial.judge(Array(repeating: [question], count: QuestionLimits.roundsMax + 5))
        for _ in 1...QuestionLimits.roundsMax { trial.carrier.answer(question, Sample.notListed) }
        #expect(
            trial.outcome?.suffix(5)
                == Array(repeating: [.unavailable("too many rounds of questions")], count: 5)[...])
        #expect(trial.carrier.asked.count == QuestionLimits.roundsMax)
    }

    @Test("asks no more at once than the limit of the worker, and again when answers have come")
    func outstanding() throws {
        let trial = Trial()
        let questions = try (0...QuestionLimits.outstandingMax).map { try Sample.question("l\($0).test", .a) }
        trial.judge([questions])
        #expect(trial.carrier.asked.count == QuestionLimits.outstandingMax)
        trial.carrier.answerAll(Sample.notListed)
        #expect(trial.outcome?.first?.last == .unavailable("too many questions wait for an answer"))
        trial.judge([[questions[0]]])
        trial.carrier.answerAll(Sample.notListed)
        #expect(trial.outcome == [[Sample.notListed]])
    }

    @Test("gives the places of late questions back, once")
    func placesOfTheLate() throws {
        let trial = Trial()
        let questions = try (0..<QuestionLimits.outstandingMax).map { try Sample.question("l\($0).test", .a) }
        trial.judge([questions])
        trial.loop.advanceTime(by: .seconds(20))
        trial.carrier.answerAll(Sample.notListed)
        trial.budget.refill()
        trial.judge([questions])
        #expect(trial.carrier.asked.count == 2 * QuestionLimits.outstandingMax)
        trial.carrier.answerAll(Sample.notListed)
        #expect(trial.outcome == [Array(repeating: Sample.notListed, count: questions.count)])
    }

    @Test("asks no more for one session than its limit")
    func session() throws {
        let trial = Trial()
        let question = try Sample.question("one.test", .a)
        for _ in 0..<QuestionLimits.perMessageMax {
            trial.judge([[question]])
            trial.carrier.answer(question, Sample.notListed)
        }
        trial.judge([[question]])
        #expect(trial.outcome == [[.unavailable("too many questions in one session")]])
    }

    @Test("tells the evaluation when a question could not be carried at all")
    func failing() throws {
        let trial = Trial()
        trial.judge([[try Sample.question("one.test", .a)]])
        trial.carrier.failAll()
        #expect(trial.outcome == [[.unavailable("the question could not be carried")]])
    }
}

/// Asks what it is told to, and its outcome is what it heard.
private struct Inquiry: Evaluation {
    var rounds: [[Question]]
    var heard: [[Answer]] = []

    mutating func next(_ answers: [Answer]) -> Step<[[Answer]]> {
        if !answers.isEmpty { heard.append(answers) }
        guard !rounds.isEmpty else { return .done(heard, Trail()) }
        return .ask(rounds.removeFirst())
    }
}

private final class Trial {
    let loop = EmbeddedEventLoop()
    let carrier = FakeCarrier()
    let counters = CounterPage()
    let budget = QuestionBudget()
    private let driver: Driver
    private(set) var judgement: Judgement<[[Answer]]>?
    private(set) var finishes = 0

    var outcome: [[Answer]]? { judgement?.outcome }

    init() { driver = Driver(carrier: carrier, counters: counters, loop: loop) }

    func judge(_ rounds: [[Question]]) {
        judgement = nil
        driver.judge(Inquiry(rounds: rounds), seconds: 20, budget: budget) { [self] in
            judgement = $0
            finishes += 1
        }
    }
}
