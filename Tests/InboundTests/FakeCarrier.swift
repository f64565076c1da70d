// SPDX-License-Identifier: MIT

import Mail
import NIOCore

@testable import Inbound

/// Carries questions to the test. Some answers it knows; the others wait until the test gives one, or for
/// ever.
final class FakeCarrier: QuestionCarrier {
    /// 2026-11-21 12:00:00 UTC.
    static let seconds: Int64 = 1_795_262_400

    /// Answers known at once.
    var known: [Question: Answer] = [:]
    private(set) var asked: [Question] = []
    /// What came beside identity questions.
    private(set) var secrets: [[UInt8]] = []
    private(set) var waiting: [(question: Question, promise: EventLoopPromise<Answer>)] = []

    func known(_ question: Question, message: MessageBytes?) -> Answer? {
        if case .time = question { return .time(Self.seconds) }
        return known[question]
    }

    func ask(
        _ question: Question, message: MessageBytes?, secret: [UInt8]?, deadline: NIODeadline,
        on loop: any EventLoop
    ) -> EventLoopFuture<Answer> {
        if let secret { secrets.append(secret) }
        let promise = loop.makePromise(of: Answer.self)
        asked.append(question)
        waiting.append((question, promise))
        return promise.futureResult
    }

    /// Answers all that wait for this.
    func answer(_ question: Question, _ answer: Answer) {
        let ready = waiting.filter { $0.question == question }
        waiting.removeAll { $0.question == question }
        for each in ready { each.promise.succeed(answer) }
    }

    /// Answers whatever waits, and what is asked in consequence, until nothing waits.
    func answerAll(_ answer: Answer) {
        while !waiting.isEmpty { waiting.removeFirst().promise.succeed(answer) }
    }
    func failAll() {
        while !waiting.isEmpty { waiting.removeFirst().promise.fail(ChannelError.eof) }
    }
}
