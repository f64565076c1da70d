// SPDX-License-Identifier: MIT

/// What evaluations may ask for.
enum QuestionLimits {
    /// Questions that leave the process, of one session, from one accepted message to the next. A table or
    /// script that asks more is answered "unavailable", so that a client can't make us ask without end by
    /// sending one RCPT after another. Each of a thousand recipients may need some: who he is, where his
    /// scripts stand, whom he answered.
    static let perMessageMax = 10_000
    /// Questions of one worker that wait for an answer.
    static let outstandingMax = 1_000
    /// Rounds of questions of one evaluation: a few for each of a thousand recipients whose scripts ask.
    static let roundsMax = 4_000
}
