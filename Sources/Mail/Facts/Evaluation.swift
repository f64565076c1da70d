// SPDX-License-Identifier: MIT

/// A decision being made: a pure function of what it was made from and of the answers to its questions.
///
/// Whoever drives it calls `next([])` first. As long as it answers `ask`, the driver finds the answers,
/// records
/// question and answer, and calls `next` again with exactly one answer per question, in the same order.
/// Questions in
/// one step go out together. The protocol has no way to reach the world: no closure, no clock, no `async`.
package protocol Evaluation: Sendable {
    associatedtype Outcome: Sendable
    mutating func next(_ answers: [Answer]) -> Step<Outcome>
}

package enum Step<Outcome: Sendable>: Sendable {
    /// Never empty. At most `Evaluation`'s own limit of rounds come before `done`.
    case ask([Question])
    case done(Outcome, Trail)
}

/// A question with its answer, in the order in which an evaluation received them.
package struct Exchange: Codable, Hashable, Sendable {
    package var question: Question
    package var answer: Answer

    package init(question: Question, answer: Answer) {
        self.question = question
        self.answer = answer
    }
}
