// SPDX-License-Identifier: MIT

internal import Glibc
package import Mail

/// Questions of a command that asks a few and ends: a resolver of its own, on the caller's thread, which
/// waits; live databases, read when they are first asked for; scripts.
///
/// It only reads. What counts, what costs others work and what needs a secret isn't asked by a command:
/// meters, sequences, recipients, identities; and what is remembered belongs to the role.
package final class OneTimeLookup {
    private final class Collected {
        var answers: [Int: DNSAnswer] = [:]
    }

    private let resolver: Resolver
    private let budgetMs: Int
    private let files: [String: String]
    private var databases: [String: LiveDatabase] = [:]
    private let scripts: ScriptFolders

    /// `budgetMs` is wall time for the DNS questions of one call. `databases` are the paths of live ones, by
    /// name, `scripts` the folders of scripts by theirs.
    package init(
        settings: LookupSettings, databases: [String: String] = [:], scripts: [String: String] = [:],
        budgetMs: Int
    ) throws(LookupError) {
        resolver = try Resolver(settings: settings)
        files = databases
        self.scripts = ScriptFolders(scripts)
        self.budgetMs = budgetMs
    }

    /// One answer for each question, in their order; nil for what can't be asked here.
    package func answers(_ questions: [Question]) -> [Answer?] {
        let names = questions.compactMap { question -> DNSQuestion? in
            if case .dns(let question) = question { question } else { nil }
        }
        var found = answers(names)[...]
        return questions.map { question in
            switch question {
            case .dns: return found.popFirst().map(Answer.dns)
            case .database(let question): return .database(answer(question))
            case .script(let question): return .script(scripts.answer(question))
            default: return Self.ownAnswer(question)
            }
        }
    }

    /// What needs nobody to be asked; nil for all else.
    package static func ownAnswer(_ question: Question) -> Answer? {
        switch question {
        case .time: .time(SteadyTime.wallMilliseconds() / 1_000)
        case .dice: .dice(Int.random(in: 0..<1_000_000))
        default: nil
        }
    }

    private func answer(_ question: DatabaseQuestion) -> DatabaseAnswer {
        guard let path = files[question.database] else {
            return .failed("there is no live database \(question.database)")
        }
        let database =
            databases[question.database] ?? LiveDatabase(name: question.database, path: path, logger: nil)
        databases[question.database] = database
        return database.answer(question.key)
    }

    /// One answer for each question, in their order; `timedOut` for those that the budget didn't suffice for.
    package func answers(_ questions: [DNSQuestion]) -> [DNSAnswer] {
        let collected = Collected()
        for (index, question) in questions.enumerated() {
            resolver.resolve(question) { collected.answers[index] = $0 }
        }
        let end = Self.nowMs() &+ budgetMs
        while collected.answers.count < questions.count {
            let remaining = end &- Self.nowMs()
            guard remaining > 0 else { break }
            var polled = pollfd(fd: resolver.descriptor, events: Int16(POLLIN), revents: 0)
            if poll(&polled, 1, Int32(clamping: remaining)) > 0 { resolver.process() }
        }
        return questions.indices.map { collected.answers[$0] ?? .timedOut }
    }

    private static func nowMs() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec &* 1_000 &+ time.tv_nsec / 1_000_000
    }
}
