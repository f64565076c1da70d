// SPDX-License-Identifier: MIT

package import Mail

/// What the lookups role is sent to do.
package enum Errand: Hashable, Sendable {
    /// The secret goes with an identity question only. It is in no log and in no case.
    case ask(Question, secret: [UInt8]?)
    /// `judgedAt` is when the message was judged, in seconds since 1970-01-01 UTC: what is to last, lasts
    /// from then.
    case carryOut(Effect, EffectKey, judgedAt: Int64)

    /// The answer that says that there is none: in the question's own form where that has one, so that
    /// whoever asked hears which service was the cause.
    package func failure(_ reason: String) -> ErrandResult {
        switch self {
        case .ask(let question, _): .answer(question.failure(reason))
        case .carryOut: .notCarriedOut(reason)
        }
    }
}

/// What came of an errand.
package enum ErrandResult: Hashable, Sendable {
    case answer(Answer)
    case carriedOut
    /// The text says why it wasn't; trying again may help.
    case notCarriedOut(String)
}

/// Names an effect: however often it is handed in under the same key, it is carried out once.
package struct EffectKey: Hashable, Sendable {
    /// The message's id: 1 to `messageOctetsMax` octets.
    package let message: String
    /// Which of the message's effects, from 0.
    package let index: Int

    /// Octets of a message's id: ours have some twenty.
    package static let messageOctetsMax = 256
    /// Effects of one message, at most.
    package static let indexMax = 65_535

    /// Nil where a limit isn't kept.
    package init?(message: String, index: Int) {
        guard (1...Self.messageOctetsMax).contains(message.utf8.count),
            (0...Self.indexMax).contains(index)
        else { return nil }
        self.message = message
        self.index = index
    }
}

extension Question {
    /// That nobody can answer it now, and why: in its own form where that has one.
    package func failure(_ reason: String) -> Answer {
        switch self {
        case .dns: .dns(.failed(reason))
        case .database: .database(.failed(reason))
        case .directory: .directory(.unreachable(reason))
        case .meter: .meter(.failed(reason))
        case .recipient: .recipient(.unsure(reason))
        case .identity: .identity(.failed(reason))
        case .script: .script(.unreachable(reason))
        case .sequence, .memory, .callout, .scan, .time, .dice: .unavailable(reason)
        }
    }
}

extension ErrandResult {
    /// Whether it is an answer at all, and not only that there is none.
    var isSuccess: Bool {
        switch self {
        case .notCarriedOut, .answer(.dns(.failed)), .answer(.dns(.timedOut)), .answer(.unavailable),
            .answer(.database(.failed)), .answer(.directory(.unreachable)), .answer(.directory(.refused)),
            .answer(.meter(.failed)), .answer(.recipient(.unsure)), .answer(.identity(.failed)),
            .answer(.script(.unreachable)):
            false
        case .answer, .carriedOut: true
        }
    }
}
