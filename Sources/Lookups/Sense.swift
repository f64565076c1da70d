// SPDX-License-Identifier: MIT

package import Mail

/// One of the ways in which the lookups role learns something: a database, a directory, the meters.
///
/// The role's loop hands it errands and goes on at once. If no answer has come within `budgetMs`, the role
/// answers for it ("the directory did not answer within 5000 ms"), and what comes later is dropped.
package protocol Sense: AnyObject, Sendable {
    /// As messages name it, with its article: `the meters`, `directory "default"`.
    var name: String { get }
    /// Milliseconds that one errand may take, waiting for its turn included.
    var budgetMs: Int { get }
    /// Called on the role's loop: must return at once. `task` is to be finished once, now or later, from any
    /// thread. Which kinds come is `Senses`' matter; a kind that isn't its own it finishes with a failure.
    func take(_ task: SenseTask)
    /// Another process of the role begins: files that only one may write are left to it. Questions still
    /// come, and are answered from what is known. Must return at once.
    func handOver()
    /// Nothing comes any more. Returns when what was taken is finished and what is to be kept is written.
    func close()
}

extension Sense {
    package func handOver() {}
    package func close() {}
}

/// One errand, and whom to tell what came of it.
package struct SenseTask: Sendable {
    package let errand: Errand
    /// Nobody listens any more after it: milliseconds of the clock that `SenseTask.nowMs` reads. Work that
    /// has not begun by then is better left undone.
    package let deadlineMs: Int64
    private let token: UInt64
    private let line: ResultLine

    init(errand: Errand, deadlineMs: Int64, token: UInt64, line: ResultLine) {
        self.errand = errand
        self.deadlineMs = deadlineMs
        self.token = token
        self.line = line
    }

    /// The question, if it is one.
    package var question: Question? {
        if case .ask(let question, _) = errand { question } else { nil }
    }

    package var isLate: Bool { Self.nowMs() >= deadlineMs }

    /// From any thread. Only the first counts.
    package func finish(_ result: ErrandResult) { line.add(token, result) }
    package func answer(_ answer: Answer) { finish(.answer(answer)) }
    /// That there is no answer; `reason` names the service.
    package func fail(_ reason: String) { finish(errand.failure(reason)) }

    /// Milliseconds of a clock that never jumps.
    package static func nowMs() -> Int64 { SteadyTime.milliseconds() }
}

/// Watches over the names that are asked in DNS, on the role's loop.
package protocol NameWatch: AnyObject {
    /// Why `question` isn't asked now; nil where it is. Asked for every DNS question of a worker.
    func objection(to question: DNSQuestion) -> String?
    /// Questions of its own that are due, at `nowMs` of the steady clock. Called about once a second.
    func due(nowMs: Int64) -> [DNSQuestion]
    /// The answer to one of those.
    func hear(_ answer: DNSAnswer, to question: DNSQuestion, nowMs: Int64)
}

/// Who answers what. A kind that nobody answers fails, and says what is not configured.
package struct Senses {
    package var sequence: (any Sense)?
    package var database: (any Sense)?
    package var directory: (any Sense)?
    package var meter: (any Sense)?
    package var recipient: (any Sense)?
    /// Also carries out effects.
    package var memory: (any Sense)?
    package var identity: (any Sense)?
    package var script: (any Sense)?
    package var nameWatch: (any NameWatch)?

    package init() {}

    func sense(for errand: Errand) -> (any Sense)? {
        guard case .ask(let question, _) = errand else { return memory }
        return switch question {
        case .sequence: sequence
        case .database: database
        case .directory: directory
        case .meter: meter
        case .recipient: recipient
        case .memory: memory
        case .identity: identity
        case .script: script
        case .dns, .callout, .scan, .time, .dice: nil
        }
    }

    /// What is said where `sense(for:)` is nil.
    static func absence(for errand: Errand) -> String {
        guard case .ask(let question, _) = errand else { return "nothing is remembered here" }
        return switch question {
        case .sequence: "there are no sequences"
        case .database: "no live database is configured"
        case .directory: "no directory is configured"
        case .meter: "no meter is configured"
        case .recipient: "nobody can be asked for recipients"
        case .memory: "nothing is remembered here"
        case .identity: "nobody knows identities here"
        case .script: "no folder of scripts is configured"
        case .dns, .callout, .scan, .time, .dice: "the lookups role doesn't answer that"
        }
    }

    private var all: [(any Sense)?] {
        [sequence, database, directory, meter, recipient, memory, identity, script]
    }

    /// Leaves the files to the role's next process.
    package func handOver() {
        for sense in all { sense?.handOver() }
    }

    /// Ends them all, in a process that goes on without the role: tests and commands.
    package func close() {
        for sense in all { sense?.close() }
    }
}
