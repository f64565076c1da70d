// SPDX-License-Identifier: MIT

internal import DurableQueue

/// Who waits for which release. An entry is released once at a time: whoever asks meanwhile waits for the
/// same attempt.
struct ReleaseDesk {
    /// One command, which may release several entries and answers once.
    final class Request {
        fileprivate var results: [ActResult?] = []
        fileprivate var isAnswered = false
        fileprivate let answer: @Sendable ([UInt8]) -> Void
        let deadlineMs: Int

        init(deadlineMs: Int, answer: @escaping @Sendable ([UInt8]) -> Void) {
            self.deadlineMs = deadlineMs
            self.answer = answer
        }

        /// A place for a result to come.
        func reserve() -> Int {
            results.append(nil)
            return results.count - 1
        }

        func fill(_ place: Int, _ result: ActResult) { results[place] = result }

        /// Answers once every place is filled.
        func answerIfComplete() {
            guard !isAnswered, !results.contains(where: { $0 == nil }) else { return }
            isAnswered = true
            var lines = AnswerLines()
            for case .some(let result) in results { lines.append(result) }
            answer(lines.finished())
        }
    }

    struct Waiter {
        let request: Request
        let place: Int
        let key: String
        /// It began the attempt, or its key did; others hear that they came late.
        let isFirst: Bool
    }

    private var waiters: [EntryID: [Waiter]] = [:]

    func isAwaited(_ id: EntryID) -> Bool { !waiters.isEmpty && waiters[id] != nil }

    func isKeyOf(_ id: EntryID, _ key: String) -> Bool {
        !key.isEmpty && waiters[id]?.contains { $0.isFirst && $0.key == key } == true
    }

    mutating func add(_ id: EntryID, _ waiter: Waiter) { waiters[id, default: []].append(waiter) }

    /// The attempt is over.
    mutating func remove(_ id: EntryID) -> [Waiter] { waiters.removeValue(forKey: id) ?? [] }

    /// When the next waiter has waited long enough.
    var firstDeadlineMs: Int? {
        waiters.isEmpty
            ? nil
            : waiters.values.joined().lazy.filter { !$0.request.isAnswered }.map(\.request.deadlineMs).min()
    }

    /// Tells those whose time is over that the attempt goes on. It stays a release: what isn't taken is held
    /// again.
    func answerLate(_ nowMs: Int) {
        for (id, waiters) in waiters {
            for waiter in waiters where !waiter.request.isAnswered && waiter.request.deadlineMs <= nowMs {
                waiter.request.fill(
                    waiter.place,
                    ActResult(
                        id: id.description, result: .inProgress,
                        reason: "the attempt goes on; \"show\" tells what came of it"))
                waiter.request.answerIfComplete()
            }
        }
    }
}
